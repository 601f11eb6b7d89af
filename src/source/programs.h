/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which programs of the BPF object are loaded: those of one back-end, and second copies
 * (bpf/second.h) only where they are needed. */
#pragma once

#include "src/source/backend.h"

struct bpf_object;

/* Before the object is loaded. 0, or a negative errno. */
int programs_select(struct bpf_object *object, const struct backend *backend, bool have_second);
