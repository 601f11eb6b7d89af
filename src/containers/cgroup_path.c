/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/cgroup_path.h"

#define ID_LENGTH     64 /* hexadecimal digits of an id, in every engine that makes them up itself */
#define PODMAN_PARENT "libpod_parent"

struct text {
    const char *start;
    size_t length;
};

static bool equals(struct text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.start, word, text.length) == 0;
}

static bool take_prefix(struct text *text, const char *prefix)
{
    size_t length = strlen(prefix);

    if (text->length < length || memcmp(text->start, prefix, length) != 0)
        return false;
    text->start += length;
    text->length -= length;
    return true;
}

static bool take_suffix(struct text *text, const char *suffix)
{
    size_t length = strlen(suffix);

    if (text->length < length || memcmp(text->start + text->length - length, suffix, length) != 0)
        return false;
    text->length -= length;
    return true;
}

static bool contains(struct text text, const char *word)
{
    return memmem(text.start, text.length, word, strlen(word)) != NULL;
}

static bool is_hexadecimal(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_long_id(struct text text)
{
    if (text.length != ID_LENGTH)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (!is_hexadecimal(text.start[i]))
            return false;
    }
    return true;
}

/* The last component of a path, and the path without it. False at the root. */
static bool take_leaf(struct text *path, struct text *ret_leaf)
{
    const char *slash;

    while (path->length && path->start[path->length - 1] == '/')
        path->length--;
    if (!path->length)
        return false;
    slash = memrchr(path->start, '/', path->length);
    ret_leaf->start = slash ? slash + 1 : path->start;
    ret_leaf->length = path->length - (size_t)(ret_leaf->start - path->start);
    path->length -= ret_leaf->length;
    return true;
}

/* The first component of a path, and the path without it. False when there is none. */
static bool take_first(struct text *path, struct text *ret_first)
{
    const char *slash;

    while (path->length && path->start[0] == '/') {
        path->start++;
        path->length--;
    }
    if (!path->length)
        return false;
    slash = memchr(path->start, '/', path->length);
    ret_first->start = path->start;
    ret_first->length = slash ? (size_t)(slash - path->start) : path->length;
    path->start += ret_first->length;
    path->length -= ret_first->length;
    return true;
}

/*
 * Engines that put their name before the id. `any_id`: the id need not be 64 digits, the name is
 * proof enough.
 */
static const struct {
    const char *prefix;
    const char *runtime;
    bool any_id;
} scopes[] = {
    { "docker-", "docker", false },  { "cri-containerd-", "containerd", false },
    { "crio-", "cri-o", false },     { "libpod-payload-", "podman", false },
    { "libpod-", "podman", false },  { "nerdctl-", "containerd", false },
    { "runc-", "runc", true },       { "crun-", "crun", true },
    { "lxc.payload.", "lxc", true },
};

/*
 * What engines set beside their containers, at its exact place: systemd's scopes and CRI-O's
 * directories bear a container's id, podman's is "conmon" below its own parent, or below a pod's
 * there; and lxc's.
 */
static bool is_monitor(struct text name, struct text parent, struct text above_parent)
{
    struct text id = name;

    if (take_prefix(&id, "libpod-conmon-"))
        return take_suffix(&id, ".scope") && is_long_id(id);
    if (take_prefix(&id, "crio-conmon-")) {
        (void)take_suffix(&id, ".scope");
        return is_long_id(id);
    }
    if (equals(name, "conmon"))
        return equals(parent, PODMAN_PARENT) ||
               (is_long_id(parent) && equals(above_parent, PODMAN_PARENT));
    return take_prefix(&id, "lxc.monitor.") && id.length;
}

static bool match_scope(struct text leaf, struct cgroup_ref *ref)
{
    bool is_scope = take_suffix(&leaf, ".scope");

    for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
        struct text id = leaf;

        if (!take_prefix(&id, scopes[i].prefix) || !id.length)
            continue;
        /* "runc-x" in a directory is just a name; "runc-x.scope" is the systemd driver's. */
        if (!is_long_id(id) && !(scopes[i].any_id && (is_scope || scopes[i].prefix[0] == 'l')))
            continue;
        ref->kind = CGROUP_CONTAINER;
        ref->runtime = scopes[i].runtime;
        ref->id = id.start;
        ref->id_length = id.length;
        return true;
    }
    /* Some other engine's prefix: whatever ends in -<64 digits>. */
    if (leaf.length > ID_LENGTH && leaf.start[leaf.length - ID_LENGTH - 1] == '-') {
        struct text id = { leaf.start + leaf.length - ID_LENGTH, ID_LENGTH };

        if (is_long_id(id)) {
            ref->kind = CGROUP_CONTAINER;
            ref->id = id.start;
            ref->id_length = id.length;
            return true;
        }
    }
    return false;
}

/* /docker/ID, /kubepods/.../podUID/ID, /NAMESPACE/ID: the directory above tells the engine.
 * /libpod_parent/ID is a pod. */
static bool match_bare_id(struct text name, struct text parent, struct cgroup_ref *ref)
{
    if (!is_long_id(name) || equals(parent, PODMAN_PARENT))
        return false;
    ref->kind = CGROUP_CONTAINER;
    ref->id = name.start;
    ref->id_length = name.length;
    if (equals(parent, "docker"))
        ref->runtime = "docker";
    else if (equals(parent, "k8s.io"))
        ref->runtime = "containerd";
    return true;
}

/* systemd-nspawn@NAME.service/payload and machine-NAME.scope, both in machine.slice. */
static bool match_machine(struct text unit, struct text parent, struct cgroup_ref *ref)
{
    struct text name = unit;

    if (!equals(parent, "machine.slice"))
        return false;
    if (!(take_prefix(&name, "systemd-nspawn@") && take_suffix(&name, ".service"))) {
        name = unit;
        if (!(take_prefix(&name, "machine-") && take_suffix(&name, ".scope")))
            return false;
    }
    if (!name.length)
        return false;
    ref->kind = CGROUP_CONTAINER;
    ref->runtime = "systemd-nspawn";
    ref->id = name.start;
    ref->id_length = name.length;
    return true;
}

/* "podUID" (cgroupfs) or "kubepods-besteffort-podUID.slice" (systemd). */
static bool match_pod(struct text leaf, struct cgroup_ref *ref)
{
    if (take_suffix(&leaf, ".slice")) {
        const char *pod = NULL;

        if (!contains(leaf, "kubepods-"))
            return false;
        for (size_t i = 0; i + 4 < leaf.length; i++) {
            if (memcmp(leaf.start + i, "-pod", 4) == 0)
                pod = leaf.start + i + 4;
        }
        if (!pod)
            return false;
        leaf.length -= (size_t)(pod - leaf.start);
        leaf.start = pod;
    } else if (!take_prefix(&leaf, "pod")) {
        return false;
    }
    if (leaf.length < 32) /* a UID has 36 characters, a static pod's hash 32 */
        return false;
    ref->pod_uid = leaf.start;
    ref->pod_uid_length = leaf.length;
    return true;
}

/* The outermost container of what is left of a path, which begins below `parent`. */
static void find_container(const char *path, struct text below, bool inside, struct cgroup_ref *ref)
{
    struct text name, parent = { 0 }, above_parent = { 0 };

    *ref = (struct cgroup_ref){ 0 };
    while (take_first(&below, &name)) {
        if (is_monitor(name, parent, above_parent)) {
            *ref = (struct cgroup_ref){ 0 };
            if (inside)
                return;
            ref->kind = CGROUP_MONITOR;
        } else if (!match_scope(name, ref) && !match_bare_id(name, parent, ref) &&
                   !match_machine(name, parent, ref)) {
            (void)match_pod(name, ref);
            above_parent = parent;
            parent = name;
            continue;
        }
        ref->prefix_length = (size_t)(name.start - path) + name.length;
        return;
    }
}

void cgroup_path_parse(const char *path, size_t length, struct cgroup_ref *ret_ref)
{
    find_container(path, (struct text){ path, length }, false, ret_ref);
}

void cgroup_path_parse_inside(const char *path, size_t length, size_t outer_length,
                              struct cgroup_ref *ret_ref)
{
    find_container(path, (struct text){ path + outer_length, length - outer_length }, true,
                   ret_ref);
}

const char *cgroup_path_unit(const char *path, size_t length, size_t *ret_length)
{
    static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount" };
    struct text above = { path, length }, leaf;

    while (take_leaf(&above, &leaf)) {
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
            struct text name = leaf;

            if (take_suffix(&name, kinds[i]) && name.length) {
                *ret_length = leaf.length;
                return leaf.start;
            }
        }
    }
    return NULL;
}
