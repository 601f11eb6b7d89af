/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program of a container asks for, beside run_command.h. */
#pragma once

#include "tests/unit/fake_source.h"

/* By root of a container that was given `held` and no more. */
static void job_asks(uint64_t cgroup_id, unsigned int capability, int syscall, uint64_t held)
{
    fake_check(&(struct capability_event){
        .cgroup_id = cgroup_id,
        .pid = 1,
        .tid = 1,
        .time_ns = 2,
        .capability = (__u8)capability,
        .denied = !(held >> capability & 1),
        .effective = held,
        .permitted = held,
        .bounding = held,
        .audit = 1,
        .syscall = syscall,
        .comm = "job",
    });
}
