/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways in which capability checks can be seen, best first. Which of them this kernel allows is
 * found by trying, never by its version; the reason of each refusal is kept.
 */
#pragma once

#include "src/base/error.h"

struct bpf_object;
struct kernel_btf;

struct backend {
    const char *name;            /* as in --backend */
    const char *const *programs; /* of the BPF object, NULL at the end */
    bool gives_options;          /* audit and insetid are read, not inferred */
    const char *summary;         /* one line for doctor: what it gives */
    const char *remedy;          /* likewise: what a host needs to have it */
};

extern const struct backend backends[];
extern const size_t backend_count;

const struct backend *backend_find(const char *name);

/*
 * Whether this kernel would take the back-end, asked with a program of two instructions. 0, or a
 * negative errno with one sentence that says why not.
 */
int backend_probe(const struct backend *backend, const struct kernel_btf *btf, struct error *error);

/* Lets only this back-end's programs be loaded, of all those that belong to some back-end. */
int backend_select(const struct backend *backend, struct bpf_object *object);
