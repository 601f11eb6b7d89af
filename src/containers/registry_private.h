/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the registry share. Calls go one way: registry_tree.c (the kernel's side, which
 * uses registry_birth.c and registry_candidate.c) and registry_describe.c (the engines' side) do
 * not know each other, and stand on registry_place.c (which member a path belongs to), registry.c
 * (members), registry_share.c (how many of them a user may have) and registry_key.c (what they are
 * found by). */
#pragma once

#include "src/containers/registry.h"

struct member *registry_find(const struct registry *registry, const char *key, size_t length);
/* A new member without a container; NULL (and counted) when there is no room. */
/* `maker`: whose share of the index it takes, 0: root's. */
struct member *registry_add(struct registry *registry, const char *key, size_t length, uid_t maker);

/* Says so to the listener, and frees it. */
void registry_forget(struct registry *registry, struct member *member);

/* One more member of this user's. False, and counted: there is no room. */
bool registry_take_share(struct registry *registry, uid_t maker);
void registry_return_share(struct registry *registry, uid_t maker);
void registry_clear_shares(struct registry *registry);

/* What the kernel has told of a cgroup that was made, while nobody has looked at it. */
struct birth {
    uint64_t parent_id;
    char name[]; /* of its directory */
};

/* Puts it off. False: it cannot wait, as there is no room, or `name` is NULL. */
bool registry_put_off(struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                      const char *name);
/* NULL: it was not put off. Borrowed. */
const struct birth *registry_find_birth(const struct registry *registry, uint64_t cgroup_id);
void registry_drop_birth(struct registry *registry, uint64_t cgroup_id);
/* Those that are not in `there` any more. */
void registry_drop_vanished_births(struct registry *registry, const struct number_table *there);
void registry_clear_births(struct registry *registry);
/* The path of a cgroup by what its birth says, without a search for it; one that has gone has it,
 * too. `name` may be NULL. 0 or a negative errno, as cgroup_tree_path(). */
int registry_path_of_birth(const struct registry *registry, uint64_t cgroup_id, uint64_t parent_id,
                           const char *name, char **ret_path);
/* Whether a cgroup that is made in this one is a user's, or need not be looked at for another
 * reason. */
bool registry_may_put_off(struct registry *registry, uint64_t parent_id);

/* From now on the id leads to this member. */
void registry_map(struct registry *registry, uint64_t cgroup_id, struct member *member);
/* It leads nowhere. Returns where it led to, NULL: nowhere. */
struct member *registry_unmap(struct registry *registry, uint64_t cgroup_id);

/* It is forgotten once the ring has drained. */
void registry_bury(struct registry *registry, struct member *member);

/* Puts a new version in the place of the old one and says so. Takes the reference. */
void registry_publish(struct registry *registry, struct member *member,
                      struct container *container);

/* The member has a cgroup now: what an engine said before is joined with what the kernel shows.
 * 0 or -ENOMEM. */
int registry_settle(struct registry *registry, struct member *member, const char *path,
                    const struct cgroup_ref *ref, uint64_t top_cgroup);

/* A container as its cgroup's path shows it, before any engine has said a word. NULL: no memory. */
struct container *registry_container_from_path(const char *path, const struct cgroup_ref *ref);

/* It is inside of no other any more, or never was. */
void registry_release(struct member *member);

/* Another has been given its top cgroup. One that bears its id elsewhere may have it now. */
void registry_dislodge(struct registry *registry, struct member *member);

/* One that is inside of `outer` bears its name, or its new name. 0 or -ENOMEM. */
int registry_name_inside(const struct member *outer, struct container *container);

/*
 * The member that a path belongs to, &registry->host for the host's; makes it if it is of an
 * engine's shape. NULL: out of memory or room, or whose it is cannot be told now.
 */
struct member *registry_member_of_path(struct registry *registry, const char *path,
                                       uint64_t cgroup_id);
/* Who may speak for a path: the owner of what is above the outermost container on it, or of what is
 * above all of it. 0 or a negative errno. */
int registry_owner_of(const struct registry *registry, const char *path, uid_t *ret_owner);

/* Of a process, by /proc's name for its kind, "mnt"; 0 when it cannot be read. */
uint32_t registry_namespace(pid_t pid, const char *kind);
/* Those of its first process, as far as that is known. */
void registry_learn_namespaces(const struct registry *registry, struct container *container);

/* How a cgroup came to be known. */
enum coming {
    COMING_BORN,   /* just now: nothing can be in it yet */
    COMING_MISSED, /* it was found when notices had been lost */
    COMING_FOUND,  /* it was there before us */
};

/*
 * A new member for a cgroup of no engine's shape, which engines may know. &registry->host where its
 * name or place says that it is none: units of systemd; and, of one that has not just been born,
 * where its processes have the host's namespaces. An empty one is the host's if it was there before
 * us; if its birth was missed, it is as if it was born now. NULL: out of memory, or of room.
 */
struct member *registry_add_candidate(struct registry *registry, const char *path,
                                      uint64_t cgroup_id, enum coming coming);

/*
 * The key of a container, owned by the caller: its id if that is 64 hexadecimal digits, with
 * "user/UID/" in front for the containers of an unprivileged user (uid not 0); else the path of its
 * top cgroup. NULL: out of memory, or neither is known.
 */
char *registry_key(const char *id, size_t id_length, const char *path, size_t path_length,
                   uid_t uid);

/* The member that was described so; NULL: none. */
struct member *registry_find_origin(const struct registry *registry,
                                    const struct container_origin *origin);
/* It is found by this from now on, and by nothing else. 0 or a negative errno. */
int registry_set_origin(struct registry *registry, struct member *member,
                        const struct container_origin *origin);
void registry_drop_origin(struct registry *registry, struct member *member);

/* Names of a user's containers say whose they are: "user/1000/web". 0 or -ENOMEM. */
int registry_mark_user(struct container *container, uid_t uid);

/* A path tells whose runc it is: `runtime` replaces the container's if users speak to that one.
 * NULL changes nothing. */
void registry_prefer_runtime(struct container *container, const char *runtime);
