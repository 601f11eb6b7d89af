/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/files/container_list.h"

#include <errno.h>

void container_list_clear(struct container_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        container_unref(&list->items[i]);
    free(list->items);
    *list = (struct container_list){ 0 };
}

static int grow(struct container_list *list)
{
    if (list->count < list->allocated)
        return 0;
    size_t allocated = list->allocated ? list->allocated * 2 : 16;
    struct container **items = reallocarray(list->items, allocated, sizeof(*items));
    if (!items)
        return -ENOMEM;
    list->items = items;
    list->allocated = allocated;
    return 0;
}

int container_list_add(struct container_list *list, struct container **container, size_t max)
{
    int r = list->count < max ? grow(list) : -ENOSPC;
    if (r < 0) {
        container_unref(container);
        return r;
    }
    list->items[list->count++] = TAKE_PTR(*container);
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    const struct container *const *left = a, *const *right = b;
    return strcmp((*left)->id, (*right)->id);
}

void container_list_sort(struct container_list *list)
{
    if (list->count == 0)
        return;
    qsort(list->items, list->count, sizeof(struct container *), compare_ids);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (strcmp(list->items[i]->id, list->items[kept - 1]->id) == 0)
            container_unref(&list->items[i]);
        else
            list->items[kept++] = list->items[i];
    list->count = kept;
}

struct container *container_list_find(const struct container_list *list, const char *id)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(id, list->items[middle]->id);
        if (order == 0)
            return list->items[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool container_same(const struct container *a, const struct container *b)
{
    if (a->label_count != b->label_count || a->pid != b->pid || a->state != b->state ||
        a->sandbox != b->sandbox || a->named != b->named || a->owner_uid != b->owner_uid)
        return false;
    for (size_t i = 0; i < a->label_count; i++)
        if (strcmp(a->labels[i].key, b->labels[i].key) != 0 ||
            strcmp(a->labels[i].value, b->labels[i].value) != 0)
            return false;
    return same_text(a->runtime, b->runtime) && same_text(a->id, b->id) &&
           same_text(a->name, b->name) && same_text(a->image, b->image) &&
           same_text(a->pod, b->pod) && same_text(a->pod_namespace, b->pod_namespace) &&
           same_text(a->pod_uid, b->pod_uid) && same_text(a->sandbox_id, b->sandbox_id) &&
           same_text(a->engine_namespace, b->engine_namespace) &&
           same_text(a->cgroup_path, b->cgroup_path);
}
