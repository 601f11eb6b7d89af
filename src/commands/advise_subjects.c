/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/advise_subjects.h"

#include <fcntl.h>
#include <limits.h>

#include "src/containers/cgroup_tree.h"
#include "src/containers/process_facts.h"
#include "src/model/record_read.h"

#define PROCESSES_MAX 4096 /* of a container, that are looked at at a time */

/* -------- one container -------- */

static void subject_free(struct advise_subject *one)
{
    for (size_t i = 0; i < one->circumstances.file_count; i++)
        free((void *)(uintptr_t)one->files[i].path);
    for (size_t i = 0; i < one->circumstances.program_count; i++)
        free((void *)(uintptr_t)one->programs[i].path);
    subject_clear(&one->subject);
    container_unref(&one->container);
    free(one->key);
    free(one);
}

/* Engines that give --cap-add to users who are not root, too; a bundle's config.json can. */
static enum engine_manner manner_of(const char *runtime)
{
    static const char *const ambient[] = { "podman", "systemd", "command", "runc", "crun" };

    for (size_t i = 0; i < ARRAY_SIZE(ambient); i++) {
        if (strcmp(runtime, ambient[i]) == 0)
            return MANNER_AMBIENT;
    }
    return MANNER_BOUNDING;
}

static void describe(struct advise_subject *one, const struct container *container)
{
    struct circumstances *about = &one->circumstances;

    if (container == one->container)
        return;
    container_unref(&one->container);
    one->container = container_ref((struct container *)(uintptr_t)container);
    about->name = container_display_name(container, one->short_id);
    about->runtime = container->runtime;
    about->image = container->image;
    about->manner = manner_of(container->runtime);
    about->files = one->files;
    about->programs = one->programs;
    /* It was made for the command, which waited for us. */
    about->start_seen = about->start_seen || strcmp(container->runtime, "command") == 0;
}

static bool has_file(const struct advise_subject *one, const char *path, uint64_t permitted)
{
    for (size_t i = 0; i < one->circumstances.file_count; i++) {
        if (one->files[i].permitted == permitted && strcmp(one->files[i].path, path) == 0)
            return true;
    }
    return false;
}

static bool add_file(struct advise_subject *one, const char *path, uint64_t permitted)
{
    size_t *count = &one->circumstances.file_count;
    char *copy;

    if (!permitted || has_file(one, path, permitted))
        return true;
    copy = *count < ADVISE_FILES_MAX ? strdup(path) : NULL;
    if (!copy)
        return false;
    one->files[(*count)++] = (struct started_file){ .path = copy, .permitted = permitted };
    return true;
}

/* -------- programs -------- */

/* *ret_is_new: its file was not met before, under any name. false: there is no room. */
static bool add_program(struct advise_subject *one, const struct process_facts *facts,
                        bool *ret_is_new)
{
    size_t *count = &one->circumstances.program_count;
    struct seen_program *program;

    *ret_is_new = true;
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(one->programs[i].path, facts->program) != 0)
            continue;
        *ret_is_new = false;
        if (strcmp(one->programs[i].comm, facts->comm) == 0)
            return true;
    }
    if (*count == ADVISE_PROGRAMS_MAX)
        return false;
    program = &one->programs[*count];
    program->path = strdup(facts->program);
    memcpy(program->comm, facts->comm, sizeof(program->comm));
    *count += program->path != NULL;
    return program->path != NULL;
}

static void miss(struct advise_subjects *subjects, struct advise_subject *one)
{
    subjects->unseen_programs++;
    if (one)
        one->circumstances.unseen_programs++;
}

/* Takes `file`. */
static void note_program(struct advise_subjects *subjects, struct advise_subject *one,
                         const struct process_facts *facts, int file)
{
    bool is_new = false;

    if (!facts->program[0] || file < 0 || !add_program(one, facts, &is_new))
        miss(subjects, one);
    else if (is_new && subjects->reader)
        program_reader_ask(subjects->reader, one->key, facts->program, TAKE_FD(file));
    close_fd(&file);
}

/* What its first process was given is what the container was given. */
static void look_at(struct advise_subjects *subjects, struct advise_subject *one, pid_t pid)
{
    struct process_facts facts;
    int file;

    if (process_facts_read(pid, &facts, &file) < 0) {
        miss(subjects, one);
        return;
    }
    one->circumstances.bounding |= facts.bounding;
    one->circumstances.is_filtered = one->circumstances.is_filtered || facts.filtered;
    if (facts.root_known && (!one->subject.checks || one->carried))
        one->subject.root = facts.root;
    one->carried = false;
    note_program(subjects, one, &facts, file);
}

static void on_needs(void *userdata, const char *key, const char *path, bool known, uint64_t needs)
{
    struct advise_subjects *subjects = userdata;
    struct advise_subject *one = string_table_get(&subjects->table, key, strlen(key));

    if (!known || !one || !add_file(one, path, needs))
        miss(subjects, one);
}

int advise_subjects_read_programs(struct advise_subjects *subjects, sd_event *event)
{
    const struct program_listener listener = { .answer = on_needs, .userdata = subjects };

    return program_reader_new(event, &listener, &subjects->reader);
}

void advise_subjects_finish(struct advise_subjects *subjects)
{
    if (subjects->reader)
        program_reader_finish(subjects->reader);
    program_reader_free(&subjects->reader);
}

/* -------- all of them -------- */

void advise_subjects_init(struct advise_subjects *subjects)
{
    *subjects = (struct advise_subjects){ .table.limit = ADVISE_SUBJECTS_MAX };
}

void advise_subjects_clear(struct advise_subjects *subjects)
{
    struct advise_subject *one;
    size_t at = 0;

    program_reader_free(&subjects->reader);
    while ((one = string_table_next(&subjects->table, &at, NULL)))
        subject_free(one);
    string_table_clear(&subjects->table);
    subjects->last = NULL;
}

static struct advise_subject *new_subject(struct advise_subjects *subjects, const char *key)
{
    struct advise_subject *one = calloc(1, sizeof(*one));

    if (!one)
        return NULL;
    one->key = strdup(key);
    if (!one->key || string_table_put(&subjects->table, key, strlen(key), one) < 0)
        subject_free(TAKE_PTR(one));
    return one;
}

/* NULL: there is no room. */
static struct advise_subject *subject_of(struct advise_subjects *subjects,
                                         const struct container *container)
{
    char short_id[CONTAINER_SHORT_ID + 1];
    struct advise_subject *one = subjects->last;
    const char *key;

    if (one && one->container == container) /* which it holds: it is no other of that address */
        return one;
    key = subjects->by_name ? container_display_name(container, short_id) : container->id;
    one = string_table_get(&subjects->table, key, strlen(key));
    if (!one)
        one = new_subject(subjects, key);
    if (one)
        describe(one, container);
    subjects->last = one;
    return one;
}

static void look_at_processes(struct advise_subjects *subjects, struct advise_subject *one)
{
    char path[PATH_MAX];
    _cleanup_(close_file)
    FILE *file = NULL;
    int pid;

    if (!subjects->tree || !one->container->cgroup_path)
        return;
    (void)snprintf(path, sizeof(path), "%s%s/cgroup.procs", subjects->tree->mount_point,
                   one->container->cgroup_path);
    file = fopen(path, "re");
    for (int i = 0; file && i < PROCESSES_MAX && fscanf(file, "%d", &pid) == 1; i++)
        look_at(subjects, one, pid);
}

void advise_subjects_note(struct advise_subjects *subjects, const struct pipeline_subject *seen)
{
    struct advise_subject *one = subject_of(subjects, seen->container);

    if (!one)
        return;
    one->wanted = true;
    one->circumstances.start_seen = one->circumstances.start_seen || seen->start_seen;
}

/* What is shown besides, when it is asked for, is no container's need. */
static bool is_own(const struct capability_event *event)
{
    return !(event->flags & (EVENT_SETUP | EVENT_OVERRIDDEN | EVENT_FOREIGN)) && event->audit;
}

void advise_subjects_add(struct advise_subjects *subjects, const struct record *record)
{
    struct advise_subject *one;

    if (!record->container || !is_own(record->event))
        return;
    one = subject_of(subjects, record->container);
    if (one)
        one->wanted = true;
    if (!one || subject_add(&one->subject, record->event, 1) < 0)
        subjects->beyond++;
}

void advise_subjects_replay(struct advise_subjects *subjects, const struct record_copy *copy,
                            uint64_t count)
{
    struct advise_subject *one;

    if (!is_own(&copy->event))
        return;
    one = subject_of(subjects, copy->container);
    if (!one) {
        subjects->beyond += count;
        return;
    }
    one->wanted = one->circumstances.is_read = one->subject.root_unknown = true;
    one->circumstances.held_unknown = one->circumstances.held_unknown || !copy->knows_bounding;
    if (subject_add(&one->subject, &copy->event, count) < 0)
        subjects->beyond += count;
}

struct advise_subject *advise_subjects_carry(struct advise_subjects *subjects,
                                             const struct container *container)
{
    struct advise_subject *one = subject_of(subjects, container);

    if (one)
        one->wanted = one->carried = true;
    return one;
}

void advise_subjects_file(struct advise_subject *one, const char *path, uint64_t permitted)
{
    (void)add_file(one, path, permitted);
}

void advise_subjects_program(struct advise_subjects *subjects, const struct container *container,
                             pid_t pid)
{
    struct advise_subject *one = subject_of(subjects, container);

    if (one)
        look_at(subjects, one, pid);
    else
        subjects->unseen_programs++;
}

void advise_subjects_look(struct advise_subjects *subjects)
{
    struct advise_subject *one;
    size_t at = 0;

    while ((one = string_table_next(&subjects->table, &at, NULL)))
        look_at_processes(subjects, one);
}

static int by_name(const void *a, const void *b)
{
    const struct advice *one = a, *other = b;

    return strcmp(one->circumstances->name, other->circumstances->name);
}

/* Anything, in an earlier run. */
static bool was_allowed(const struct subject *subject)
{
    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        if (subject_uses(subject, i, USE_GRANTED) || subject_uses(subject, i, USE_FALLBACK))
            return true;
    }
    return false;
}

struct advice *advise_subjects_judge(struct advise_subjects *subjects, bool lost, size_t *ret_count)
{
    struct advice *advices = calloc(subjects->table.count + 1, sizeof(*advices));
    struct advise_subject *one;
    size_t at = 0;

    *ret_count = 0;
    while (advices && (one = string_table_next(&subjects->table, &at, NULL))) {
        one->circumstances.is_torn = lost || subjects->beyond || one->was_torn;
        one->circumstances.is_blind = subjects->is_blind || one->was_blind;
        one->circumstances.only_denials = subjects->only_denials && !was_allowed(&one->subject);
        if (one->wanted)
            advices[(*ret_count)++] = judge(&one->subject, &one->circumstances);
    }
    if (advices)
        qsort(advices, *ret_count, sizeof(*advices), by_name);
    return advices;
}
