/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs are told of the kernel's types before they are loaded: of those that they read
 * themselves, and no others. */
#pragma once

#include "src/base/error.h"
#include "src/host/kernel_btf.h"

struct bpf_object;
struct type_ids;

#define KERNEL_TYPES_PATH_SIZE 32

/* A file of no name in any directory, and its path for libbpf, which reads it when the programs are
 * loaded. A descriptor, owned by the caller, or a negative errno. */
int kernel_types_file(char path[static KERNEL_TYPES_PATH_SIZE]);

/* Writes what the programs of an object read into it. 0 or a negative errno. */
int kernel_types_write(int fd, const struct bpf_object *object, const struct kernel_btf *btf);

/* 0 or a negative errno. */
int kernel_types_find(const struct kernel_btf *btf, struct type_ids *ret_ids);
