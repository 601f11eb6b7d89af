/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/storage_image.h"

#include <errno.h>

#include "runtimes/files/state_file.h"
#include "runtimes/json.h"
#include "runtimes/json_parse.h"
#include "runtimes/storage.h"

static const char *const directories[] = {
    "overlay-images",
    "vfs-images",
    "btrfs-images",
    "zfs-images",
};

/* The digits of the id that stands for the image; NULL if it has a name. */
static const char *id_of_image(const struct container *container)
{
    const char *image = container->image;
    if (!image || !container_image_is_id(image))
        return NULL;
    const char *colon = strchr(image, ':');
    return colon ? colon + 1 : image;
}

static bool any_has_id(const struct container_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (id_of_image(list->items[i]))
            return true;
    return false;
}

static int name_image(struct container_list *list, const char *id, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *wanted = id_of_image(list->items[i]);
        int r = wanted && strcmp(wanted, id) == 0 ? container_set_text(&list->items[i]->image, name)
                                                  : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int storage_parse_images(const char *text, size_t length, struct container_list *list)
{
    _cleanup_(json_free)
    cJSON *document = json_parse(text, length);
    const cJSON *image;
    cJSON_ArrayForEach (image, document) {
        const char *id = json_text(image, "id");
        const char *name = cJSON_GetStringValue(
            cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(image, "names"), 0));
        int r = id && name && name[0] ? name_image(list, id, name) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int storage_name_images(const struct offline_place *place, int root_fd, struct container_list *list)
{
    for (size_t i = 0; i < ARRAY_SIZE(directories) && any_has_id(list); i++) {
        _cleanup_(close_fd)
        int fd = -1;
        _cleanup_(free_string)
        char *text = NULL;
        size_t length;
        if (state_open_beneath(root_fd, directories[i], place->owner, &fd) < 0 ||
            state_read_beneath(fd, "images.json", place->owner, storage_document_max(place), &text,
                               &length, NULL) < 0)
            continue;
        int r = storage_parse_images(text, length, list);
        if (r < 0)
            return r;
    }
    return 0;
}
