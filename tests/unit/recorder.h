/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The listening side of a driver, kept as simple as can be: remembers what was reported last. Also
 * a host of its own, a directory that $HOST_ROOT names. Defines what runtime.c defines, so that a
 * driver is tested without it; one test program includes it once.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "runtimes/files/container_list.h"
#include "runtimes/runtime_driver.h"

struct runtime {
    sd_event *event;
    struct container_list found; /* by id, as told last */
    char *looked_up;
    size_t reports; /* of all kinds */
    bool up;
    struct error down, left_out;
    char root[64];
};

sd_event *runtime_event(const struct runtime *runtime)
{
    return runtime->event;
}

UNUSED static struct container *recorded(const struct runtime *runtime, const char *id)
{
    for (size_t i = 0; i < runtime->found.count; i++)
        if (strcmp(runtime->found.items[i]->id, id) == 0)
            return runtime->found.items[i];
    return NULL;
}

static void forget(struct runtime *runtime, const char *id)
{
    struct container_list *list = &runtime->found;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i]->id, id) != 0)
            continue;
        container_unref(&list->items[i]);
        list->items[i] = list->items[--list->count];
        return;
    }
}

void runtime_report_found(struct runtime *runtime, struct container *container)
{
    runtime->reports++;
    forget(runtime, container->id);
    struct container *kept = container_ref(container);
    assert_int_equal(container_list_add(&runtime->found, &kept, SIZE_MAX), 0);
}

/* It has to be by the words that told of it. */
void runtime_report_removed(struct runtime *runtime, const struct container_origin *origin)
{
    const struct container *found = recorded(runtime, origin->id);

    runtime->reports++;
    assert_non_null(found);
    assert_string_equal(origin->runtime, found->runtime);
    assert_int_equal(origin->owner_uid, found->owner_uid);
    forget(runtime, origin->id);
}

void runtime_report_looked_up(struct runtime *runtime, const char *id)
{
    runtime->reports++;
    free(runtime->looked_up);
    runtime->looked_up = strdup(id);
}

void runtime_report_up(struct runtime *runtime)
{
    runtime->reports++;
    runtime->up = true;
}

void runtime_report_left_out(struct runtime *runtime, const struct error *what)
{
    runtime->left_out = *what;
}

void runtime_report_down(struct runtime *runtime, const struct error *reason)
{
    runtime->reports++;
    runtime->down = *reason;
}

/* Lets the loop run until `condition`; the guard is against hanging only. */
#define RUN_UNTIL(runtime, condition)                                \
    do {                                                             \
        for (int turns_ = 0; !(condition); turns_++) {               \
            assert_in_range(turns_, 0, 1000);                        \
            assert_true(sd_event_run((runtime)->event, 20000) >= 0); \
        }                                                            \
    } while (0)

/* Runs all that is due now. */
UNUSED static void run_quiet(struct runtime *runtime)
{
    while (sd_event_run(runtime->event, 50000) > 0)
        continue;
}

UNUSED static void recorder_open(struct runtime *runtime)
{
    *runtime = (struct runtime){ .root = "/tmp/local-gadget-test-XXXXXX" };
    if (geteuid() != 0)
        fail_msg("state directories of several users: run as root");
    assert_non_null(mkdtemp(runtime->root));
    assert_int_equal(setenv("HOST_ROOT", runtime->root, 1), 0);
    assert_int_equal(sd_event_new(&runtime->event), 0);
}

UNUSED static void recorder_close(struct runtime *runtime)
{
    char command[128];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", runtime->root);
    assert_int_equal(system(command), 0);
    container_list_clear(&runtime->found);
    free(runtime->looked_up);
    sd_event_unref(runtime->event);
}

/* Below the test's root; owned by the caller. */
static char *host_path(const struct runtime *runtime, const char *path)
{
    char *full = NULL;
    assert_true(asprintf(&full, "%s%s", runtime->root, path) > 0);
    return full;
}

/* Those of the components that do not exist yet become `owner`'s. */
UNUSED static void make_directories(const struct runtime *runtime, const char *path, uid_t owner)
{
    _cleanup_(free_string)
    char *full = host_path(runtime, path);
    for (char *at = full + strlen(runtime->root) + 1; at; at++) {
        at = strchrnul(at, '/');
        char kept = *at;
        *at = '\0';
        if (mkdir(full, 0755) == 0)
            assert_int_equal(chown(full, owner, owner), 0);
        *at = kept;
        if (kept == '\0')
            break;
    }
}

/* As engines do: a new file, renamed over the old one. */
UNUSED static void put_file(const struct runtime *runtime, const char *path, uid_t owner,
                            const char *text, size_t length)
{
    _cleanup_(free_string)
    char *full = host_path(runtime, path), *new = NULL;
    assert_true(asprintf(&new, "%s.tmp", full) > 0);
    _cleanup_(close_fd)
    int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), (ssize_t)length);
    assert_int_equal(fchown(fd, owner, owner), 0);
    assert_int_equal(rename(new, full), 0);
}

UNUSED static void put_text(const struct runtime *runtime, const char *path, uid_t owner,
                            const char *text)
{
    put_file(runtime, path, owner, text, strlen(text));
}

/* A recorded file; tests run in the top directory. */
UNUSED static char *fixture(const char *path, size_t *ret_length)
{
    _cleanup_(close_file)
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    *ret_length = fread(text, 1, (1 << 16) - 1, file);
    assert_true(*ret_length > 0);
    return text;
}
