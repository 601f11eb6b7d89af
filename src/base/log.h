/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines for the person at the terminal, on standard error only: standard output belongs to data.
 * Each is one line, "local-gadget: ...", with control characters replaced. Only commands and the
 * pipeline call these; libraries return a struct error instead.
 */
#pragma once

#include "src/base/macros.h"

/* -v: whether log_verbose prints. Off at start. */
void log_set_verbose(bool verbose);

void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_verbose(const char *format, ...) PRINTF_LIKE(1, 2);
