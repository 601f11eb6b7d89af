/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/format_private.h"

#include "src/base/escape.h"
#include "src/model/syscall_name.h"

static void add_text(struct text *out, const char *key, const char *value)
{
    text_add_string(out, ",\"");
    text_add_string(out, key);
    text_add_string(out, "\":");
    if (value)
        escape_json_quoted(out, value, strlen(value));
    else
        text_add_string(out, "null");
}

static void add_truth(struct text *out, const char *key, bool value)
{
    text_add_string(out, ",\"");
    text_add_string(out, key);
    text_add_string(out, value ? "\":true" : "\":false");
}

static void add_number(struct text *out, const char *key, uint64_t value)
{
    text_add_string(out, ",\"");
    text_add_string(out, key);
    text_add_string(out, "\":");
    text_add_unsigned(out, value);
}

static void add_set(struct text *out, const char *key, uint64_t set)
{
    static const struct set_style style = { "\"", "\"", ",", false };

    text_add_string(out, ",\"");
    text_add_string(out, key);
    text_add_string(out, "\":[");
    format_set(out, set, &style);
    text_add_char(out, ']');
}

static void add_example(struct text *out, const struct evidence_example *example)
{
    const char *name = syscall_name(example->syscall, example->compat);

    text_add_string(out, "{\"comm\":");
    escape_json_quoted(out, example->comm, strnlen(example->comm, EVENT_COMM_SIZE));
    add_text(out, "syscall", name);
    add_number(out, "euid", example->uid);
    add_text(out, "verdict", example->denied ? "Deny" : "Allow");
    add_text(out, "reason", denial_word(example->denial));
    add_number(out, "count", example->count);
    text_add_char(out, '}');
}

static void add_evidence(struct text *out, unsigned int capability, const struct evidence *evidence)
{
    bool first = true;

    text_add_string(out, "{\"capability\":\"");
    format_name(out, capability, false);
    text_add_string(out, "\",\"checks\":{");
    for (enum use use = 0; use < USES; use++) {
        if (!evidence->uses[use])
            continue;
        text_add_string(out, first ? "\"" : ",\"");
        first = false;
        text_add_string(out, use_word(use));
        text_add_string(out, "\":");
        text_add_unsigned(out, evidence->uses[use]);
    }
    text_add_string(out, "},\"callers\":[");
    for (size_t i = 0; i < evidence->example_count; i++) {
        if (i)
            text_add_char(out, ',');
        add_example(out, &evidence->examples[i]);
    }
    text_add_string(out, "]");
    add_number(out, "moreCallersChecks", evidence->more);
    add_set(out, "narrower", evidence->narrower);
    text_add_char(out, '}');
}

static void add_all_evidence(struct text *out, const struct subject *subject)
{
    bool first = true;

    text_add_string(out, ",\"evidence\":[");
    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (!subject->evidence[i])
            continue;
        if (!first)
            text_add_char(out, ',');
        first = false;
        add_evidence(out, i, subject->evidence[i]);
    }
    text_add_char(out, ']');
}

static void add_files(struct text *out, const struct circumstances *circumstances)
{
    text_add_string(out, ",\"files\":[");
    for (size_t i = 0; i < circumstances->file_count; i++) {
        const char *path = circumstances->files[i].path;

        text_add_string(out, i ? ",{\"path\":" : "{\"path\":");
        escape_json_quoted(out, path, strlen(path));
        add_set(out, "permitted", circumstances->files[i].permitted);
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static const char *confidence_word(enum confidence confidence)
{
    static const char *const words[] = { "none", "part", "whole" };

    return words[confidence];
}

void format_json(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    const struct circumstances *circumstances = advice->circumstances;

    text_add_string(out, "{\"version\":");
    text_add_unsigned(out, ADVICE_JSON_VERSION);
    add_text(out, "container", circumstances->name);
    add_text(out, "runtime", circumstances->runtime);
    add_text(out, "image", circumstances->image);
    add_text(out, "confidence", confidence_word(advice->confidence));
    add_truth(out, "startSeen", circumstances->start_seen);
    add_truth(out, "checksLost", circumstances->is_torn);
    add_truth(out, "seccomp", circumstances->is_filtered);
    add_truth(out, "capset", advice->subject->sets_own);
    add_truth(out, "filesSeen", !circumstances->is_blind);
    add_number(out, "programsUnseen", circumstances->unseen_programs);
    add_truth(out, "hasRoot", advice->subject->has_root);
    add_number(out, "rootUid", advice->subject->root);
    add_number(out, "namespaceLevel", advice->subject->level);
    add_number(out, "checks", advice->subject->checks);
    add_truth(out, "fromRows", circumstances->is_read);
    if (circumstances->held_unknown)
        add_text(out, "held", NULL);
    else
        add_set(out, "held", advice->held);
    add_set(out, "used", advice->used);
    add_set(out, "missing", advice->missing);
    add_set(out, "narrowed", advice->narrowed);
    add_set(out, "unneeded", advice->unneeded);
    add_set(out, "unreached", advice->unreached);
    add_set(out, "outside", advice->outside);
    if (circumstances->held_unknown)
        add_text(out, "unused", NULL);
    else
        add_set(out, "unused", advice->unused);
    if (advice->confidence == CONFIDENCE_NONE)
        add_text(out, "need", NULL);
    else
        add_set(out, "need", advice->need);
    add_files(out, circumstances);
    add_all_evidence(out, advice->subject);
    text_add_string(out, "}\n");
}
