/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record to print, and a sink that prints into memory. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "src/base/output.h"
#include "src/model/container.h"
#include "src/model/loss.h"
#include "src/model/record.h"
#include "src/sink/sink.h"

#define SAMPLE_ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The numbers that a stranger cannot choose; the container is the test's. */
static inline struct capability_event sample_event(void)
{
    return (struct capability_event){
        .kind = EVENT_CAPABILITY,
        .cgroup_id = 4711,
        .effective = 1ULL << 0 | 1ULL << 23 | 1ULL << 62,
        .pid = 1234,
        .tid = 1235,
        .uid = 1000,
        .gid = 100,
        .mount_namespace = 4026532281,
        .current_userns = 4026531837,
        .target_userns = 4026531838,
        .syscall = EVENT_NO_SYSCALL,
        .comm = "nice",
        .capability = 23,
        .denied = 1,
        .audit = 1,
        .insetid = 0,
    };
}

static inline struct container *sample_container(const char *name)
{
    struct container *container = container_new("docker", SAMPLE_ID);

    assert_non_null(container);
    assert_int_equal(container_set_text(&container->name, name), 0);
    assert_int_equal(container_set_text(&container->image, "alpine:3"), 0);
    assert_int_equal(container_set_text(&container->cgroup_path, "/docker/" SAMPLE_ID), 0);
    assert_int_equal(container_add_label(container, "tier", "db\n"), 0);
    return container;
}

struct printer {
    struct output output;
    struct sink *sink;
    int fd;
    char *text; /* what has been printed; valid until the next call */
};

static inline void printer_open(struct printer *printer, const struct sink_options *options)
{
    *printer = (struct printer){ .fd = memfd_create("output", MFD_CLOEXEC) };
    assert_true(printer->fd >= 0);
    assert_int_equal(output_init(&printer->output, printer->fd, -1, 4096), 0);
    assert_int_equal(sink_new(options, &printer->output, &printer->sink, NULL), 0);
}

static inline const char *printer_text(struct printer *printer)
{
    off_t size = lseek(printer->fd, 0, SEEK_END);

    free(printer->text);
    printer->text = calloc(1, (size_t)size + 1);
    assert_non_null(printer->text);
    assert_int_equal(pread(printer->fd, printer->text, (size_t)size, 0), size);
    return printer->text;
}

static inline void printer_close(struct printer *printer)
{
    sink_free(&printer->sink);
    output_clear(&printer->output);
    free(printer->text);
    close_fd(&printer->fd);
}
