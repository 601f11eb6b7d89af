/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CRI's messages say, and CRI-O's own answers. Pure: no I/O, any bytes. Everything is -EBADMSG
 * for bytes that are no such message, and -ENOMEM. `runtime` is the static name that the containers
 * bear. */
#pragma once

#include "runtimes/files/container_list.h"

/* In one list, of either kind. */
#define CRI_CONTAINERS_MAX 100000
/* Of one container; the rest is counted as dropped without a look at each. */
#define CRI_LABELS_MAX 4096
/* Of the JSON inside a verbose status: an OCI configuration, above all. */
#define CRI_INFO_MAX ((size_t)1 << 20)

/* Pods' sandboxes, as containers; sorted by id. */
int cri_parse_sandboxes(const uint8_t *bytes, size_t length, const char *runtime,
                        struct container_list *list);
/* Containers, each with what `sandboxes` knows of its pod; sorted by id. */
int cri_parse_containers(const uint8_t *bytes, size_t length, const char *runtime,
                         const struct container_list *sandboxes, struct container_list *list);

/* A verbose status, with the pid, and the sandbox's id where that is told. */
int cri_parse_container_status(const uint8_t *bytes, size_t length, const char *runtime,
                               struct container **ret_container);
int cri_parse_sandbox_status(const uint8_t *bytes, size_t length, const char *runtime,
                             struct container **ret_container);

/* CRI-O's answer to GET /containers/ID, which knows sandboxes too. */
int cri_parse_crio(const char *text, size_t length, const char *runtime, const char *id,
                   struct container **ret_container);
