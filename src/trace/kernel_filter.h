/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a filter the kernel decides. Terms on the capability, the verdict, AUDIT, the process and
 * the user become constants of the BPF programs; those on containers are policies of their cgroups.
 * The rest is decided here, and so is everything of a check of whose cgroup nothing is known yet.
 */
#pragma once

#include "src/model/filter.h"
#include "src/source/tracer.h"

/* Fills in of `options` what is wanted. -EINVAL, with a sentence, for what there cannot be. */
int kernel_filter_set(const struct filter *filter, struct tracer_options *options,
                      struct error *error);

/* Whether the kernel passes up, of cgroups that are known, only checks for which the term holds. */
bool kernel_filter_decides(const struct filter_term *term);
