/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/docker_parse.h"

#include <errno.h>

#include "runtimes/json.h"
#include "runtimes/json_parse.h"
#include "runtimes/kubernetes.h"

/* cJSON recurses, and takes 64 bytes for each value, of which "[1,1,1" has one in two bytes: what
 * is too deep or has too many values is refused before it is parsed. */
static bool is_excessive(const char *text, size_t length)
{
    size_t depth = 0, values = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        if (in_string) {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                in_string = false;
        } else if (text[i] == '"') {
            in_string = true;
        } else if (text[i] == '[' || text[i] == '{') {
            values++;
            if (++depth > DOCKER_NESTING_MAX)
                return true;
        } else if (text[i] == ']' || text[i] == '}') {
            depth -= depth > 0;
        } else if (text[i] == ',') {
            values++;
        }
    }
    return values > DOCKER_VALUES_MAX;
}

static cJSON *parse(const char *text, size_t length)
{
    return is_excessive(text, length) ? NULL : json_parse(text, length);
}

/* -------- the list -------- */

static enum container_state state_of(const char *word)
{
    static const struct {
        const char *word;
        enum container_state state;
    } states[] = {
        { "created", CONTAINER_STATE_CREATED },    { "running", CONTAINER_STATE_RUNNING },
        { "restarting", CONTAINER_STATE_RUNNING }, { "paused", CONTAINER_STATE_PAUSED },
        { "exited", CONTAINER_STATE_EXITED },      { "dead", CONTAINER_STATE_EXITED },
        { "removing", CONTAINER_STATE_EXITED },
    };

    for (size_t i = 0; word && i < ARRAY_SIZE(states); i++) {
        if (strcmp(states[i].word, word) == 0)
            return states[i].state;
    }
    return CONTAINER_STATE_UNKNOWN;
}

/* Names[] has the name and, for links, "/other/alias": the one with a single slash. */
static const char *name_of(const cJSON *item)
{
    const cJSON *name;

    cJSON_ArrayForEach (name, cJSON_GetObjectItemCaseSensitive(item, "Names")) {
        const char *text = cJSON_GetStringValue(name);

        if (text && text[0] == '/' && !strchr(text + 1, '/'))
            return text + 1;
        if (text && text[0] && !strchr(text, '/'))
            return text; /* podman's have no slash */
    }
    return NULL;
}

static int container_of_item(const char *runtime, const cJSON *item, struct container **ret)
{
    const char *id = json_text(item, "Id"), *name = name_of(item);
    _cleanup_(container_unref)
    struct container *container = NULL;

    if (!id || !*id)
        return 0;
    container = container_new(runtime, id);
    if (!container || container_set_text(&container->name, name) < 0 ||
        container_set_text(&container->image, json_text(item, "Image")) < 0 ||
        json_each_text(cJSON_GetObjectItemCaseSensitive(item, "Labels"), container_add_label,
                       container) < 0 ||
        kubernetes_apply_labels(container) < 0)
        return -ENOMEM;
    container->state = state_of(json_text(item, "State"));
    container->named = name != NULL;
    *ret = TAKE_PTR(container);
    return 1;
}

int docker_parse_list(const char *runtime, const char *text, size_t length, docker_visitor visitor,
                      void *userdata)
{
    _cleanup_(json_free)
    cJSON *list = parse(text, length);
    const cJSON *item;

    if (!cJSON_IsArray(list))
        return -EBADMSG;
    cJSON_ArrayForEach (item, list) {
        _cleanup_(container_unref)
        struct container *container = NULL;
        int r = container_of_item(runtime, item, &container);

        if (r < 0)
            return r;
        if (r > 0)
            visitor(userdata, container);
    }
    return 0;
}

/* -------- events -------- */

/* Actions that change what we show; everything else (exec, attach, resize, ...) is passed over. */
static const struct {
    const char *action;
    bool removed;
    enum container_state state;
} actions[] = {
    { "create", false, CONTAINER_STATE_CREATED }, { "start", false, CONTAINER_STATE_RUNNING },
    { "rename", false, CONTAINER_STATE_UNKNOWN }, { "die", false, CONTAINER_STATE_EXITED },
    { "pause", false, CONTAINER_STATE_PAUSED },   { "unpause", false, CONTAINER_STATE_RUNNING },
    { "destroy", true, CONTAINER_STATE_EXITED },  { "remove", true, CONTAINER_STATE_EXITED },
};

/* Attributes are the labels and some words of the event's own. */
static bool is_own_word(const char *key)
{
    static const char *const words[] = { "image",   "name",        "exitCode", "signal",
                                         "oldName", "execID",      "podId",    "containerExitCode",
                                         "comment", "execDuration" };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strcmp(words[i], key) == 0)
            return true;
    }
    return false;
}

static int take_attribute(struct container *container, const char *key, const char *value)
{
    return is_own_word(key) ? 0 : container_add_label(container, key, value);
}

static int container_of_event(const char *runtime, const char *id, const cJSON *attributes,
                              struct container **ret_container)
{
    _cleanup_(container_unref)
    struct container *container = container_new(runtime, id);
    const char *name = json_text(attributes, "name");

    if (!container || container_set_text(&container->name, name) < 0 ||
        container_set_text(&container->image, json_text(attributes, "image")) < 0 ||
        json_each_text(attributes, take_attribute, container) < 0 ||
        kubernetes_apply_labels(container) < 0)
        return -ENOMEM;
    container->named = name != NULL;
    *ret_container = TAKE_PTR(container);
    return 0;
}

int docker_parse_event(const char *runtime, const char *text, size_t length,
                       struct docker_event *ret_event)
{
    _cleanup_(json_free)
    cJSON *event = parse(text, length);
    const cJSON *actor = cJSON_GetObjectItemCaseSensitive(event, "Actor");
    const char *action = json_text(event, "Action"), *type = json_text(event, "Type");
    const char *id = json_text(actor, "ID");
    size_t found;
    int r;

    if (!cJSON_IsObject(event))
        return -EBADMSG;
    if (!type || strcmp(type, "container") != 0 || !action || !id || !*id)
        return 0;
    for (found = 0; found < ARRAY_SIZE(actions); found++) {
        if (strcmp(actions[found].action, action) == 0)
            break;
    }
    if (found == ARRAY_SIZE(actions))
        return 0;
    *ret_event = (struct docker_event){ .id = strdup(id), .removed = actions[found].removed };
    if (!ret_event->id)
        return -ENOMEM;
    if (ret_event->removed)
        return 1;
    r = container_of_event(runtime, id, cJSON_GetObjectItemCaseSensitive(actor, "Attributes"),
                           &ret_event->container);
    if (r < 0) {
        docker_event_clear(ret_event);
        return r;
    }
    ret_event->container->state = actions[found].state;
    return 1;
}

void docker_event_clear(struct docker_event *event)
{
    free_string(&event->id);
    container_unref(&event->container);
}
