/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kernel_btf.c (finding a type) and kernel_btf_extract.c (copying some of them) share. */
#pragma once

#include <linux/btf.h>

#include "src/host/kernel_btf.h"

struct kernel_btf_parts {
    const char *types, *strings; /* borrowed; strings end in NUL */
    size_t types_size, strings_size;
};

/* 0 or -EBADMSG. */
int kernel_btf_parts(const struct kernel_btf *btf, struct kernel_btf_parts *ret_parts);

/* 1 with the type at an offset and how long it is, with what follows it; 0 at the end; -EBADMSG. */
int kernel_btf_type_at(const struct kernel_btf_parts *parts, size_t at, struct btf_type *ret_type,
                       size_t *ret_size);

/* "" where there is none. */
const char *kernel_btf_string(const struct kernel_btf_parts *parts, uint32_t offset);
