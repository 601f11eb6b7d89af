/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel may take the CPU away from a task inside of the kernel, and so inside of a BPF
 * program. Fixed when the kernel is built, chosen at boot (preempt=, since 5.12), or while it runs
 * (debugfs: sched/preempt).
 */
#pragma once

#include "src/base/macros.h"

enum preemption {
    PREEMPTION_UNKNOWN = 0, /* it is chosen at boot, and we cannot see what was chosen */
    PREEMPTION_OFF,         /* none, voluntary: only where the kernel's code offers it */
    PREEMPTION_ON,          /* full, lazy, real time */
};

enum preemption preemption_of_kernel(void);

/* The parts of the answer; pure. */

/* uname(2)'s version: "#1 SMP PREEMPT_DYNAMIC Debian 6.12.5-1 (2024-12-15)". */
enum preemption preemption_of_build(const char *version);
/* debugfs: "none voluntary (full) lazy". */
enum preemption preemption_of_mode(const char *text);
/* /proc/cmdline: "quiet preempt=full". */
enum preemption preemption_of_command_line(const char *text);
/* One line of the kernel's configuration: "CONFIG_PREEMPT_NONE=y\n". */
enum preemption preemption_of_setting(const char *line);
