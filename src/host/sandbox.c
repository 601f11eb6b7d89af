/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/sandbox_private.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "src/host/powers.h"

/*
 * DAC_READ_SEARCH: a cgroup by its number (open_by_handle_at), and what engines of other users keep
 * on disk. SYS_PTRACE: namespaces, root and program of a process (links of /proc/PID), which the
 * kernel refuses to who has less than that process.
 */
#define KEPT (POWER(CAP_DAC_READ_SEARCH) | POWER(CAP_SYS_PTRACE))

#define SECUREBITS                                                                           \
    (SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |                         \
     SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | \
     SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* What is in memory are names, paths and labels of others. /proc/self is root's from then on: who
 * has no power at all could not read there what he needs, and has learnt nothing that is secret. */
static int dump_nothing(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    if (geteuid() != 0 && !(powers_effective() & POWER(CAP_DAC_READ_SEARCH)))
        return 0;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

/* Before Linux 5.19 a host that forbids BPF to users refuses even what is asked of a descriptor. */
static bool is_refused_bpf(void)
{
    union bpf_attr attributes = { .info.bpf_fd = (uint32_t)-1 };

    return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof(attributes)) < 0 &&
           errno == EPERM;
}

static int lay_powers_down(const struct sandbox_options *options)
{
    uint64_t kept = KEPT | (options->foreign_sockets ? POWER(CAP_DAC_OVERRIDE) : 0);
    int r;

    /* Without the capability to change them they stay, as in a unit that is not given it. */
    (void)prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0);
    powers_empty_bounding_set();
    r = powers_set(kept | POWER(CAP_BPF), kept);
    if (r < 0)
        return r;
    return powers_keep(is_refused_bpf() ? kept | POWER(CAP_BPF) : kept);
}

int sandbox_enter(const struct sandbox_options *options, struct error *error)
{
    int r = dump_nothing();

    if (r >= 0)
        r = lay_powers_down(options);
    if (r >= 0)
        r = sandbox_allow_calls(options);
    return r < 0 ? error_set(error, r,
                             "cannot lay down what is not needed any more: %s (--no-sandbox does "
                             "without)",
                             strerror(-r))
                 : 0;
}
