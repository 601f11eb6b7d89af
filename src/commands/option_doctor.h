/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of `doctor`. */
#pragma once

#include "src/commands/option_common.h"

struct doctor_options {
    struct common_options common;
};

extern const struct option_table doctor_option_table;

/* For struct command: `values` is a struct doctor_options, all zero before. */
void doctor_options_defaults(void *values);

/* "text": the report for people, the default of -o. */
extern const char doctor_text_format[];

/* Prose of --help. */
extern const char doctor_description[];
extern const char doctor_examples[];
