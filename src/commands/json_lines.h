/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of one JSON object a line, as our own commands write them: whoever wrote them, what is no
 * such line is said with its number. */
#pragma once

#include <cjson/cJSON.h>

#include "src/base/error.h"
#include "src/model/value.h"

struct json_lines {
    const char *path;   /* "-": standard input */
    const char *writer; /* the command that writes such lines, for sentences */
    size_t number;      /* of the line, while it is taken */
    /* Returns 0, or a negative errno with a sentence: json_lines_say(). `object` is borrowed. */
    int (*take)(void *userdata, const struct json_lines *lines, const cJSON *object,
                struct error *error);
    void *userdata;
};

/* 0, or a negative errno with a sentence, but not -EINVAL. */
int json_lines_read(struct json_lines *lines, struct error *error);

/* -EBADMSG, with "line 3 of FILE is torn: ...". */
int json_lines_say(const struct json_lines *lines, const char *what, const char *name,
                   struct error *error);

/* A value as readers of fields take it: an array of names is a set. What is none of these is of a
 * kind that no reader takes. */
struct value json_lines_value(const cJSON *item);
