/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and watching one state directory, which may not exist yet. Used by offline.c alone. */
#pragma once

#include "runtimes/offline.h"

/* Borrows the watches, copies all texts; without a `run_base`, `run_path` is ignored. NULL on
 * ENOMEM. */
struct offline_place *offline_place_new(struct offline_watches *watches, uid_t owner,
                                        const char *base, const char *path, const char *run_base,
                                        const char *run_path);
void offline_place_free(struct offline_place **place);

/*
 * Opens the directory. If it cannot be opened, its nearest ancestor is watched, so that its coming
 * has it read again. 0 or a negative errno.
 */
int offline_place_open(struct offline_place *place, int *ret_fd);
