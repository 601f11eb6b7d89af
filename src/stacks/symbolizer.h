/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that reads what belongs to others: /proc/PID/maps, and the programs and libraries of
 * containers. Those files may be made to crash or to hang whoever reads them, so that it is not
 * the tracer that does. It speaks over one socket, a message for each stack.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/macros.h"

#define SYMBOLIZER_FRAME_SIZE 256

struct symbolizer_request {
    uint64_t owner; /* of what is learned: what lies in its files is believed for its own frames */
    uint32_t pid;
    uint32_t uid;
    uint32_t neighbour_pid; /* a process with the same root that lives longer: a container's first;
                               0: none known */
    uint32_t count;
    char comm[EVENT_COMM_SIZE];
    struct user_frame frames[EVENT_STACK_DEPTH];
};

/* The first one has no frames, and comes without a request: it is ready. */
struct symbolizer_answer {
    uint32_t count;
    char frames[EVENT_STACK_DEPTH][SYMBOLIZER_FRAME_SIZE]; /* each ends in NUL */
};

/*
 * For whoever starts it, before: nobody's uid where it can be had, the three capabilities that
 * reading other processes and their files takes, and no way to gain more. 0 or a negative errno.
 */
int symbolizer_lay_down(void);

/* Confines itself to reading, answers until the socket is closed, and ends the process. */
_Noreturn void symbolizer_main(int socket);
