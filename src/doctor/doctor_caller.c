/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/stat.h>

#include "src/doctor/doctor.h"
#include "src/host/powers.h"

#define SECTION "Caller"

/* Inode numbers of the namespaces that the kernel was started with, include/linux/proc_ns.h. */
static const struct {
    const char *name;
    const char *path;
    ino_t initial;
    const char *consequence;
    const char *advice;
    bool needed;
} namespaces[] = {
    { "user namespace", "/proc/self/ns/user", 0xEFFFFFFD,
      "not the host's: the kernel takes no BPF program from here",
      "Run it on the host itself, or in a privileged container without a user namespace.", true },
    { "PID namespace", "/proc/self/ns/pid", 0xEFFFFFFC,
      "not the host's: processes are shown by their numbers there, and cannot be looked at",
      "In a container: run that with --pid host.", false },
    { "cgroup namespace", "/proc/self/ns/cgroup", 0xEFFFFFFB,
      "not the host's: containers outside of it are not told apart from the host",
      "In a container: run that with --cgroupns host, and with the host's /sys/fs/cgroup.", false },
};

static bool look_at_namespaces(struct findings *findings)
{
    bool good = true;

    for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
        struct stat status;
        bool initial =
            stat(namespaces[i].path, &status) == 0 && status.st_ino == namespaces[i].initial;

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
