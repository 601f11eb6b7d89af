/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of `list-containers`. */
#pragma once

#include "src/commands/option_common.h"

struct list_options {
    struct common_options common;
    struct option_list containers; /* names; one with '!' in front is left out */
    struct option_list filters;    /* for filter_add() */
    struct option_list order;      /* for list_order_init() */
    bool watch;
    bool all; /* pods' sandboxes too */
    bool no_sandbox;
};

extern const struct option_table list_option_table;

/* For struct command: `values` is a struct list_options, all zero before. */
void list_options_defaults(void *values);

/* Prose of --help. */
extern const char list_description[];
extern const char list_examples[];
