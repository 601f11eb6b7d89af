/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metadata of containers/storage, the library under podman and CRI-O, as their daemonless half:
 * <graphroot>/<driver>-containers/{containers,volatile-containers}.json. Both engines share one
 * store; each entry's metadata tells whose it is: CRI-O's have a pod.
 */
#pragma once

#include "runtimes/container_list.h"
#include "runtimes/offline.h"

/* static names, also for comparing by pointer */
extern const char storage_podman[];
extern const char storage_crio[];

/*
 * Adds the containers of one document that belong to `runtime` (storage_podman or storage_crio),
 * with name, image and, for CRI-O, pod and namespace. Entries that are no containers are skipped.
 * 0; -EBADMSG: not such a document; -ENOSPC over `max`; -ENOMEM.
 */
int storage_parse(const char *text, size_t length, const char *runtime, uid_t owner, size_t max,
                  struct container_list *list);

/* The `read` of an offline engine, without the name of the runtime: graphroot as the place's
 * directory, runroot as its run-time one. */
int storage_read(struct offline_place *place, int directory_fd, const char *runtime,
                 struct container_list *list);
