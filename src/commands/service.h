/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a service manager is told, where there is one: sd_notify(3). */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

/* Everything is attached. From now on the loop feeds the watchdog that the unit may have. */
void service_ready(sd_event *event);
void service_stopping(void);

/* Whether standard error is the journal already, as in a service: what is an entry is not said a
 * second time there. It is a stream, which a journald that is stuck would make us wait for. */
bool service_stderr_is_journal(void);
