/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that wait for their container's name, in order, within a bound for all containers
 * together. They are kept as they came, one after the other.
 */
#pragma once

#include "bpf/event.h"
#include "src/containers/registry.h"
#include "src/stacks/stacks.h"

/* Bytes that may wait in all; some 180,000 events. */
#define PENDING_SIZE_MAX (UINT64_C(16) << 20)

/*
 * Adds an event to those of a member; `stacks` NULL: it has none. *total is the sum over all
 * members. 0; -ENOBUFS: the bound is reached, -ENOMEM: in both cases the caller lets the waiting
 * ones go and shows this one.
 */
int pending_add(struct pending_events *pending, const struct capability_event *event,
                const struct captured_stacks *stacks, uint64_t *total);

/* The event at *offset, which is advanced; NULL behind the last one. Borrowed. */
const struct capability_event *pending_next(const struct pending_events *pending, size_t *offset,
                                            const struct captured_stacks **ret_stacks);

void pending_clear(struct pending_events *pending, uint64_t *total);
