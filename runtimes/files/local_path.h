/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Directories that can be opened without waiting for anybody: none of a file server, of an
 * automounter, or of a process (FUSE), which may be dead, slow or stopped. */
#pragma once

#include "src/base/macros.h"

/*
 * Opens a directory for reading. Symbolic links are followed. Each component is looked at before
 * it is entered: -EREMOTE when one lies on a filesystem that is not known to be local. 0, or a
 * negative errno.
 */
int local_path_open(const char *path, int *ret_fd);

/* The number of the mount that a descriptor is on, which may be of O_PATH; -1: not known. Its
 * filesystem is not asked. */
int local_path_mount(int fd);
