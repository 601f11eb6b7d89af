/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/journal.h"

enum { LOG_WARNING_LEVEL = 4, LOG_NOTICE_LEVEL = 5, LOG_INFO_LEVEL = 6 };

const struct journal_kind_row journal_kinds[JOURNAL_KINDS] = {
    [JOURNAL_DENIED] = { .name = "denied",
                         .message_id = "1662376ee23d4b15b2a36a2596a76115",
                         .help = "a process was denied a capability",
                         .priority = LOG_WARNING_LEVEL },
    [JOURNAL_ALLOWED] = { .name = "allowed",
                          .message_id = "1d9d4508fdcb40ed8d6152b06b3c8022",
                          .help = "a process used a capability that it had",
                          .priority = LOG_INFO_LEVEL },
    [JOURNAL_LOST] = { .name = "lost",
                       .message_id = "aee28d40a1fc49eb94055a0a24f34b26",
                       .help = "checks were made of which there is no entry",
                       .priority = LOG_NOTICE_LEVEL },
    [JOURNAL_ENGINE_AWAY] = { .name = "engine-away",
                              .message_id = "9391b7ca196d4f638f6189de5d967a22",
                              .help = "an engine does not answer: its new containers have no names",
                              .priority = LOG_NOTICE_LEVEL },
    [JOURNAL_ENGINE_BACK] = { .name = "engine-back",
                              .message_id = "795eddf7d350407394ae5b2692cb3431",
                              .help = "an engine answers",
                              .priority = LOG_INFO_LEVEL },
    [JOURNAL_SUMMARY] = { .name = "summary",
                          .message_id = "ca95e4f302904b94994d19f9d0781f2f",
                          .help = "the trace has ended: how many checks were shown and lost",
                          .priority = LOG_NOTICE_LEVEL },
};

const struct journal_own_field journal_own_fields[] = {
    { "MESSAGE", "the entry in one sentence, for people" },
    { "MESSAGE_ID", "which kind of entry it is; see above" },
    { "PRIORITY", "4 where something was denied, 5 for losses, absent engines and the summary, "
                  "else 6" },
    { "SYSLOG_IDENTIFIER", "always local-gadget, for journalctl -t" },
    { "SYSLOG_TIMESTAMP", "when it happened, as RFC 3339 with nanoseconds" },
    { "DOCUMENTATION", "always man:local-gadget-journal-fields(7)" },
    { "COUNT", "how many checks the entry stands for: those of one container, capability, verdict, "
               "program and system call within a second. The other fields are of the first one" },
    { "VARIED", "1 where a container asked in so many programs and system calls within the second "
                "that the entry stands for several of them" },
};
const size_t journal_own_field_count = ARRAY_SIZE(journal_own_fields);

const char *const journal_forbidden_fields[] = { "CONTAINER_ID_FULL", "CONTAINER_TAG", NULL };

bool journal_has_field(const char *name)
{
    if (name[0] == '_')
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(journal_own_fields); i++) {
        if (strcmp(name, journal_own_fields[i].name) == 0)
            return true;
    }
    return false;
}
