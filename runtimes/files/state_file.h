/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State directories of engines, read as root while their owner may be anybody. An unprivileged
 * owner may swap any file for a link, a pipe, a lease or a mount of his own, at any moment; so:
 * nothing beneath the base is followed, no mount of a user's is entered, nothing blocks, only
 * regular files and directories of the owner (or root) are read, and each has a size limit.
 */
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include "src/base/macros.h"

/*
 * Opens a directory for reading. Symbolic links in `path` are followed: only root may be able to
 * write its parents. It must belong to `owner` or root. 0, or a negative errno: -EPERM for
 * another's directory, -EREMOTE for one that is not local, unless `owner` is root (local_path.h).
 */
int state_open_base(const char *path, uid_t owner, int *ret_fd);

/*
 * Opens a directory beneath `directory_fd`; `path` may have several components, "." is the
 * directory itself, and one that leads up gives -EXDEV. Symbolic links give -ELOOP, and, unless
 * `owner` is root, mounts -EXDEV.
 */
int state_open_beneath(int directory_fd, const char *path, uid_t owner, int *ret_fd);

/*
 * Reads a regular file beneath `directory_fd` as a whole. *ret_text ends in NUL (not counted) and
 * is owned by the caller; `ret_stat` may be NULL. -EFBIG over `size_max`, -EPERM for another's
 * file, -EINVAL for what is no regular file, -EWOULDBLOCK when its owner holds a lease.
 */
int state_read_beneath(int directory_fd, const char *path, uid_t owner, size_t size_max,
                       char **ret_text, size_t *ret_length, struct stat *ret_stat);
