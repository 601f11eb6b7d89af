/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Advice as text: one table of formats, each of which writes one container's. */
#pragma once

#include "src/advice/judge.h"
#include "src/base/text.h"

/* THE list: word for -o, what it is, and whether it can be of one container only. */
/* clang-format off */
#define ADVICE_FORMATS(format)                                       \
    format(text, "for people", false)                                \
    format(docker, "options of docker run", false)                   \
    format(podman, "options of podman run", false)                   \
    format(compose, "keys of a service of Compose", false)           \
    format(kubernetes, "securityContext of a container", false)      \
    format(oci, "process.capabilities of config.json", true)         \
    format(label, "image label that podman honours", false)          \
    format(systemd, "drop-in of a unit", false)                      \
    format(filecap, "setcap lines for files of programs", false)     \
    format(json, "everything, an object a container", false)
/* clang-format on */

/* Of the objects of json; one that an older program cannot read has a higher one. */
#define ADVICE_JSON_VERSION 2

struct advice_format {
    const char *word;
    const char *help; /* one line, no full stop */
    bool one;         /* of one container only: what it writes knows no comments */
    void (*write)(struct text *out, const struct advice *advice, bool explain);
};

extern const char *const advice_format_words[]; /* NULL at the end */

/* NULL: there is none of that word. */
const struct advice_format *advice_format_find(const char *word);

/* Whether what it writes is to be pasted somewhere. */
bool advice_format_is_pasted(const struct advice_format *format);

/*
 * Writes all: where there are several, each with its name above it, unless the format has the name
 * in it. An advice without confidence is not to be pasted, and left out. Returns how many were
 * written.
 */
size_t advice_format_write(const struct advice_format *format, struct text *out,
                           const struct advice *advices, size_t count, bool explain);

/* What it needs, lacks, and asked for without need: a line each, and no line for nothing. */
void advice_summary_write(struct text *out, const struct advice *advice);
