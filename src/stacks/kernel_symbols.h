/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of the running kernel's functions, from /proc/kallsyms. Reading it costs tens of
 * milliseconds, so it is done only when stacks are asked for.
 */
#pragma once

#include "src/base/error.h"

struct kernel_symbols;

/* All text symbols: some 3 MB. 0, -ENOMEM; -EPERM when the kernel shows no addresses
 * (kptr_restrict, or no CAP_SYSLOG). */
int kernel_symbols_new(struct kernel_symbols **ret_symbols, struct error *error);
void kernel_symbols_free(struct kernel_symbols **symbols);

/*
 * "function+0x1f" or "function+0x1f [module]" into `buffer`, "0xffff..." when unknown. Returns the
 * length, always below `size`.
 */
size_t kernel_symbols_format(const struct kernel_symbols *symbols, uint64_t address, char *buffer,
                             size_t size);

/* One line of /proc/kallsyms: pure. `name` and `module` are borrowed from the line (length 0:
 * none). False when the line is not one of a function. */
struct kernel_symbol_line {
    uint64_t address;
    const char *name;
    size_t name_length;
    const char *module;
    size_t module_length;
};
bool kernel_symbol_parse(const char *line, size_t length, struct kernel_symbol_line *ret_line);
