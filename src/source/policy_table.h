/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer's side of the policy table (bpf/event.h). Works on any memory of POLICY_SLOTS words;
 * a concurrent reader sees either the right entry or none.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/macros.h"

/* Sets or, with POLICY_UNKNOWN, removes. 0, or -ENOSPC: all POLICY_PROBES places are taken. */
int policy_table_set(uint64_t *table, uint64_t cgroup_id, enum policy policy);

enum policy policy_table_get(const uint64_t *table, uint64_t cgroup_id);
