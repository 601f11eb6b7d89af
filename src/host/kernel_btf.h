/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running kernel's type information, looked at just closely enough to find a type by name:
 * libbpf's own reader indexes all of its 100,000 types, which costs more than all our probing.
 */
#pragma once

#include "src/base/error.h"

#define KERNEL_BTF_PATH "/sys/kernel/btf/vmlinux"

struct kernel_btf {
    char *data; /* owned */
    size_t size;
    bool mapped; /* not allocated */
};

/* 0, or -ENOENT with a sentence when the kernel has none, or -EBADMSG when it is malformed. */
int kernel_btf_load(struct kernel_btf *ret_btf, struct error *error);
void kernel_btf_clear(struct kernel_btf *btf);

/* One of many that are looked for at once. */
struct kernel_btf_query {
    const char *name;
    unsigned int kind; /* BTF_KIND_*, linux/btf.h */
    uint32_t id;       /* out: of the first such type; 0: there is none */
};

/* Pure. 0 or -EBADMSG, with what was found before the fault. */
int kernel_btf_find_all(const struct kernel_btf *btf, struct kernel_btf_query *queries,
                        size_t count);

/* The id of a type of this kind; -ENOENT. Pure. */
int kernel_btf_find(const struct kernel_btf *btf, const char *name, unsigned int kind);
