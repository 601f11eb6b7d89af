/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreign JSON, of which one bad text must not cost all the rest. */
#pragma once

#include <cjson/cJSON.h>

#include "src/base/macros.h"

/*
 * As cJSON_ParseWithLength(), which refuses a document for one half of a surrogate pair that stands
 * alone ("\\ud800"): such a half becomes U+FFFD, as in other parsers. NULL: no JSON, or no memory.
 */
cJSON *json_parse(const char *text, size_t length);
