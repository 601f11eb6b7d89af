/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc tells of a process besides its checks. Nothing below its root is looked up, and no
 * file system of its asked: see program_reader.h.
 */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "src/base/macros.h"

struct process_facts {
    uint64_t bounding; /* capability set */
    bool filtered;     /* a seccomp filter is in force */
    bool root_known;
    uint32_t root; /* uid of its user namespace's root, as the host numbers users */
    char comm[16];
    char program[PATH_MAX]; /* as its mount namespace has it; "" where it is not told */
};

/* 0, or a negative errno: it has gone. *ret_program is its program's file by O_PATH, or negative.
 */
int process_facts_read(pid_t pid, struct process_facts *ret_facts, int *ret_program);

/* Whether a seccomp filter is in force; false, too, when it has gone. */
bool process_is_filtered(pid_t pid);

/*
 * The permitted set of a value of security.capability, if the kernel refuses to execute the file
 * without it; 0 where it does not, or cannot be read. Source: security/commoncap.c of Linux 6.18.
 */
uint64_t process_file_needs(const void *value, size_t size);
