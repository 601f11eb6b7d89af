/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/doctor/doctor.h"
#include "src/host/namespaces.h"
#include "src/host/powers.h"

#define SECTION "Caller"

static const struct {
    enum host_namespace which;
    const char *name;
    const char *consequence;
    const char *advice;
    bool needed;
} namespaces[] = {
    { NAMESPACE_USER, "user namespace", "not the host's: the kernel takes no BPF program from here",
      "Run it on the host itself, or in a privileged container without a user namespace.", true },
    { NAMESPACE_PID, "PID namespace",
      "not the host's: processes are shown by their numbers there, and cannot be looked at",
      "In a container: run that with --pid host.", false },
    { NAMESPACE_CGROUP, "cgroup namespace",
      "not the host's: containers outside of it are not told apart from the host",
      "In a container: run that with --cgroupns host, and with the host's /sys/fs/cgroup.", false },
};

static bool look_at_namespaces(struct findings *findings)
{
    bool good = true;

    for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
        bool initial = namespace_is_hosts(namespaces[i].which);

        if (initial)
            findings_add(findings, SECTION, namespaces[i].name, FINDING_GOOD, NULL, "the host's");
        else
            findings_add(findings, SECTION, namespaces[i].name, FINDING_BAD, namespaces[i].advice,
                         "%s", namespaces[i].consequence);
        good = good && (initial || !namespaces[i].needed);
    }
    return good;
}

bool doctor_caller(struct findings *findings)
{
    uint64_t effective = powers_effective();
    bool good = true;

    for (size_t i = 0; i < power_count; i++) {
        bool there = power_is_there(&powers[i], effective);

        findings_add(findings, SECTION, powers[i].name, there ? FINDING_GOOD : FINDING_BAD,
                     there              ? NULL
                     : powers[i].needed ? "Run it as root: sudo local-gadget doctor."
                                        : "Run it as root, if you want that.",
                     "%s", powers[i].purpose);
        good = good && (there || !powers[i].needed);
    }
    return look_at_namespaces(findings) && good;
}
