/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/trace_summary.h"

#include "src/advice/format.h"
#include "src/base/log.h"

void trace_summary_init(struct trace_summary *summary)
{
    advise_subjects_init(&summary->subjects);
    summary->subjects.is_blind = true;
}

void trace_summary_clear(struct trace_summary *summary)
{
    advise_subjects_clear(&summary->subjects);
}

void trace_summary_note(struct trace_summary *summary, const struct pipeline_subject *seen)
{
    advise_subjects_note(&summary->subjects, seen);
    /* Who is root in there, and what its first program needs to start. */
    if (seen->container->pid)
        advise_subjects_program(&summary->subjects, seen->container, seen->container->pid);
}

void trace_summary_add(struct trace_summary *summary, const struct record *record)
{
    advise_subjects_add(&summary->subjects, record);
}

static void say_lines(const struct text *lines)
{
    const char *line = lines->data, *end = lines->data + lines->length;

    while (!lines->failed && line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));

        log_info("%.*s", (int)(next - line), line);
        line = next + 1;
    }
}

void trace_summary_table(struct trace_summary *summary, struct text *out,
                         const struct table_style *style)
{
    size_t count;
    struct advice *advices = advise_subjects_judge(&summary->subjects, false, &count);

    advice_table_write(out, advices, count, style);
    free(advices);
}

void trace_summary_say(struct trace_summary *summary, bool lost, bool is_filtered)
{
    struct text lines = { 0 };
    size_t count, told = 0, beyond = 0;
    struct advice *advices = advise_subjects_judge(&summary->subjects, lost, &count);

    for (size_t i = 0; i < count; i++) {
        size_t length = lines.length;

        if (told < TRACE_SUMMARY_MAX)
            advice_summary_write(&lines, &advices[i]);
        told += lines.length > length;
        beyond += told == TRACE_SUMMARY_MAX && lines.length == length && advices[i].subject->checks;
    }
    say_lines(&lines);
    if (beyond)
        log_info("and so on, for %zu more: advise capabilities tells of all", beyond);
    if (told && is_filtered)
        log_info("what the filter leaves out is not in these");
    text_clear(&lines);
    free(advices);
}
