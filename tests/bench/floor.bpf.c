/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that do nothing, one set for each back-end: what the kernel takes for the hook alone. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("tp_btf/cap_capable")
int tracepoint(void *context)
{
    return 0;
}

SEC("fexit/cap_capable")
int fexit(void *context)
{
    return 0;
}

SEC("kprobe/cap_capable")
int kprobe(void *context)
{
    return 0;
}

SEC("kretprobe/cap_capable")
int kprobe_return(void *context)
{
    return 0;
}
