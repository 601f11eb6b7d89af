/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trace from end to end in which kernel, cgroups and engines are fakes, and the rows are read
 * back as JSON. One test program includes it once.
 */
#pragma once

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "src/base/loop.h"
#include "src/base/output.h"
#include "src/model/record.h"
#include "src/trace/pipeline.h"
#include "tests/unit/fake_engines.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/fake_source.h"

#define ID       "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define OTHER_ID "a17f0c2e00000000000000000000000000000000000000000000000000000003"

/* Numbers of cgroups that each test has. */
#define DOCKER  10 /* /docker, where it has its containers */
#define WEB     11 /* /docker/ID */
#define UNIT    12 /* /system.slice/job.service */
#define NEW     20 /* in no tree yet */
#define NOWHERE 99 /* in no tree, ever */

static struct {
    sd_event *event;
    struct match match;
    struct filter filter;
    struct pipeline_options options;
    struct pipeline *pipeline;
    struct output output;
    struct sink *sink;
    int fd;
    struct pipeline_counts counts; /* after finish() */
    size_t engine_words, losses_told;
    bool ended;
    int ended_with;
} t;

static void on_engine(UNUSED void *userdata, UNUSED const char *runtime,
                      UNUSED enum runtime_state state, UNUSED const struct error *reason)
{
    t.engine_words++;
}

static void on_lost(UNUSED void *userdata, UNUSED enum loss_kind kind, uint64_t count)
{
    t.losses_told += count;
}

static void on_ended(UNUSED void *userdata, int result, UNUSED const struct error *error)
{
    assert_false(t.ended);
    t.ended = true;
    t.ended_with = result;
}

static void open_sink(int fd)
{
    static const struct sink_options options = { .format = SINK_JSON, .table = &record_fields };

    t.fd = fd;
    assert_true(fd >= 0);
    assert_int_equal(output_init(&t.output, fd, -1, 1 << 16), 0);
    assert_int_equal(sink_new(&options, &t.output, &t.sink, NULL), 0);
}

static int set_up(UNUSED void **state)
{
    struct error error;

    memset(&t, 0, sizeof(t));
    fake_engines_reset();
    fake_source_reset();
    fake_tree_init(&host_tree);
    fake_tree_add(&host_tree, DOCKER, "/docker");
    fake_tree_add(&host_tree, WEB, "/docker/" ID);
    fake_tree_add(&host_tree, UNIT, "/system.slice/job.service");
    t.options.match = &t.match;
    t.filter.table = &record_fields;
    t.options.filter = &t.filter;
    t.options.tracer.allowed = t.options.tracer.denied = true;
    open_sink(memfd_create("rows", MFD_CLOEXEC));
    assert_int_equal(sd_event_new(&t.event), 0);
    return match_init(&t.match, NULL, 0, NULL, 0, &error);
}

static int tear_down(UNUSED void **state)
{
    pipeline_free(&t.pipeline);
    assert_null(fake_source.listener);
    sink_free(&t.sink);
    output_clear(&t.output);
    close_fd(&t.fd);
    match_clear(&t.match);
    filter_clear(&t.filter);
    sd_event_unref(t.event);
    return 0;
}

static int try_start(struct error *error)
{
    static const struct pipeline_listener listener = {
        .engine = on_engine,
        .lost = on_lost,
        .ended = on_ended,
    };

    return pipeline_new(&t.options, t.event, t.sink, &listener, &t.pipeline, error);
}

UNUSED static void start(void)
{
    struct error error = { 0 };

    if (try_start(&error) < 0)
        fail_msg("%s", error.message);
}

/* -------- what happens -------- */

/* One denied check in a cgroup, by a process of the host's namespaces. */
UNUSED static void check(uint64_t cgroup_id, uint32_t flags)
{
    fake_check(&(struct capability_event){
        .cgroup_id = cgroup_id,
        .flags = flags,
        .pid = 1,
        .capability = 21,
        .denied = 1,
        .comm = "job",
    });
}

UNUSED static void born(uint64_t id, const char *path)
{
    fake_tree_add(&host_tree, id, path);
    fake_cgroup(EVENT_CGROUP_BORN, id, 1, 1);
}

UNUSED static void executed(uint64_t id, uint32_t pid)
{
    fake_cgroup(EVENT_CGROUP_EXEC, id, 0, pid);
}

UNUSED static void gone(uint64_t id)
{
    fake_tree_remove(&host_tree, id);
    fake_cgroup(EVENT_CGROUP_GONE, id, 0, 1);
}

static void finish(void)
{
    assert_int_equal(pipeline_finish(t.pipeline), 0);
    t.counts = pipeline_counts(t.pipeline);
}

/* -------- what is shown -------- */

/* The rows so far, one after the other; owned by the caller. */
static cJSON *read_rows(void)
{
    cJSON *rows = cJSON_CreateArray();
    struct stat status;
    char *text, *line;

    assert_true(sink_flush(t.sink, false) >= 0);
    assert_true(output_flush(&t.output) >= 0);
    assert_int_equal(fstat(t.fd, &status), 0);
    text = calloc(1, (size_t)status.st_size + 1);
    assert_non_null(text);
    assert_int_equal(pread(t.fd, text, (size_t)status.st_size, 0), status.st_size);
    for (line = text; *line; line += strcspn(line, "\n") + 1) {
        cJSON *row = cJSON_ParseWithLength(line, strcspn(line, "\n"));

        assert_non_null(row);
        cJSON_AddItemToArray(rows, row);
    }
    free(text);
    return rows;
}

UNUSED static size_t count_rows(void)
{
    cJSON *rows = read_rows();
    size_t count = (size_t)cJSON_GetArraySize(rows);

    cJSON_Delete(rows);
    return count;
}

/* A field of the last row. "" where it is null or no text; static. */
UNUSED static const char *last_row(const char *field)
{
    static char text[256];
    cJSON *rows = read_rows(), *row = cJSON_GetArrayItem(rows, cJSON_GetArraySize(rows) - 1);
    const cJSON *value = cJSON_GetObjectItem(row, field);

    assert_non_null(row);
    assert_non_null(value);
    (void)snprintf(text, sizeof(text), "%s", cJSON_IsString(value) ? value->valuestring : "");
    cJSON_Delete(rows);
    return text;
}

/* Lets the loop run until `condition`; the guard is against hanging only. */
#define RUN_UNTIL(condition)                                 \
    do {                                                     \
        for (int turns_ = 0; !(condition); turns_++) {       \
            assert_in_range(turns_, 0, 1000);                \
            assert_true(sd_event_run(t.event, 100000) >= 0); \
        }                                                    \
    } while (0)

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
