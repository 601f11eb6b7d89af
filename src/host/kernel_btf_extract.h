/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A few of the kernel's types, as type information of their own. For each type that a program
 * reads, libbpf goes through all that it is given: of the kernel's 100,000 that takes longer than
 * the kernel takes to load the programs.
 */
#pragma once

#include "src/base/text.h"
#include "src/host/kernel_btf.h"

/*
 * Adds to `out` the structs, unions and enums of these names, with all that lies in them, by their
 * places and sizes. Pointers point to nothing in particular, and ids are other ones. 0, -EBADMSG
 * or -ENOMEM.
 */
int kernel_btf_extract(const struct kernel_btf *btf, const char *const *names, size_t count,
                       struct text *out);
