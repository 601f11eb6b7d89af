/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "src/doctor/doctor.h"
#include "src/host/powers.h"
#include "src/source/backend.h"
#include "src/source/tracer.h"

#define SECTION "Tracing"

/* Where one works the others are no fault. */
static void excuse(struct findings *findings, size_t first)
{
    for (size_t i = first; i < findings->count; i++) {
        if (findings->items[i].mark == FINDING_BAD)
            findings->items[i].mark = FINDING_FACT;
    }
}

static const char *advise(const struct backend *backend, int r)
{
    if (r != -EPERM)
        return backend->remedy;
    return powers_check(NULL) < 0 ? "Run it as root, on the host itself."
                                  : "It takes a kernel that permits it, to root at least.";
}

static void say_audit(struct findings *findings, enum tracer_audit audit)
{
    static const struct {
        enum finding_mark mark;
        const char *advice, *words;
    } sources[] = {
        [TRACER_AUDIT_UNKNOWN] = { FINDING_BAD,
                                   "Run it as root or with CAP_SYSLOG, and with the sysctl "
                                   "kernel.kptr_restrict below 2.",
                                   "unknown: silent probes are shown as what programs ask for" },
        [TRACER_AUDIT_UNWOUND] = { FINDING_BAD,
                                   "Nothing is wrong with what is shown. If it is so each time: "
                                   "please report this kernel.",
                                   "inferred from the caller of a check. Where it stands on the "
                                   "stack could not be learnt: stacks are unwound, and a silent "
                                   "check of a container takes some 2 us longer" },
        [TRACER_AUDIT_PLACED] = { FINDING_GOOD, NULL,
                                  "inferred from the caller of a check, found by its place on the "
                                  "stack" },
        [TRACER_AUDIT_READ] = { FINDING_GOOD, NULL, "the kernel says it of each check" },
    };

    findings_add(findings, SECTION, "AUDIT", sources[audit].mark, sources[audit].advice, "%s",
                 sources[audit].words);
}

bool doctor_backends(struct findings *findings, const struct cgroup_tree *tree,
                     uint64_t buffer_size, const char **ret_best)
{
    struct tracer_options options = {
        .hierarchy = tree->hierarchy,
        .hierarchy_id = tree->hierarchy_id,
        .buffer_size = buffer_size,
    };
    size_t first = findings->count;
    enum tracer_audit audit = TRACER_AUDIT_UNKNOWN, best_audit = TRACER_AUDIT_UNKNOWN;
    struct error error;

    *ret_best = NULL;
    for (size_t i = 0; i < backend_count; i++) {
        int r;

        options.backend = backends[i].name;
        r = tracer_try(&options, &audit, &error);
        if (r < 0) {
            findings_add(findings, "Back-ends", backends[i].name, FINDING_BAD,
                         advise(&backends[i], r), "%s", error.message);
            continue;
        }
        if (!*ret_best) {
            *ret_best = backends[i].name;
            best_audit = audit;
        }
        findings_add(findings, "Back-ends", backends[i].name, FINDING_GOOD, NULL, "works: %s",
                     backends[i].summary);
    }
    if (*ret_best) {
        excuse(findings, first);
        say_audit(findings, best_audit);
    }
    findings_add(findings, SECTION, "ring buffer", FINDING_FACT, NULL,
                 "%llu KiB of the kernel's memory, by default",
                 (unsigned long long)buffer_size >> 10);
    return *ret_best;
}
