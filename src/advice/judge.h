/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a container's evidence says of it: which capabilities it needs, which it lacks, which it
 * asked for without need, which it has for nothing, and the smallest set that would do.
 *
 * Pure: what is known of the container besides its checks is handed in.
 */
#pragma once

#include "src/advice/evidence.h"

/* Who can give a capability to a process of a user who is not root. */
enum engine_manner {
    MANNER_BOUNDING = 0, /* --cap-add reaches root alone: Docker, containerd, CRI */
    MANNER_AMBIENT,      /* and the container's user: podman, AmbientCapabilities= of systemd */
};

/* A program that ran, whose file has capabilities: without these in the bounding set it does not
 * start. */
struct started_file {
    const char *path;   /* as the container sees it; hostile */
    uint64_t permitted; /* of its security.capability */
};

/* A program that ran, and under which name. */
struct seen_program {
    const char *path;           /* as the container sees it; hostile */
    char comm[EVENT_COMM_SIZE]; /* likewise; of its first thread when it began */
};

struct circumstances {
    const char *name; /* of the container; hostile */
    const char *runtime;
    const char *image; /* NULL: unknown */
    enum engine_manner manner;
    bool start_seen;   /* it was watched from its first program on */
    bool is_torn;      /* checks were lost meanwhile, whose is not known */
    bool is_blind;     /* nobody looked at the files of its programs */
    bool is_read;      /* from rows of an earlier trace, which may have left out some */
    bool only_denials; /* and those are denials alone: what it uses is not known */
    bool held_unknown; /* nothing says what it has */
    bool is_filtered;  /* by seccomp: what the filter refuses never reaches a check */
    uint64_t bounding; /* of its processes, for one that made no checks; 0: unknown */
    const struct started_file *files;
    size_t file_count;
    const struct seen_program *programs;
    size_t program_count;
    uint64_t unseen_programs; /* that had ended before their files could be looked at */
};

enum confidence {
    CONFIDENCE_NONE = 0, /* nothing was seen, neither its start nor a check, or nothing but denials:
                            no advice */
    CONFIDENCE_PART,     /* its start or its programs' files were not seen, checks were lost, or
                            a program sets its own capabilities: something may be missing */
    CONFIDENCE_WHOLE,    /* seen from its first program on, as far as it went, and without a gap */
};

/* Sets of capabilities. `need` is the smallest set that would do. */
struct advice {
    const struct circumstances *circumstances; /* borrowed, as is the next */
    const struct subject *subject;
    enum confidence confidence;
    uint64_t held;      /* what the container has in its bounding set */
    uint64_t used;      /* asked for and allowed, with nothing narrower that would do */
    uint64_t missing;   /* denied, and the container could be given it */
    uint64_t narrowed;  /* used only where something narrower, that is in `need`, would do */
    uint64_t files;     /* that programs need in order to start */
    uint64_t unneeded;  /* asked for, but nothing depended on it, or another capability did */
    uint64_t unreached; /* denied to users whom the engine can give nothing */
    uint64_t outside;   /* denied outside of the container's user namespace: nothing gives it */
    uint64_t unused;    /* held, and not needed */
    uint64_t need;
};

struct advice judge(const struct subject *subject, const struct circumstances *circumstances);
