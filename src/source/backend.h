/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways in which capability checks can be seen, best first. Which of them this kernel allows is
 * found by trying, never by its version; the reason of each refusal is kept.
 */
#pragma once

#include "src/base/error.h"

struct kernel_btf;

/* All of them, best first; what --backend takes is made of the same list. */
#define BACKENDS(ROW)        ROW(fexit) ROW(tracepoint) ROW(kprobe)

#define BACKEND_NUMBER(word) BACKEND_##word,
#define BACKEND_WORD(word)   #word,

enum backend_number { BACKENDS(BACKEND_NUMBER) BACKEND_COUNT };

#define BACKEND_PROGRAMS_MAX 2

struct backend {
    const char *name;                           /* as in --backend */
    const char *programs[BACKEND_PROGRAMS_MAX]; /* of the BPF object; the first sees checks */
    const char *second; /* its second copy (bpf/second.h); NULL: it needs none */
    bool gives_options; /* audit and insetid are read, not inferred */
    bool joins_return;  /* arguments and answer are seen by two programs, and joined by maps */
    /*
     * Whether this kernel would take it, asked with a program of two instructions. 0, or a negative
     * errno with one sentence that says why not.
     */
    int (*probe)(const struct kernel_btf *btf, struct error *error);
    const char *summary; /* one line for doctor: what it gives */
    const char
        *remedy; /* likewise: what a host needs to have it, where it is not that it is forbidden */
};

extern const struct backend backends[];
extern const size_t backend_count;

/* `r`, and a sentence: the kernel refuses `what`, and why, as far as that is known. */
int backend_refused(int r, const char *what, struct error *error);

const struct backend *backend_find(const char *name);
