/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/utsname.h>

#include "src/base/kernel_file.h"
#include "src/doctor/doctor.h"
#include "src/host/kernel_btf.h"
#include "src/host/lockdown.h"
#include "src/host/preemption.h"
#include "src/stacks/kernel_symbols.h"

#define SECTION  "Kernel"
#define LSM_PATH "/sys/kernel/security/lsm"

static void look_at_release(struct findings *findings)
{
    struct utsname host;

    if (uname(&host) == 0)
        findings_add(findings, SECTION, "release", FINDING_FACT, NULL, "%s, %s", host.release,
                     host.machine);
}

static bool look_at_btf(struct findings *findings)
{
    _cleanup_(kernel_btf_clear)
    struct kernel_btf btf = { 0 };
    struct error error;

    if (kernel_btf_load(&btf, &error) < 0) {
        findings_add(findings, SECTION, "BTF", FINDING_BAD,
                     "Boot a kernel with CONFIG_DEBUG_INFO_BTF=y: those of Debian, Ubuntu, Fedora "
                     "and RHEL have it.",
                     "%s", error.message);
        return false;
    }
    findings_add(findings, SECTION, "BTF", FINDING_GOOD, NULL, "%s, %zu KiB", KERNEL_BTF_PATH,
                 btf.size / 1024);
    return true;
}

static void look_at_lockdown(struct findings *findings)
{
    static const char *const words[] = {
        [LOCKDOWN_UNKNOWN] = "unknown: no " LOCKDOWN_PATH,
        [LOCKDOWN_NONE] = "none",
        [LOCKDOWN_INTEGRITY] = "integrity: that restricts no tracing",
        [LOCKDOWN_CONFIDENTIALITY] =
            "confidentiality: no kprobes, and no reading of kernel memory by address",
    };

    enum lockdown level = lockdown_level();

    findings_add(findings, SECTION, "lockdown", FINDING_FACT,
                 level == LOCKDOWN_UNKNOWN ? "To know it: mount -t securityfs none "
                                             "/sys/kernel/security."
                                           : NULL,
                 "%s", words[level]);
}

static void look_at_preemption(struct findings *findings)
{
    static const char *const words[] = {
        [PREEMPTION_UNKNOWN] = "unknown: each program is attached twice, to be safe",
        [PREEMPTION_OFF] = "none or voluntary: no task is stopped inside of a program",
        [PREEMPTION_ON] =
            "full or lazy: each program is attached twice, as tasks may be stopped inside of one",
    };

    findings_add(findings, SECTION, "preemption", FINDING_FACT, NULL, "%s",
                 words[preemption_of_kernel()]);
}

static void look_at_security_modules(struct findings *findings)
{
    char text[512];

    if (kernel_file_read(LSM_PATH, text, sizeof(text)))
        findings_add(findings, SECTION, "LSMs", FINDING_FACT, NULL, "%s", text);
    else
        findings_add(findings, SECTION, "LSMs", FINDING_FACT, NULL, "unknown: no %s", LSM_PATH);
}

static void look_at_symbols(struct findings *findings)
{
    struct kernel_symbols *symbols;
    struct error error;

    if (kernel_symbols_new(&symbols, &error) < 0) {
        findings_add(findings, SECTION, "symbols", FINDING_BAD,
                     "Only --print-stack needs them: run as root, with kernel.kptr_restrict at 0 "
                     "or 1.",
                     "%s", error.message);
        return;
    }
    kernel_symbols_free(&symbols);
    findings_add(findings, SECTION, "symbols", FINDING_GOOD, NULL,
                 "names for the kernel functions of --print-stack");
}

bool doctor_kernel(struct findings *findings)
{
    bool good;

    look_at_release(findings);
    good = look_at_btf(findings);
    look_at_lockdown(findings);
    look_at_preemption(findings);
    look_at_security_modules(findings);
    look_at_symbols(findings);
    return good;
}
