/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/match.h"

#include <errno.h>

#include "src/model/container.h"

static int parse_selector(const char *text, struct match_selector *ret_selector,
                          struct error *error)
{
    const char *equals = strchr(text, '=');
    struct match_selector selector = { .key = text };

    if (!equals) {
        selector.negated = text[0] == '!';
        selector.key = text + selector.negated;
        selector.key_length = strlen(selector.key);
    } else {
        selector.value = equals + 1 + (equals[1] == '='); /* KEY==VALUE, as kubectl takes it */
        selector.negated = equals > text && equals[-1] == '!';
        selector.key_length = (size_t)(equals - text) - selector.negated;
    }
    if (!selector.key_length)
        return error_set(error, -EINVAL,
                         "--selector '%s' names no label: use KEY=VALUE, KEY!=VALUE, KEY or !KEY",
                         text);
    *ret_selector = selector;
    return 0;
}

int match_init(struct match *match, const char *const *names, size_t name_count,
               const char *const *selectors, size_t selector_count, struct error *error)
{
    *match = (struct match){ .names = names, .name_count = name_count };
    for (size_t i = 0; i < name_count; i++) {
        if (!names[i][0] || strcmp(names[i], "!") == 0)
            return error_set(error, -EINVAL, "--containername needs a name");
    }
    match->selectors = calloc(MAX(selector_count, (size_t)1), sizeof(*match->selectors));
    if (!match->selectors)
        return error_set(error, -ENOMEM, "out of memory");
    for (size_t i = 0; i < selector_count; i++) {
        int r = parse_selector(selectors[i], &match->selectors[i], error);

        if (r < 0) {
            match_clear(match);
            return r;
        }
    }
    match->selector_count = selector_count;
    return 0;
}

void match_clear(struct match *match)
{
    free(match->selectors);
    *match = (struct match){ 0 };
}

/* What is left of a name that a user's container may be asked for by, without "user/UID/"; NULL:
 * it is another's. A user may give his containers any name, and any id. */
static const char *without_owner(const char *name, uid_t owner)
{
    char prefix[32];
    size_t length = (size_t)snprintf(prefix, sizeof(prefix), "user/%u/", owner);

    return strncmp(name, prefix, length) == 0 ? name + length : NULL;
}

bool match_name(const struct container *container, const char *name)
{
    const char *id = container->owner_uid ? without_owner(name, container->owner_uid) : name;

    if (container->name && strcmp(container->name, name) == 0)
        return true;
    if (!id)
        return false;
    if (strcmp(container->id, id) == 0)
        return true;
    return strlen(id) >= CONTAINER_SHORT_ID && strlen(container->id) == 64 &&
           strncmp(container->id, id, strlen(id)) == 0;
}

static bool match_names(const struct match *match, const struct container *container)
{
    bool any_wanted = false, found = false;

    for (size_t i = 0; i < match->name_count; i++) {
        const char *name = match->names[i];

        if (name[0] == '!') {
            if (match_name(container, name + 1))
                return false;
            continue;
        }
        any_wanted = true;
        found = found || match_name(container, name);
    }
    return found || !any_wanted;
}

static const char *find_label(const struct container *container, const char *key, size_t length)
{
    for (size_t i = 0; i < container->label_count; i++) {
        const struct label *label = &container->labels[i];

        if (strlen(label->key) == length && memcmp(label->key, key, length) == 0)
            return label->value;
    }
    return NULL;
}

bool match_container(const struct match *match, const struct container *container)
{
    if (!match_names(match, container))
        return false;
    for (size_t i = 0; i < match->selector_count; i++) {
        const struct match_selector *selector = &match->selectors[i];
        const char *value = find_label(container, selector->key, selector->key_length);
        bool holds = value && (!selector->value || strcmp(value, selector->value) == 0);

        if (holds == selector->negated)
            return false;
    }
    return true;
}
