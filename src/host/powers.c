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
    (void)cap_free(*capabilities);
}

uint64_t powers_effective(void)
{
    _cleanup_(free_capabilities)
    cap_t capabilities = cap_get_proc();
    uint64_t effective = 0;

    for (cap_value_t i = 0; capabilities && i <= CAP_LAST_CAP; i++) {
        cap_flag_value_t value = CAP_CLEAR;

        if (cap_get_flag(capabilities, i, CAP_EFFECTIVE, &value) == 0 && value == CAP_SET)
            effective |= UINT64_C(1) << i;
    }
    return effective;
}

bool power_is_there(const struct power *power, uint64_t effective)
{
    uint64_t enough = UINT64_C(1) << power->capability;

    if (power->capability == CAP_BPF || power->capability == CAP_PERFMON)
        enough |= UINT64_C(1) << CAP_SYS_ADMIN;
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
