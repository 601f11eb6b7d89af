/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that programs run, opened once and kept, and found again by what the kernel says of a
 * place in them. What one owner's files are and say is told to nobody else: a build id can be
 * copied, debug information lies in a container's own root, and both may lie.
 */
#pragma once

#include "src/base/hash.h"
#include "src/stacks/user_maps.h"
#include "src/stacks/user_module.h"

/* Files that are kept open; when there are more, all are forgotten and begun anew. */
#define MODULE_CACHE_MAX 2000
/* Bytes of files whose symbols are open at a time. */
#define MODULE_CACHE_OPEN_MAX (UINT64_C(512) << 20)

struct module_cache {
    struct string_table index;                     /* what names a file -> module, borrowed */
    struct user_module *modules[MODULE_CACHE_MAX]; /* owned */
    size_t count;
    uint64_t open_size;
};

/* Within a container, a user may not name the frames of another one either. */
struct module_owner {
    uint64_t owner; /* of symbolizer_request */
    uint32_t uid;
};

void module_cache_clear(struct module_cache *cache);

/* The file of one mapping of a process of the owner's, by whatever path; NULL: cannot be read. All
 * modules are borrowed until the next call that opens one. */
struct user_module *module_cache_of_map(struct module_cache *cache,
                                        const struct module_owner *owner, uint32_t pid,
                                        const struct user_map *map);

/* One that is known already. */
struct user_module *module_cache_find(const struct module_cache *cache,
                                      const struct module_owner *owner, const uint8_t *build_id);

/* What `path` names for a process of the owner's, provided that it has this build id. */
struct user_module *module_cache_of_path(struct module_cache *cache,
                                         const struct module_owner *owner, uint32_t pid,
                                         const char *path, const uint8_t *build_id);

/* See user_module_format(). */
void module_cache_format(struct module_cache *cache, struct user_module *module, uint64_t offset,
                         char *buffer, size_t size);
