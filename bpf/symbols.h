/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a function of the kernel begins and how long it is, asked of the kernel itself: reading
 * /proc/kallsyms up to the same line costs more than all the rest of the start.
 * bpf_kallsyms_lookup_name: Linux 5.16.
 */
#pragma once

#include "bpf/event.h"
#include "bpf/kernel.h"

struct symbol_query symbol_query; /* filled in and read by user space around each run */

SEC("syscall")
int find_symbol(void *ctx)
{
    __u64 address = 0;

    symbol_query.address = 0;
    if (bpf_kallsyms_lookup_name(symbol_query.name, sizeof(symbol_query.name), 0, &address) < 0)
        return 0;
    symbol_query.address = address;
    BPF_SNPRINTF(symbol_query.text, sizeof(symbol_query.text), "%pS", (void *)address);
    return 0;
}
