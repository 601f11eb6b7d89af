/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign text made harmless, for each place that it may go to. Pure. Input is any bytes; what is
 * not UTF-8 becomes U+FFFD.
 */
#pragma once

#include "src/base/text.h"

/* The inside of a JSON string, and of a double-quoted one in YAML: DEL, the controls above it,
 * U+2028, U+2029 and what YAML does not take are escaped too, as readers stumble over them. */
void escape_json(struct text *out, const char *bytes, size_t length);
/* The whole string, with its quotes. */
void escape_json_quoted(struct text *out, const char *bytes, size_t length);

/*
 * For a terminal: control characters, direction marks and invisible ones are shown as \xNN or
 * \u{NNNN}. At most `width` columns (0: no limit); what does not fit is cut with an ellipsis at the
 * end or in the middle. Returns the columns used.
 */
size_t escape_terminal(struct text *out, const char *bytes, size_t length, size_t width,
                       bool cut_in_middle);

/* One character of UTF-8: its code point and length; U+FFFD and 1 for a byte that is none. */
uint32_t utf8_decode(const char *bytes, size_t length, size_t *ret_length);
