/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What filter.c (what holds) and filter_parse.c (what was written) share. */
#pragma once

#include "src/model/filter.h"

/* A term's last operand. Of text it takes a copy. */
int filter_term_add(struct filter_term *term, const char *text, size_t length, uint64_t number);
void filter_term_clear(struct filter_term *term);
