/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "src/base/text.h"
#include "src/model/value.h"

/* The labels of a VALUE_LABELS as one object of JSON. */
void labels_add_json(struct text *text, const struct value *value);
