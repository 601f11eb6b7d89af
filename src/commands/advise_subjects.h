/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `advise capabilities` gathers: for each container its evidence, and what is known of it
 * besides its checks.
 */
#pragma once

#include "src/advice/judge.h"
#include "src/base/hash.h"
#include "src/containers/program_reader.h"
#include "src/model/container.h"
#include "src/trace/pipeline.h"

#define ADVISE_SUBJECTS_MAX 10000 /* containers; more are counted */
#define ADVISE_FILES_MAX    32    /* programs of a container whose files have capabilities */
#define ADVISE_PROGRAMS_MAX 64    /* programs of a container that are told apart */

struct advise_subject {
    char *key;                   /* owned: in the table */
    struct container *container; /* owned reference */
    char short_id[CONTAINER_SHORT_ID + 1];
    struct subject subject;
    struct circumstances circumstances;
    struct started_file files[ADVISE_FILES_MAX];       /* paths owned */
    struct seen_program programs[ADVISE_PROGRAMS_MAX]; /* likewise */
    bool wanted; /* it is known to be one of those asked for */
    /* Of an earlier run, whose evidence is here, too. */
    bool carried;
    bool was_torn, was_blind;
    bool has_budget;
    uint64_t budget; /* what it may use or be denied */
};

struct advise_subjects {
    struct string_table table;      /* id of the container -> struct advise_subject, owned */
    struct advise_subject *last;    /* borrowed: the one that was asked for last; NULL: none */
    const struct cgroup_tree *tree; /* borrowed; NULL until the pipeline is there */
    uint64_t beyond;                /* checks for which there was no room */
    struct program_reader *reader;  /* owned; NULL: files are not looked at */
    uint64_t unseen_programs;       /* that were not looked at: gone, or too many */
    bool is_blind;                  /* programs are not told of */
    bool by_name; /* one container of a name after the other is the same to an advice */
    bool only_denials;
};

void advise_subjects_init(struct advise_subjects *subjects);
void advise_subjects_clear(struct advise_subjects *subjects);

/* Files of programs are looked at from here on, until advise_subjects_finish(). 0 or a negative
 * errno. */
int advise_subjects_read_programs(struct advise_subjects *subjects, sd_event *event);
void advise_subjects_finish(struct advise_subjects *subjects);

/* For struct pipeline_listener. */
void advise_subjects_note(struct advise_subjects *subjects, const struct pipeline_subject *seen);
void advise_subjects_add(struct advise_subjects *subjects, const struct record *record);
void advise_subjects_program(struct advise_subjects *subjects, const struct container *container,
                             pid_t pid);

/* A row of an earlier trace, which stands for so many checks. */
struct record_copy;
void advise_subjects_replay(struct advise_subjects *subjects, const struct record_copy *copy,
                            uint64_t count);

/* The one of this name, to which evidence of an earlier run is added; NULL: there is no room. */
struct advise_subject *advise_subjects_carry(struct advise_subjects *subjects,
                                             const struct container *container);
void advise_subjects_file(struct advise_subject *one, const char *path, uint64_t permitted);

/* Looks at the processes that are there, in each container. */
void advise_subjects_look(struct advise_subjects *subjects);

/* `lost`: not all checks came. An owned array (free it), by name; NULL with *ret_count 0 for none,
 * or without memory. What it points to is borrowed from `subjects`. */
struct advice *advise_subjects_judge(struct advise_subjects *subjects, bool lost,
                                     size_t *ret_count);
