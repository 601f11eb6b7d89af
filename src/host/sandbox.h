/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process can still do once it traces: read, and write into what is open. It has read what
 * strangers wrote for weeks, and whoever makes it do something of his own by that is to find
 * nothing that it could do for him.
 *
 * Landlock would say some of it better, and then more than that: whoever is under it is refused
 * /proc/PID/ns, /proc/PID/root and /proc/PID/exe of every process that is not, whatever its
 * capabilities. So it is the list of system calls that has no hole: files are opened by openat
 * alone, whose flags it sees.
 */
#pragma once

#include "src/base/error.h"

/* What it has to do besides what all have to. */
struct sandbox_options {
    bool journal;         /* large entries go to journald as files in memory */
    bool helpers;         /* their sockets are passed to it, and its children end */
    bool command;         /* its children end */
    bool foreign_sockets; /* an engine's socket is another user's, who alone may write to it */
};

/* 0 or a negative errno with a sentence: then it is undefined what is laid down already. */
int sandbox_enter(const struct sandbox_options *options, struct error *error);

/* As the kernel has it. */
struct sandbox_state {
    uint64_t effective; /* capabilities, one bit each */
    uint64_t bounding;
    bool no_new_privs;
    bool filtered;
};

bool sandbox_read(struct sandbox_state *ret_state);

/* "DAC_READ_SEARCH, SYS_PTRACE", or "none". */
#define SANDBOX_NAMES_SIZE 1024
void sandbox_name(uint64_t capabilities, char names[static SANDBOX_NAMES_SIZE]);
