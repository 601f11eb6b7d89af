/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One executable file or library, and what its symbols and debug information say of a place in it.
 * The files are a container's, so anything may be in them: used only in the process of
 * symbolizer.h, which may crash or hang.
 */
#pragma once

#include "src/base/macros.h"

#define BUILD_ID_SIZE 20

struct user_module;

/*
 * `fd` is open for reading, and is taken over in any case; `name` is what it is called in a frame:
 * cut, copied. NULL when it is no ELF file.
 */
struct user_module *user_module_new(int fd, const char *name, size_t name_length);
void user_module_free(struct user_module **module);

/* Zero bytes behind a shorter one; NULL when it has none. Borrowed. */
const uint8_t *user_module_build_id(const struct user_module *module);

/* Whether code may lie at an offset in the file: not where its headers say that none does. */
bool user_module_has_code(const struct user_module *module, uint64_t offset);

/* The file with its debug information, if that is another one; taken over, and left out when it is
 * no ELF file. Before the first user_module_format(). */
void user_module_add_debug(struct user_module *module, int fd);

/* user_module_format() opens what it needs; so many bytes of memory or address space, at least,
 * are taken until it is closed again. */
uint64_t user_module_size(const struct user_module *module);
bool user_module_is_open(const struct user_module *module);
void user_module_close(struct user_module *module);

/*
 * "function+0x1f [module] FILE:LINE" for an offset in the file, as much of it as is known, at least
 * "module+0x101f"; cut where `size` ends. Debug information that is packed too well to be unpacked
 * is as if it were not there.
 */
void user_module_format(struct user_module *module, uint64_t offset, char *buffer, size_t size);
