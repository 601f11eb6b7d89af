/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that tells what the test has it tell: defines what tracer.c and tracer_open.c define, so
 * that whoever listens to a tracer is tested without BPF; one test program includes it once.
 *
 *     fake_source_reset();
 *     ... tracer_new() ...
 *     fake_cgroup(EVENT_CGROUP_BORN, 11, 10);
 *     fake_check(&(struct capability_event){ .cgroup_id = 11, ... });
 *     assert_int_equal(fake_policy(11), POLICY_REPORT);
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "src/source/policy_table.h"
#include "src/source/tracer.h"

struct tracer {
    struct tracer_options options;
    const struct tracer_listener *listener; /* NULL: none is open */
    sd_event *event;                        /* once it has started */
    bool stopped;
    int refusal;              /* what tracer_new() answers */
    const char *only;         /* the back-end for which tracer_try() does not answer that */
    enum tracer_audit audit;  /* and what tracer_audit() does */
    size_t set_asides;        /* calls of tracer_set_aside() */
    void (*play)(void);       /* called on the loop, again and again */
    void (*last_words)(void); /* what is still in the ring when it is drained */
    sd_event_source *player;
    uint64_t policies[POLICY_SLOTS];
};

static struct tracer fake_source;

UNUSED static void fake_source_reset(void)
{
    memset(&fake_source, 0, sizeof(fake_source));
    fake_source.audit = TRACER_AUDIT_READ;
}

/* -------- what the test says -------- */

/* Of a copy: it is only borrowed. Where it has no time, it is now. `stacks`: NULL: none. */
UNUSED static void fake_check_with_stacks(const struct capability_event *event,
                                          const struct capability_stacks *stacks)
{
    struct capability_event copy = *event;
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    copy.kind = EVENT_CAPABILITY;
    if (!copy.time_ns)
        copy.time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    fake_source.listener->capability(fake_source.listener->userdata, &copy, stacks);
    memset(&copy, 0xff, sizeof(copy));
}

UNUSED static void fake_check(const struct capability_event *event)
{
    fake_check_with_stacks(event, NULL);
}

UNUSED static void fake_cgroup(enum event_kind kind, uint64_t id, uint64_t parent_id, uint32_t pid)
{
    const struct cgroup_event event = {
        .kind = kind, .cgroup_id = id, .parent_id = parent_id, .pid = pid
    };

    fake_source.listener->cgroup(fake_source.listener->userdata, &event, NULL);
}

UNUSED static void fake_drained(void)
{
    fake_source.listener->drained(fake_source.listener->userdata);
}

/* What the kernel would do with a check in this cgroup. */
UNUSED static enum policy fake_policy(uint64_t id)
{
    return policy_table_get(fake_source.policies, id);
}

/* -------- tracer.h -------- */

int tracer_new(const struct tracer_options *options, const struct tracer_listener *listener,
               struct tracer **ret_tracer, struct error *error)
{
    if (fake_source.refusal < 0)
        return error_set(error, fake_source.refusal, "the kernel says no");
    fake_source.options = *options;
    fake_source.listener = listener;
    *ret_tracer = &fake_source;
    return 0;
}

int tracer_try(const struct tracer_options *options, enum tracer_audit *ret_audit,
               struct error *error)
{
    bool works = fake_source.only && strcmp(fake_source.only, options->backend) == 0;

    if (fake_source.refusal < 0 && !works)
        return error_set(error, fake_source.refusal, "the kernel says no");
    *ret_audit = fake_source.audit;
    return 0;
}

void tracer_free(struct tracer **tracer)
{
    if (*tracer)
        (*tracer)->player = sd_event_source_disable_unref((*tracer)->player);
    fake_source.listener = NULL;
    *tracer = NULL;
}

#define FAKE_PLAY_USEC 2000

static int on_play(sd_event_source *source, UNUSED uint64_t usec, UNUSED void *userdata)
{
    fake_source.play();
    (void)sd_event_source_set_time_relative(source, FAKE_PLAY_USEC);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int tracer_start(struct tracer *tracer, sd_event *event)
{
    tracer->event = event;
    return tracer->play ? sd_event_add_time_relative(event, &tracer->player, CLOCK_MONOTONIC, 0, 1,
                                                     on_play, NULL)
                        : 0;
}

int tracer_drain(struct tracer *tracer)
{
    assert_true(tracer->stopped);
    if (tracer->last_words)
        tracer->last_words();
    fake_drained();
    return 0;
}

void tracer_stop(struct tracer *tracer)
{
    tracer->stopped = true;
}

const char *tracer_backend(UNUSED const struct tracer *tracer)
{
    return "fake";
}

const char *tracer_refusals(UNUSED const struct tracer *tracer)
{
    return "better: not here";
}

enum tracer_audit tracer_audit(const struct tracer *tracer)
{
    return tracer->audit;
}

uint64_t tracer_buffer_size(const struct tracer *tracer)
{
    return tracer->options.buffer_size;
}

void tracer_set_aside(struct tracer *tracer)
{
    tracer->set_asides++;
}

const char *tracer_audit_source(UNUSED const struct tracer *tracer)
{
    return "known";
}

int tracer_set_policy(struct tracer *tracer, uint64_t cgroup_id, enum policy policy)
{
    return policy_table_set(tracer->policies, cgroup_id, policy);
}

uint64_t tracer_policy_misses(UNUSED const struct tracer *tracer)
{
    return 0;
}

uint64_t tracer_not_passed_up(UNUSED const struct tracer *tracer, UNUSED enum counter counter)
{
    return 0;
}
