/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The images of containers/storage: <graphroot>/<driver>-images/images.json knows names by id. */
#pragma once

#include "runtimes/files/container_list.h"
#include "runtimes/offline.h"

/* Puts a name in the place of each id of the one document that knows it; an unreadable document
 * knows none. 0 or -ENOMEM. */
int storage_parse_images(const char *text, size_t length, struct container_list *list);

/* The same by the documents of a store, which are read if there is an id to be named: a kubelet
 * asks for images by id. 0 or -ENOMEM. */
int storage_name_images(const struct offline_place *place, int root_fd,
                        struct container_list *list);
