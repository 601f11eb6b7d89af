/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A container as users know it. Counted and, once published by the registry, immutable: a rename
 * makes a new object, so that a record in flight keeps the name of its time.
 *
 * Made in two places: a runtime (runtimes/) fills what only an engine knows; the registry
 * (src/containers/registry.c) adds what only the kernel knows, or makes one from a cgroup path
 * alone.
 */
#pragma once

#include <sys/types.h>

#include "src/model/field.h"

/* Labels kept per container, and bytes kept of each key, value or name; more is cut and counted in
 * `dropped_labels`: engines allow 256 KiB of annotations, nobody reads them in a trace. */
#define CONTAINER_LABELS_MAX 128
#define CONTAINER_TEXT_MAX   4096

/* An id is shown like this many characters in columns, as every engine's own tool does. */
#define CONTAINER_SHORT_ID 12

enum container_state {
    CONTAINER_STATE_UNKNOWN = 0,
    CONTAINER_STATE_CREATED,
    CONTAINER_STATE_RUNNING,
    CONTAINER_STATE_PAUSED,
    CONTAINER_STATE_EXITED,
};

struct label {
    char *key;
    char *value;
};

struct container {
    unsigned int references;
    uint64_t edition; /* no two have the same, ever: never 0 */

    /* From the engine. Text is NULL while unknown, valid UTF-8 is not promised. */
    const char *runtime; /* static: "docker", "containerd", "cri-o", "podman", "runc", ... */
    char *id;            /* never NULL, never empty */
    char *name;          /* without Docker's leading slash */
    char *image;         /* as the user wrote it */
    char *pod;           /* Kubernetes pod */
    char *pod_namespace; /* Kubernetes namespace */
    char *pod_uid;
    char *sandbox_id;       /* of its pod's sandbox, which is one of the same engine's containers */
    char *engine_namespace; /* containerd's namespace: "moby", "k8s.io", "default" */
    char *bundle;           /* directory of its config.json */
    struct label *labels;
    size_t label_count;
    size_t dropped_labels;
    pid_t pid;                /* of its init in our pid namespace, 0 unknown */
    uint64_t pid_start_ticks; /* as in /proc/PID/stat, 0 unknown: tells it from a later process */
    enum container_state state;
    /* Whose engine says so. 0: root's, believed. Else an unprivileged user's own words, even the
     * id: they count only for cgroups inside that user's delegated subtree. */
    uid_t owner_uid;
    bool sandbox; /* a pod's pause container */
    bool partial; /* its labels are known to another driver of the same engine, if that one is up */
    bool named;   /* an engine has answered: name, image, labels are final unless renamed */

    /* From the kernel. */
    uint64_t cgroup_id;       /* of the container's top cgroup, 0 unknown */
    char *cgroup_path;        /* below the cgroup mount, begins with '/'; from an engine it is a
                                 hint, which the registry looks up before it believes it */
    bool cgroup_v2;           /* the path's; says nothing while the number is unknown */
    uint64_t mount_namespace; /* inode number, 0 unknown */
    uint64_t network_namespace;
    bool host_network; /* which is the host's; says nothing while that is unknown */
};

/* What tells a container from all others that engines know: an id is unique within one namespace of
 * one owner's engine. Borrowed texts. */
struct container_origin {
    const char *runtime;
    const char *engine_namespace; /* NULL: the engine has none */
    uid_t owner_uid;
    const char *id;
};

static inline struct container_origin container_origin(const struct container *container)
{
    return (struct container_origin){ container->runtime, container->engine_namespace,
                                      container->owner_uid, container->id };
}

/* One reference, owned by the caller. `runtime` must be a static string. Returns NULL on ENOMEM or
 * for an empty id. */
struct container *container_new(const char *runtime, const char *id);
struct container *container_ref(struct container *container);
/* Drops one reference and writes NULL; a no-op on NULL. */
void container_unref(struct container **container);

/*
 * A private copy with one reference, to be changed and published in place of the old one.
 * NULL on ENOMEM.
 */
struct container *container_copy(const struct container *container);

/* Replaces a text field by a copy of `value` (cut at CONTAINER_TEXT_MAX; NULL clears it). Only
 * before publishing. 0 or -ENOMEM. */
int container_set_text(char **field, const char *value);
/* A text field by its offset in the struct, for tables of fields. */
char **container_text_at(const struct container *container, size_t offset);

/* Whether the image is given by its id, with or without "sha256:", and so by no name. */
bool container_image_is_id(const char *image);

/* Adds or replaces a label; over CONTAINER_LABELS_MAX it only counts. 0 or -ENOMEM. */
int container_add_label(struct container *container, const char *key, const char *value);
/* Borrowed value, NULL when there is no such label. */
const char *container_label(const struct container *container, const char *key);

/* What columns show: the name, else the first 12 characters of a hexadecimal id, else the id.
 * Writes into `buffer` when it has to cut; returns borrowed text. */
const char *container_display_name(const struct container *container,
                                   char buffer[static CONTAINER_SHORT_ID + 1]);

/* How much of the id is shown where room is short: 12 hexadecimal digits, else all of it. */
size_t container_short_id_length(const struct container *container);

const char *container_state_name(enum container_state state);

extern const struct field_table container_fields; /* object: const struct container */
