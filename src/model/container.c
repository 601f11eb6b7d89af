/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/container.h"

#include <errno.h>

static const size_t text_fields[] = {
    offsetof(struct container, id),
    offsetof(struct container, name),
    offsetof(struct container, image),
    offsetof(struct container, pod),
    offsetof(struct container, pod_namespace),
    offsetof(struct container, pod_uid),
    offsetof(struct container, sandbox_id),
    offsetof(struct container, engine_namespace),
    offsetof(struct container, bundle),
    offsetof(struct container, cgroup_path),
};

char **container_text_at(const struct container *container, size_t offset)
{
    return (char **)((uintptr_t)container + offset);
}

static uint64_t new_edition(void)
{
    static uint64_t last;

    return ++last;
}

struct container *container_new(const char *runtime, const char *id)
{
    if (!id || id[0] == '\0')
        return NULL;
    struct container *container = calloc(1, sizeof(*container));
    if (!container)
        return NULL;
    container->references = 1;
    container->edition = new_edition();
    container->runtime = runtime;
    if (container_set_text(&container->id, id) < 0)
        container_unref(&container);
    return container;
}

struct container *container_ref(struct container *container)
{
    container->references++;
    return container;
}

void container_unref(struct container **container_pointer)
{
    struct container *container = *container_pointer;
    *container_pointer = NULL;
    if (!container || --container->references > 0)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(text_fields); i++)
        free(*container_text_at(container, text_fields[i]));
    for (size_t i = 0; i < container->label_count; i++) {
        free(container->labels[i].key);
        free(container->labels[i].value);
    }
    free(container->labels);
    free(container);
}

struct container *container_copy(const struct container *container)
{
    _cleanup_(container_unref)
    struct container *copy = malloc(sizeof(*copy));
    if (!copy)
        return NULL;
    *copy = *container;
    copy->references = 1;
    copy->edition = new_edition();
    copy->labels = NULL;
    copy->label_count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(text_fields); i++)
        *container_text_at(copy, text_fields[i]) = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(text_fields); i++)
        if (container_set_text(container_text_at(copy, text_fields[i]),
                               *container_text_at(container, text_fields[i])) < 0)
            return NULL;
    for (size_t i = 0; i < container->label_count; i++)
        if (container_add_label(copy, container->labels[i].key, container->labels[i].value) < 0)
            return NULL;
    return TAKE_PTR(copy);
}

int container_set_text(char **field, const char *value)
{
    char *copy = value ? strndup(value, CONTAINER_TEXT_MAX) : NULL;
    if (value && !copy)
        return -ENOMEM;
    free(*field);
    *field = copy;
    return 0;
}

bool container_image_is_id(const char *image)
{
    static const char algorithm[] = "sha256:";
    if (strncmp(image, algorithm, sizeof(algorithm) - 1) == 0)
        image += sizeof(algorithm) - 1;
    return strlen(image) == 64 && strspn(image, "0123456789abcdef") == 64;
}

static struct label *find_label(const struct container *container, const char *key)
{
    for (size_t i = 0; i < container->label_count; i++)
        if (strcmp(container->labels[i].key, key) == 0)
            return &container->labels[i];
    return NULL;
}

int container_add_label(struct container *container, const char *key, const char *value)
{
    struct label *label = find_label(container, key);
    if (label)
        return container_set_text(&label->value, value);
    if (container->label_count == CONTAINER_LABELS_MAX) {
        container->dropped_labels++;
        return 0;
    }
    struct label *labels =
        reallocarray(container->labels, container->label_count + 1, sizeof(*labels));
    if (!labels)
        return -ENOMEM;
    container->labels = labels;
    label = &labels[container->label_count];
    *label = (struct label){ 0 };
    if (container_set_text(&label->key, key) < 0 || container_set_text(&label->value, value) < 0) {
        free(label->key);
        return -ENOMEM;
    }
    container->label_count++;
    return 0;
}

const char *container_label(const struct container *container, const char *key)
{
    const struct label *label = find_label(container, key);
    return label ? label->value : NULL;
}

size_t container_short_id_length(const struct container *container)
{
    size_t length = strlen(container->id);
    bool is_hexadecimal = strspn(container->id, "0123456789abcdef") == length;

    return is_hexadecimal ? MIN(length, (size_t)CONTAINER_SHORT_ID) : length;
}

const char *container_display_name(const struct container *container,
                                   char buffer[static CONTAINER_SHORT_ID + 1])
{
    size_t length = container_short_id_length(container);

    if (container->name)
        return container->name;
    if (!container->id[length])
        return container->id;
    memcpy(buffer, container->id, length);
    buffer[length] = '\0';
    return buffer;
}

const char *container_state_name(enum container_state state)
{
    static const char *const names[] = {
        [CONTAINER_STATE_UNKNOWN] = "unknown", [CONTAINER_STATE_CREATED] = "created",
        [CONTAINER_STATE_RUNNING] = "running", [CONTAINER_STATE_PAUSED] = "paused",
        [CONTAINER_STATE_EXITED] = "exited",
    };
    return (size_t)state < ARRAY_SIZE(names) ? names[state] : "unknown";
}
