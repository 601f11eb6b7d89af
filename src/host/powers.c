/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/host/powers.h"

#include <errno.h>

#include "src/host/namespaces.h"

const struct power powers[] = {
    { CAP_BPF, "BPF", "to load BPF programs", true },
    { CAP_PERFMON, "PERFMON", "to attach them", true },
    { CAP_DAC_READ_SEARCH, "DAC_READ_SEARCH", "to find a cgroup by its number", true },
    { CAP_SYS_PTRACE, "SYS_PTRACE",
      "to look at processes of other users: their namespaces, and "
      "their programs for --print-user-stack",
      false },
    { CAP_CHECKPOINT_RESTORE, "CHECKPOINT_RESTORE",
      "to read the very files that a program runs, for --print-user-stack", false },
    { CAP_SYSLOG, "SYSLOG",
      "to see addresses of kernel functions: back-end tracepoint knows silent probes by them, and "
      "--print-stack names them",
      false },
};
const size_t power_count = ARRAY_SIZE(powers);

static void free_capabilities(cap_t *capabilities)
{
    if (*capabilities)
        (void)cap_free(*capabilities);
}

static bool is_set(cap_t capabilities, cap_value_t capability, cap_flag_t flag)
{
    cap_flag_value_t value = CAP_CLEAR;

    return cap_get_flag(capabilities, capability, flag, &value) == 0 && value == CAP_SET;
}

uint64_t powers_effective(void)
{
    _cleanup_(free_capabilities)
    cap_t capabilities = cap_get_proc();
    uint64_t effective = 0;

    for (cap_value_t i = 0; capabilities && i <= CAP_LAST_CAP; i++) {
        if (is_set(capabilities, i, CAP_EFFECTIVE))
            effective |= POWER(i);
    }
    return effective;
}

bool power_is_there(const struct power *power, uint64_t effective)
{
    uint64_t enough = POWER(power->capability);

    if (power->capability == CAP_BPF || power->capability == CAP_PERFMON)
        enough |= POWER(CAP_SYS_ADMIN);
    return effective & enough;
}

int powers_check(struct error *error)
{
    uint64_t effective = powers_effective();

    for (size_t i = 0; i < power_count; i++) {
        if (powers[i].needed && !power_is_there(&powers[i], effective))
            return error_set(error, -EPERM,
                             "this needs root, or CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH: "
                             "run it with sudo");
    }
    if (!namespace_is_hosts(NAMESPACE_USER))
        return error_set(error, -EPERM,
                         "this is a user namespace, out of which the kernel takes no BPF program: "
                         "run it on the host itself, or in a privileged container without one");
    return 0;
}

int powers_set(uint64_t permitted, uint64_t effective)
{
    _cleanup_(free_capabilities)
    cap_t before = cap_get_proc();
    _cleanup_(free_capabilities)
    cap_t after = cap_init();

    if (!before || !after)
        return -ENOMEM;
    for (cap_value_t i = 0; i <= CAP_LAST_CAP; i++) {
        if (!(permitted & POWER(i)) || !is_set(before, i, CAP_PERMITTED))
            continue;
        if (cap_set_flag(after, CAP_PERMITTED, 1, &i, CAP_SET) < 0 ||
            cap_set_flag(after, CAP_EFFECTIVE, 1, &i, effective & POWER(i) ? CAP_SET : CAP_CLEAR) <
                0)
            return -errno;
    }
    return cap_set_proc(after) < 0 ? -errno : 0;
}

int powers_keep(uint64_t kept)
{
    return powers_set(kept, kept);
}

void powers_empty_bounding_set(void)
{
    for (cap_value_t value = 0; cap_get_bound(value) >= 0; value++)
        (void)cap_drop_bound(value);
}
