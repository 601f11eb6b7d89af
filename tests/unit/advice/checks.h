/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks as the kernel tells of them, for a container whose root is uid 0 and who has `bounding`.
 */
#pragma once

#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "src/advice/judge.h"

#define BIT(name) (UINT64_C(1) << CAP_##name)
#define BOUNDING  (BIT(CHOWN) | BIT(DAC_OVERRIDE) | BIT(SETUID))

/* By root, who has what the container has. */
static inline struct capability_event root_asks(unsigned int capability, int syscall)
{
    return (struct capability_event){
        .capability = (__u8)capability,
        .denied = !(BOUNDING >> capability & 1),
        .effective = BOUNDING,
        .permitted = BOUNDING,
        .bounding = BOUNDING,
        .audit = 1,
        .syscall = syscall,
        .tid = 7,
        .pid = 7,
        .comm = "job",
    };
}

/* By root of a container that was given this one, too. */
static inline struct capability_event root_may(unsigned int capability, int syscall)
{
    struct capability_event event = root_asks(capability, syscall);

    event.denied = 0;
    event.effective |= UINT64_C(1) << capability;
    event.permitted = event.bounding = event.effective;
    return event;
}

static inline struct capability_event nobody_asks(unsigned int capability, int syscall)
{
    struct capability_event event = root_asks(capability, syscall);

    event.euid = event.uid = 1000;
    event.effective = event.permitted = 0;
    event.denied = 1;
    return event;
}

static inline void add(struct subject *subject, struct capability_event event)
{
    assert_int_equal(subject_add(subject, &event, 1), 0);
}
