/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/source/callers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/base/macros.h"

#include "bpf/gadget.skel.h"

/* Of known_callers: the hook through which nearly all checks are made. */
#define HOOK 0

/*
 * Functions that ask silently, or for a setid call, and those that ask for others, as of Linux
 * 6.18. Those that the kernel does not have (or has inlined) simply do not occur in a stack.
 */
static const struct {
    const char *name;
    enum caller_kind kind;
} known_callers[] = {
    [HOOK] = { "security_capable", CALLER_RELAY },
    { "ns_capable_common", CALLER_RELAY },
    { "ns_capable_noaudit", CALLER_SILENT },
    { "has_ns_capability_noaudit", CALLER_SILENT },
    { "has_capability_noaudit", CALLER_SILENT },
    { "ptracer_capable", CALLER_SILENT },
    { "kallsyms_show_value", CALLER_SILENT },
    { "cap_vm_enough_memory", CALLER_SILENT },
    { "security_vm_enough_memory_mm", CALLER_SILENT },
    { "ns_capable_setid", CALLER_SETID },
};
_Static_assert(ARRAY_SIZE(known_callers) <= CALLERS_MAX, "event.h: CALLERS_MAX");

/* Start and size of a function; false when the kernel has none of that name, or does not tell. */
static bool find_function(struct gadget_bpf *skeleton, const char *name,
                          struct caller_range *ret_range)
{
    LIBBPF_OPTS(bpf_test_run_opts, options);
    struct symbol_query *query = &skeleton->bss->symbol_query;
    const char *size;

    memset(query, 0, sizeof(*query));
    (void)snprintf(query->name, sizeof(query->name), "%s", name);
    if (bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.find_symbol), &options) < 0)
        return false;
    query->text[sizeof(query->text) - 1] = '\0';
    size = strrchr(query->text, '/');
    if (!query->address || !size)
        return false;
    ret_range->start = query->address;
    ret_range->size = strtoull(size + 1, NULL, 16);
    return ret_range->size > 0;
}

bool callers_teach(struct gadget_bpf *skeleton)
{
    bool any = false;

    for (size_t i = 0; i < ARRAY_SIZE(known_callers); i++) {
        struct caller_range *caller = &skeleton->bss->callers[i];

        if (!find_function(skeleton, known_callers[i].name, caller))
            continue;
        caller->kind = known_callers[i].kind;
        any = any || caller->kind != CALLER_RELAY;
    }
    __atomic_store_n(&skeleton->bss->callers_known, any, __ATOMIC_SEQ_CST);
    return any;
}

/* -------- places -------- */

static bool lies_in(uint64_t address, const struct caller_range *range)
{
    return address - range->start - 1 < range->size;
}

/* The only word that is this address; CALLER_WORDS: there is none, or more than one. */
static size_t find_word(const struct caller_sample *sample, uint64_t address)
{
    size_t found = CALLER_WORDS;

    for (size_t i = 0; i < CALLER_WORDS; i++) {
        if (sample->words[i] != address)
            continue;
        if (found < CALLER_WORDS)
            return CALLER_WORDS;
        found = i;
    }
    return found;
}

__u32 callers_find_places(const struct caller_sample *sample, const struct caller_range *relay)
{
    size_t frame = 0, inner, outer;

    while (frame + 1 < CALLER_DEPTH && !lies_in(sample->frames[frame], relay))
        frame++;
    if (frame + 1 == CALLER_DEPTH || !sample->frames[frame + 1])
        return 0;
    inner = find_word(sample, sample->frames[frame]);
    outer = find_word(sample, sample->frames[frame + 1]);
    return inner < outer && outer < CALLER_WORDS ? CALLER_PLACES(inner, outer) : 0;
}

static void set_places(struct gadget_bpf *skeleton, __u32 places)
{
    __atomic_store_n(&skeleton->bss->caller_places, places, __ATOMIC_SEQ_CST);
}

bool callers_learn(struct gadget_bpf *skeleton)
{
    __u32 places =
        callers_find_places(&skeleton->bss->caller_sample, &skeleton->bss->callers[HOOK]);

    set_places(skeleton, places);
    return places != 0;
}

void callers_forget(struct gadget_bpf *skeleton)
{
    set_places(skeleton, 0);
}

bool callers_are_placed(const struct gadget_bpf *skeleton)
{
    return __atomic_load_n(&skeleton->bss->caller_places, __ATOMIC_SEQ_CST) != 0;
}
