/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/backend.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#include "src/host/kernel_btf.h"
#include "src/host/lockdown.h"
#include "src/host/powers.h"

#if defined(__aarch64__)
#define FEXIT_REMEDY \
    "It needs Linux 6.4 with BTF and trampolines (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)."
#else
#define FEXIT_REMEDY \
    "It needs Linux 5.5 with BTF and trampolines, or 6.1 under lockdown for confidentiality."
#endif

/* "return 0" */
static const struct bpf_insn nothing[] = {
    { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
    { .code = BPF_JMP | BPF_EXIT },
};

static int try_load(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
    LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach,
                .attach_btf_id = (__u32)btf_id);
    _cleanup_(close_fd)
    int fd = bpf_prog_load(type, "probe", "GPL", nothing, ARRAY_SIZE(nothing), &options);

    return fd < 0 ? -errno : 0;
}

int backend_refused(int r, const char *what, struct error *error)
{
    struct error lacking;

    if (r != -EPERM)
        return error_set(error, r, "the kernel refuses %s: %s", what, error_text(r));
    if (powers_check(&lacking) < 0)
        return error_set(error, r, "the kernel does not permit %s: %s", what, lacking.message);
    return error_set(error, r, "the kernel does not permit %s to anybody: %s", what,
                     lockdown_blame(lockdown_level()));
}

static int probe_fexit(const struct kernel_btf *btf, struct error *error)
{
    int id = kernel_btf_find(btf, "cap_capable", BTF_KIND_FUNC), r;

    if (id < 0)
        return error_set(error, -ENOENT, "the kernel's BTF has no function cap_capable");
    r = try_load(BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, id);
    return r < 0 ? backend_refused(r, "fexit programs", error) : 0;
}

static int probe_tracepoint(const struct kernel_btf *btf, struct error *error)
{
    int id = kernel_btf_find(btf, "btf_trace_cap_capable", BTF_KIND_TYPEDEF), r;

    if (id < 0)
        return error_set(error, -ENOENT,
                         "the kernel has no trace event capability:cap_capable (new in 6.14)");
    r = try_load(BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, id);
    return r < 0 ? backend_refused(r, "programs on trace events", error) : 0;
}

static int probe_kprobe(UNUSED const struct kernel_btf *btf, struct error *error)
{
    int r;

    if (access("/sys/bus/event_source/devices/kprobe", F_OK) < 0)
        return error_set(error, -ENOENT, "the kernel has no kprobes (CONFIG_KPROBE_EVENTS)");
    r = try_load(BPF_PROG_TYPE_KPROBE, 0, 0);
    return r < 0 ? backend_refused(r, "kprobe programs", error) : 0;
}

#define NAME(word) .name = #word

/* clang-format off */
const struct backend backends[] = {
    [BACKEND_fexit] = {
        NAME(fexit),
        .programs = { "capable_fexit" },
        .second = "capable_fexit2",
        .gives_options = true,
        .probe = probe_fexit,
        .summary = "everything is read, at the least cost",
        .remedy = FEXIT_REMEDY,
    },
    [BACKEND_tracepoint] = {
        NAME(tracepoint),
        .programs = { "capable_tracepoint", "find_symbol" },
        .second = "capable_tracepoint2",
        .probe = probe_tracepoint,
        .summary = "under lockdown too; AUDIT is inferred from the caller",
        .remedy = "It needs Linux 6.14.",
    },
    [BACKEND_kprobe] = {
        NAME(kprobe),
        .programs = { "capable_entry", "capable_return" },
        .gives_options = true,
        .joins_return = true,
        .probe = probe_kprobe,
        .summary = "everything is read, at the highest cost",
        .remedy = "It needs CONFIG_KPROBE_EVENTS, and no lockdown for confidentiality.",
    },
};
/* clang-format on */
const size_t backend_count = ARRAY_SIZE(backends);
_Static_assert(ARRAY_SIZE(backends) == BACKEND_COUNT, "a row of BACKENDS is missing");

const struct backend *backend_find(const char *name)
{
    for (size_t i = 0; i < backend_count; i++) {
        if (strcmp(backends[i].name, name) == 0)
            return &backends[i];
    }
    return NULL;
}
