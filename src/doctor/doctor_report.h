/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "src/doctor/finding.h"

/* The findings for people: by section, wrapped to the terminal. 0, or a negative errno when `file`
 * cannot be written. */
int doctor_report(FILE *file, const struct findings *findings);
