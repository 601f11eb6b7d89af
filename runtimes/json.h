/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as engines write it, read without belief: anything may be missing, or of another type. */
#pragma once

#include <cjson/cJSON.h>

#include "src/model/container.h"

/* For owning locals. */
void json_free(cJSON **json);

/* Text of an object's member, borrowed; NULL if there is none, or `object` is no object. */
const char *json_text(const cJSON *object, const char *key);

/* A member that is a number above 0 and no more than `max`; else 0. */
uint64_t json_number(const cJSON *object, const char *key, uint64_t max);

/* Called for a member of an object; a negative answer ends the walk. */
typedef int (*json_visitor)(struct container *container, const char *key, const char *value);

/* Each member of an object that is text and has a name. No-op if `object` is no object: what an
 * array holds has no names. 0, or the visitor's negative answer. */
int json_each_text(const cJSON *object, json_visitor visit, struct container *container);

/* Where in a container a member of an object belongs. */
struct json_field {
    const char *key;
    size_t offset; /* of a text field of struct container */
};

/* Fills in the fields that are not known yet; empty text is none. 0 or -ENOMEM. */
int json_fill(struct container *container, const cJSON *object, const struct json_field *fields,
              size_t count);
