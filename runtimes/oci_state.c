/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/oci_state.h"

#include <errno.h>

#include "runtimes/json.h"
#include "runtimes/json_parse.h"

/* An engine's id: a SHA-256 sum. */
#define ENGINE_ID_LENGTH 64
/* Numbers of JSON are exact so far. */
#define TICKS_MAX (UINT64_C(1) << 53)

/* Annotations that higher engines hand down, and where they belong. */
static const struct json_field label_fields[] = {
    { "io.kubernetes.container.name", offsetof(struct container, name) },
    { "io.kubernetes.cri.container-name", offsetof(struct container, name) },
    { "nerdctl/name", offsetof(struct container, name) },
    { "io.kubernetes.cri-o.ImageName", offsetof(struct container, image) },
    { "io.kubernetes.cri.image-name", offsetof(struct container, image) },
    { "io.kubernetes.pod.name", offsetof(struct container, pod) },
    { "io.kubernetes.cri.sandbox-name", offsetof(struct container, pod) },
    { "io.kubernetes.pod.namespace", offsetof(struct container, pod_namespace) },
    { "io.kubernetes.cri.sandbox-namespace", offsetof(struct container, pod_namespace) },
    { "io.kubernetes.pod.uid", offsetof(struct container, pod_uid) },
    { "io.kubernetes.cri.sandbox-uid", offsetof(struct container, pod_uid) },
    { "bundle", offsetof(struct container, bundle) },
};

static int take_label(struct container *container, const char *key, const char *value)
{
    int r = container_add_label(container, key, value);
    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(label_fields); i++)
        if (value[0] && strcmp(key, label_fields[i].key) == 0)
            r = container_set_text(container_text_at(container, label_fields[i].offset), value);
    if (strcmp(value, "sandbox") == 0 && (strcmp(key, "io.kubernetes.cri.container-type") == 0 ||
                                          strcmp(key, "io.kubernetes.cri-o.ContainerType") == 0))
        container->sandbox = true;
    return r;
}

/* "key=value", the value may hold more '='. */
static int take_runc_label(struct container *container, const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return 0;
    _cleanup_(free_string)
    char *key = strndup(text, (size_t)(equals - text));
    return key ? take_label(container, key, equals + 1) : -ENOMEM;
}

/* Below the mount of its hierarchy: runc writes /sys/fs/cgroup[/HIERARCHY]/PATH. */
static const char *below_mount(const char *path, bool unified)
{
    static const char mount[] = "/sys/fs/cgroup", hybrid[] = "/unified";
    if (strncmp(path, mount, sizeof(mount) - 1) != 0)
        return NULL;
    path += sizeof(mount) - 1;
    if (unified && strncmp(path, hybrid, sizeof(hybrid) - 1) == 0)
        path += sizeof(hybrid) - 1;
    else if (!unified && *path == '/')
        path += 1 + strcspn(path + 1, "/");
    return *path == '/' ? path : NULL;
}

static int take_cgroup_paths(struct container *container, const cJSON *paths)
{
    /* In the order in which the tracer takes a hierarchy's ids: unified ("") before all others. */
    static const char *const hierarchies[] = { "", "pids", "memory", "cpu" };
    for (size_t i = 0; i < ARRAY_SIZE(hierarchies); i++) {
        const char *path = json_text(paths, hierarchies[i]);
        const char *below = path ? below_mount(path, hierarchies[i][0] == '\0') : NULL;
        if (below)
            return container_set_text(&container->cgroup_path, below);
    }
    return 0;
}

int oci_state_parse_runc(const char *text, size_t length, struct container *container,
                         uint64_t *ret_start_ticks)
{
    _cleanup_(json_free)
    cJSON *state = json_parse(text, length);
    if (!cJSON_IsObject(state))
        return -EBADMSG;
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(state, "config");
    const cJSON *label;
    cJSON_ArrayForEach (label, cJSON_GetObjectItemCaseSensitive(config, "labels")) {
        int r = cJSON_IsString(label) ? take_runc_label(container, label->valuestring) : 0;
        if (r < 0)
            return r;
    }
    int r = take_cgroup_paths(container, cJSON_GetObjectItemCaseSensitive(state, "cgroup_paths"));
    if (r < 0)
        return r;
    container->pid = (pid_t)json_number(state, "init_process_pid", INT32_MAX);
    *ret_start_ticks = json_number(state, "init_process_start", TICKS_MAX);
    return 0;
}

int oci_state_parse_crun(const char *text, size_t length, struct container *container,
                         uint64_t *ret_start_ticks)
{
    _cleanup_(json_free)
    cJSON *status = json_parse(text, length);
    if (!cJSON_IsObject(status))
        return -EBADMSG;
    const char *bundle = json_text(status, "bundle");
    int r = bundle ? take_label(container, "bundle", bundle) : 0;
    const char *path = json_text(status, "cgroup-path");
    if (r == 0 && path && path[0])
        r = container_set_text(&container->cgroup_path, path);
    if (r < 0)
        return r;
    container->pid = (pid_t)json_number(status, "pid", INT32_MAX);
    *ret_start_ticks = json_number(status, "process-start-time", TICKS_MAX);
    return 0;
}

bool oci_state_id_is_name(const struct container *container)
{
    if (strlen(container->id) == ENGINE_ID_LENGTH &&
        strspn(container->id, "0123456789abcdef") == ENGINE_ID_LENGTH)
        return false;
    const char *bundle = container_label(container, "bundle");
    const char *end = bundle ? strstr(bundle, "-containers/") : NULL;
    return !container_label(container, "io.container.manager") &&
           !(end && strstr(end, "/userdata"));
}
