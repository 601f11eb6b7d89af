/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metadata of containers/storage, the library under podman and CRI-O, as their daemonless half:
 * <graphroot>/<driver>-containers/{containers,volatile-containers}.json. Both engines share one
 * store; each entry's metadata tells whose it is: CRI-O's have a pod.
 */
#pragma once

#include "runtimes/files/container_list.h"
#include "runtimes/offline.h"

/* static names, also for comparing by pointer */
extern const char storage_podman[];
extern const char storage_crio[];

/* Of one document: about 1.2 KiB a container; cJSON takes up to 32 times as much while it parses,
 * so that a user's document costs us at most 32 MiB for a moment. */
static inline size_t storage_document_max(const struct offline_place *place)
{
    return place->owner == 0 ? (size_t)64 << 20 : (size_t)1 << 20;
}

/*
 * Adds the containers of one document that belong to `runtime` (storage_podman or storage_crio),
 * with name and image; a sandbox of CRI-O's with its pod, namespace and uid, its other containers
 * with the sandbox's id. Entries that are no containers are skipped.
 * 0; -EBADMSG: not such a document; -ENOSPC over `max`; -ENOMEM.
 */
int storage_parse(const char *text, size_t length, const char *runtime, uid_t owner, size_t max,
                  struct container_list *list);

/* Tells CRI-O's containers of their pods, which only the sandboxes' entries name. Sorts the list. 0
 * or -ENOMEM. */
int storage_join_pods(struct container_list *list);

/* The `read` of an offline engine, without the name of the runtime: graphroot as the place's
 * directory, runroot as its run-time one. */
int storage_read(struct offline_place *place, int directory_fd, const char *runtime,
                 struct container_list *list);
