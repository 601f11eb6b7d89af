/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For people: what was found in a few lines, and with --explain what each of it rests on. */
#include "src/advice/format_private.h"

#include "src/advice/danger.h"
#include "src/base/escape.h"
#include "src/model/syscall_name.h"

#define LABEL_WIDTH 13

static void add_label(struct text *out, const char *label)
{
    text_add_string(out, "  ");
    text_add_string(out, label);
    text_add_spaces(out, LABEL_WIDTH - strlen(label));
}

static void add_names(struct text *out, uint64_t set)
{
    static const struct set_style style = { "", "", " ", false };

    format_set(out, set, &style);
}

static void add_row(struct text *out, const char *label, uint64_t set, const char *why)
{
    if (!set)
        return;
    add_label(out, label);
    add_names(out, set);
    text_add_string(out, why);
    text_add_char(out, '\n');
}

static void add_title(struct text *out, const struct advice *advice)
{
    const struct circumstances *about = advice->circumstances;
    uint64_t checks = advice->subject->checks;

    format_foreign(out, about->name);
    text_add_string(out, " (");
    text_add_string(out, about->runtime);
    if (about->image) {
        text_add_string(out, ", ");
        format_foreign(out, about->image);
    }
    text_add_string(out, "): ");
    text_add_unsigned(out, checks);
    text_add_string(out, checks == 1 ? " check" : " checks");
    if (about->is_read)
        text_add_string(out, ", read from rows\n");
    else
        text_add_string(out, about->start_seen ? ", seen from its start on\n"
                                               : ", its start was not seen\n");
}

static void add_files(struct text *out, const struct circumstances *about)
{
    for (size_t i = 0; i < about->file_count; i++) {
        add_label(out, "to start");
        add_names(out, about->files[i].permitted);
        text_add_string(out, " for ");
        format_foreign(out, about->files[i].path);
        text_add_string(out, ", whose file has it: without it exec(2) fails, unseen\n");
    }
}

/* The most dangerous first; HIGH are a way to the host. */
static void add_unused(struct text *out, uint64_t unused)
{
    unsigned int order[CAPABILITY_MAX];
    size_t count = danger_order(unused, order);

    if (!count)
        return;
    add_label(out, "for nothing");
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_add_char(out, ' ');
        format_name(out, order[i], false);
        if (danger_of(order[i]) == DANGER_HIGH)
            text_add_char(out, '!');
    }
    text_add_char(out, '\n');
}

static void add_unreached(struct text *out, const struct advice *advice)
{
    bool ambient = advice->circumstances->manner == MANNER_AMBIENT;

    add_row(out, "not reached", advice->unreached,
            ambient ? ": denied to users who are not root, where root is at work, too"
                    : ": denied to users who are not root, whom --cap-add alone gives nothing; "
                      "with a file capability of the program it does, or starting as root");
}

static void add_narrowed(struct text *out, const struct advice *advice)
{
    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (!(advice->narrowed >> i & 1))
            continue;
        add_label(out, "narrower");
        add_names(out, advice->subject->evidence[i]->narrower);
        text_add_string(out, " does all that ");
        format_name(out, i, false);
        text_add_string(out, " was used for\n");
    }
}

/* In the words of whoever runs it. */
static void add_answer(struct text *out, const struct advice *advice)
{
    static const struct set_style style = { "CAP_", "", " ", false };
    const char *runtime = advice->circumstances->runtime;

    if (strcmp(runtime, "systemd") == 0) {
        text_add_string(out, "CapabilityBoundingSet=");
        format_set(out, advice->need, &style);
    } else if (strcmp(runtime, "command") == 0) {
        add_names(out, advice->need);
        text_add_string(out, advice->need ? "" : "no capability");
    } else {
        format_flags(out, advice->need);
    }
}

static void add_unseen(struct text *out, uint64_t count)
{
    if (!count)
        return;
    text_add_string(out, "  Programs that had ended before their files could be looked at: ");
    text_add_unsigned(out, count);
    text_add_string(out, ". What one needs to start,\n  by its file, is not in here.\n");
}

static void add_conclusion(struct text *out, const struct advice *advice)
{
    const struct circumstances *about = advice->circumstances;

    if (about->is_filtered)
        text_add_string(out, "  A seccomp filter is in force: what it refuses is never asked for, "
                             "and not in here.\n  To see it all, run it once without (docker, "
                             "podman: --security-opt seccomp=unconfined).\n");
    if (about->is_read)
        text_add_string(
            out, "  What was not among the rows, of its start as of a trace with a filter, is "
                 "not in here; nor is\n  what the files of its programs need to start.\n");
    else if (!about->start_seen)
        text_add_string(out, "  What only its start needs is not in here: start it again while "
                             "this command runs.\n");
    add_unseen(out, about->unseen_programs);
    if (advice->subject->sets_own)
        text_add_string(out,
                        "  A program in it sets its own capabilities. capset(2) fails without a "
                        "check if it asks for\n  one that it was not given: add those that "
                        "it means to keep.\n");
    if (about->is_torn)
        text_add_string(out,
                        "  Checks were lost meanwhile: something may be missing. Take a larger "
                        "--buffer-size.\n");
    text_add_string(out, "  => ");
    add_answer(out, advice);
    text_add_char(out, '\n');
}

/* -------- --explain -------- */

static void add_example(struct text *out, const struct evidence_example *example)
{
    const char *call = syscall_name(example->syscall, example->compat);

    text_add_string(out, "      ");
    text_add_unsigned(out, example->count);
    text_add_string(out, example->denied ? " x denied to " : " x allowed to ");
    (void)escape_terminal(out, example->comm, strnlen(example->comm, EVENT_COMM_SIZE), 0, false);
    text_add_string(out, " (uid ");
    text_add_unsigned(out, example->uid);
    text_add_string(out, ") in ");
    text_add_string(out, call ? call : "no system call");
    if (example->denial) {
        text_add_string(out, ": ");
        text_add_string(out, denial_word(example->denial));
    }
    text_add_char(out, '\n');
}

static void add_evidence(struct text *out, unsigned int capability, const struct evidence *evidence)
{
    text_add_string(out, "    ");
    if (capability_meaning(capability))
        text_add_string(out, capability_meaning(capability));
    else
        format_name(out, capability, false);
    text_add_char(out, '\n');
    for (size_t i = 0; i < evidence->example_count; i++)
        add_example(out, &evidence->examples[i]);
    if (evidence->more) {
        text_add_string(out, "      ");
        text_add_unsigned(out, evidence->more);
        text_add_string(out, " x by others\n");
    }
    for (enum use use = USE_FALLBACK; use < USES; use++) {
        if (!evidence->uses[use] || use == USE_MISSED)
            continue;
        text_add_string(out, "      ");
        text_add_unsigned(out, evidence->uses[use]);
        text_add_string(out, " of these: ");
        text_add_string(out, use_meaning(use));
        if (use == USE_ADVISORY) {
            text_add_string(out, ": ");
            text_add_string(out, evidence->advisory);
        }
        text_add_char(out, '\n');
    }
}

static void explain_all(struct text *out, const struct subject *subject)
{
    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (subject->evidence[i])
            add_evidence(out, i, subject->evidence[i]);
    }
}

void format_text(struct text *out, const struct advice *advice, bool explain)
{
    add_title(out, advice);
    if (advice->confidence == CONFIDENCE_NONE && !advice->circumstances->only_denials) {
        text_add_string(out, "  No advice: it asked for nothing while it was watched, and what its "
                             "start needs was not seen.\n  Start it again while this command "
                             "runs, and let it work.\n");
        return;
    }
    add_row(out, "uses", advice->used, "");
    add_row(out, "lacks", advice->missing, "");
    add_narrowed(out, advice);
    add_files(out, advice->circumstances);
    add_row(out, "without need", advice->unneeded, ": asked for, and nothing depended on it");
    add_unreached(out, advice);
    add_row(out, "not inside", advice->outside & ~advice->need,
            ": denied outside of its user namespace, where no option gives it");
    add_unused(out, advice->unused);
    if (explain)
        explain_all(out, advice->subject);
    if (advice->circumstances->only_denials)
        text_add_string(out,
                        "  No advice: there is no row of what it was allowed, so that what it uses "
                        "is not known.\n  Trace without --verdict deny.\n");
    else
        add_conclusion(out, advice);
}
