/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which places a change in a directory concerns: those that have it watched, and no others, so that
 * a user who keeps his own directories busy has nobody's files read but his own.
 */
#pragma once

#include "src/base/hash.h"

struct offline_place;
struct offline_watch;

struct offline_watches {
    int fd;                     /* inotify */
    struct number_table places; /* by watch descriptor: struct offline_watch, owned */
};

/* 0 or a negative errno. */
int offline_watches_open(struct offline_watches *watches);
void offline_watches_close(struct offline_watches *watches);

/*
 * Any change in this directory marks the place; NULL stands for the list of users. Fires once. What
 * cannot be watched (out of watches, of memory) is read again with the place's other changes.
 */
void offline_watches_add(struct offline_watches *watches, struct offline_place *place,
                         int directory_fd);
/* The place will not be marked any more. */
void offline_watches_forget(struct offline_watches *watches, const struct offline_place *place);

enum offline_change {
    OFFLINE_USERS_CHANGED = 1 << 0, /* the list of users */
    OFFLINE_CHANGES_LOST = 1 << 1,  /* too many at once: any place may have changed */
};

/* Marks the places of all changes so far. A set of what else has changed. */
unsigned int offline_watches_take(struct offline_watches *watches);
