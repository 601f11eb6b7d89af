/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/service.h"

#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "src/base/macros.h"

void service_ready(sd_event *event)
{
    (void)sd_event_set_watchdog(event, true); /* 0 where the unit has none */
    (void)sd_notify(false, "READY=1\nSTATUS=Tracing.");
}

void service_stopping(void)
{
    (void)sd_notify(false, "STOPPING=1\nSTATUS=Handing over what was seen.");
}

bool service_stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM"); /* DEVICE:INODE: systemd.exec(5) */
    struct stat status;
    char own[64];

    if (!stream || fstat(STDERR_FILENO, &status) < 0)
        return false;
    (void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return strcmp(stream, own) == 0;
}
