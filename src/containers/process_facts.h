/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc tells of a process besides its checks. Nothing below its root is looked up: the file
 * of its program is reached by the kernel's own link, and not opened.
 */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "src/base/macros.h"

struct process_facts {
    uint64_t bounding; /* capability set */
    bool filtered;     /* a seccomp filter is in force */
    bool root_known;
    uint32_t root;           /* uid of its user namespace's root, as the host numbers users */
    uint64_t file_permitted; /* what its program's file needs in the bounding set to be executed */
    char program[PATH_MAX];  /* as its mount namespace has it; "" where it is not told */
};

/* 0, or a negative errno: it has gone. */
int process_facts_read(pid_t pid, struct process_facts *ret_facts);

/* Whether a seccomp filter is in force; false, too, when it has gone. */
bool process_is_filtered(pid_t pid);

/*
 * The permitted set of a value of security.capability, if the kernel refuses to execute the file
 * without it; 0 where it does not, or cannot be read. Source: security/commoncap.c of Linux 6.18.
 */
uint64_t process_file_needs(const void *value, size_t size);
