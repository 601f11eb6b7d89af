/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/alternative.h"

#include <linux/capability.h>

#include "src/model/syscall_name.h"

static const char *const memory_calls[] = {
    "brk",  "clone", "clone3",   "execve", "execveat", "fork",
    "mmap", "mmap2", "mprotect", "mremap", "vfork",    NULL,
};
static const char *const capset_calls[] = { "capset", NULL };
static const char *const write_calls[] = {
    "write",    "pwrite64",        "writev", "pwritev",   "pwritev2",   "truncate",    "ftruncate",
    "sendfile", "copy_file_range", "splice", "fallocate", "truncate64", "ftruncate64", NULL,
};

/* In which calls a capability is asked for without anybody's wanting it. */
static const struct {
    unsigned int capability;
    const char *const *calls;
    bool if_unaudited; /* unless it is known that the denial would be audited */
    const char *why;
} advisories[] = {
    { CAP_SETPCAP, capset_calls, false,
      "capset(2) asks for it each time, and goes on without it unless the inheritable set grows" },
    { CAP_FSETID, write_calls, false,
      "a write asks whether set-user-ID bits of the file survive it, and goes on" },
    { CAP_SYS_ADMIN, memory_calls, true,
      "the kernel asks whether memory that is reserved for root may be used, too" },
};

static bool is_made_in(const struct capability_event *event, const char *const *calls)
{
    const char *name = syscall_name(event->syscall, event->flags & EVENT_COMPAT);

    while (name && *calls && strcmp(*calls, name) != 0)
        calls++;
    return name && *calls;
}

bool alternative_is_capset(const struct capability_event *event)
{
    return event->capability == CAP_SETPCAP && is_made_in(event, capset_calls);
}

const char *alternative_why(unsigned int capability)
{
    for (size_t i = 0; i < ARRAY_SIZE(advisories); i++) {
        if (advisories[i].capability == capability)
            return advisories[i].why;
    }
    return NULL;
}

const char *alternative_advisory(const struct capability_event *event)
{
    for (size_t i = 0; i < ARRAY_SIZE(advisories); i++) {
        if (advisories[i].capability == event->capability &&
            !(advisories[i].if_unaudited && event->audit == 1) &&
            is_made_in(event, advisories[i].calls))
            return advisories[i].why;
    }
    return NULL;
}
