/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/notice.h"

#include "src/base/escape.h"

void notice_add_summary(struct text *text, const struct notice *notice)
{
    bool any = false;

    text_add_unsigned(text, notice->shown);
    text_add_string(text, notice->shown == 1 ? " event shown, " : " events shown, ");
    text_add_unsigned(text, notice->lost);
    text_add_string(text, " lost");
    for (size_t i = 0; i < LOSS_KINDS; i++) {
        if (!notice->totals[i])
            continue;
        text_add_string(text, any ? ", " : " (");
        text_add_unsigned(text, notice->totals[i]);
        text_add_char(text, ' ');
        text_add_string(text, loss_name((enum loss_kind)i));
        any = true;
    }
    text_add_string(text, any ? ")" : "");
}

static enum journal_kind tell(const void *object, struct text *message)
{
    const struct notice *notice = object;

    if (notice->kind == JOURNAL_SUMMARY) {
        notice_add_summary(message, notice);
        return notice->kind;
    }
    text_add_string(message, notice->runtime);
    text_add_string(message, notice->kind == JOURNAL_ENGINE_AWAY ? " does not answer" : " answers");
    if (notice->reason) {
        text_add_string(message, ": ");
        (void)escape_terminal(message, notice->reason, strlen(notice->reason), 0, false);
    }
    return notice->kind;
}

static struct value get_time(const void *object)
{
    return (struct value){ .kind = VALUE_TIME, .number = ((const struct notice *)object)->time_ns };
}

static struct value get_runtime(const void *object)
{
    return value_text(((const struct notice *)object)->runtime);
}

static struct value get_reason(const void *object)
{
    return value_text(((const struct notice *)object)->reason);
}

/* What only a summary has. */
#define SUMMARY_GETTER(name, member)                                                    \
    static struct value get_##name(const void *object)                                  \
    {                                                                                   \
        const struct notice *notice = object;                                           \
                                                                                        \
        return notice->kind == JOURNAL_SUMMARY ? value_unsigned(member) : value_none(); \
    }

SUMMARY_GETTER(shown, notice->shown)
SUMMARY_GETTER(lost, notice->lost)
SUMMARY_GETTER(setup, notice->hidden.setup)
SUMMARY_GETTER(overridden, notice->hidden.overridden)
SUMMARY_GETTER(foreign, notice->hidden.foreign)
SUMMARY_GETTER(repeats, notice->hidden.repeats)
SUMMARY_GETTER(crowded, notice->crowded)

static const struct field fields[] = {
    { .name = "timestamp",
      .journal = JOURNAL_TIME,
      .help = "when it happened, in microseconds since 1970",
      .kind = VALUE_TIME,
      .get = get_time },
    { .name = "runtime",
      .journal = "CONTAINER_RUNTIME",
      .help = "engine that went or came",
      .kind = VALUE_TEXT,
      .get = get_runtime },
    { .name = "reason",
      .journal = "REASON",
      .help = "what is wrong, or how it was found",
      .kind = VALUE_TEXT,
      .get = get_reason },
    { .name = "shown",
      .journal = "SHOWN",
      .help = "checks that entries stand for, in the whole trace",
      .kind = VALUE_UNSIGNED,
      .get = get_shown },
    { .name = "lost",
      .journal = "LOST",
      .help = "checks that no entry stands for, in the whole trace",
      .kind = VALUE_UNSIGNED,
      .get = get_lost },
    { .name = "setup",
      .journal = "HIDDEN_SETUP",
      .help = "checks of engines at work in containers, which are hidden",
      .kind = VALUE_UNSIGNED,
      .get = get_setup },
    { .name = "overridden",
      .journal = "HIDDEN_OVERRIDDEN",
      .help = "checks under borrowed credentials, which are hidden",
      .kind = VALUE_UNSIGNED,
      .get = get_overridden },
    { .name = "foreign",
      .journal = "HIDDEN_FOREIGN",
      .help = "checks of another's credentials, which are hidden",
      .kind = VALUE_UNSIGNED,
      .get = get_foreign },
    { .name = "repeats",
      .journal = "HIDDEN_REPEATS",
      .help = "checks that --unique has hidden",
      .kind = VALUE_UNSIGNED,
      .get = get_repeats },
    { .name = "crowded",
      .journal = "CROWDED",
      .help = "times that a user's cgroup was shown by its number, as users have made too many",
      .kind = VALUE_UNSIGNED,
      .get = get_crowded },
};

const struct field_table notice_fields = { fields, ARRAY_SIZE(fields), tell, NULL };
