/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small file in which the kernel says something of itself. */
#pragma once

#include "src/base/macros.h"

/* Its text, as much of it as there is room for, ended by '\0'. false, and "", when it is not there,
 * is empty, or is not for us. */
bool kernel_file_read(const char *path, char *text, size_t size);
