/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for containers: owns the runtimes, asks them about members of the registry, and settles
 * each member once an engine has answered, none will, or the time is up.
 */
#pragma once

#include <systemd/sd-event.h>

#include "runtimes/runtime.h"
#include "src/containers/registry.h"

/* Events of a container wait this long for its name; then they go out with its short id. */
#define DISCOVERY_WAIT_USEC UINT64_C(500000)

/* Who lists waits this long for the engines' answers; then what is known has to do. */
#define DISCOVERY_ANSWER_USEC UINT64_C(2000000)

struct discovery;

struct discovery_options {
    const char *const *runtimes; /* names; all of them if the count is 0 */
    size_t runtime_count;
    struct {
        const char *runtime;
        const char *path; /* NULL: environment, then defaults */
    } sockets[8];         /* ends at the first without a runtime */
};

struct discovery_listener {
    /* What is known of the member is final for now: its events may go. */
    void (*settled)(void *userdata, struct member *member);
    /* An engine has come up, gone down (`reason`, which says what that means for names, too), or is
     * not there. */
    void (*engine)(void *userdata, const char *runtime, enum runtime_state state,
                   const struct error *reason);
    void *userdata;
};

/* `registry`, `options` and the listener's userdata are borrowed until discovery_free. An unknown
 * runtime is -EINVAL. An engine that is the only one asked for by name has to be there, and so has
 * one of several: else -ENOENT. */
int discovery_new(const struct discovery_options *options, sd_event *event,
                  struct registry *registry, const struct discovery_listener *listener,
                  struct discovery **ret_discovery, struct error *error);
void discovery_free(struct discovery **discovery);

/* What is known of a member has changed: settles it if it has a name, else asks for one, once. */
void discovery_update(struct discovery *discovery, struct member *member);

/*
 * Asks for the member's name if there is anybody to ask; its naming is NAMING_WAITING then, and
 * `settled` will come. Otherwise `settled` comes at once.
 */
void discovery_ask(struct discovery *discovery, struct member *member);

/* Nobody is asked yet, but `settled` comes after the usual time if nothing happens: for a candidate
 * whose first program is still to run. */
void discovery_hold(struct discovery *discovery, struct member *member);

/* The member was named by other means, or is about to be freed: it waits no longer. */
void discovery_forget(struct discovery *discovery, struct member *member);

/*
 * No engine knows a candidate. True: its namespaces, or those of its events, say that it is a
 * container, which is settled by now; or nothing can be said yet, and it waits. False: it is the
 * host's, and the caller dismisses it once its events are let go.
 */
bool discovery_keep(struct discovery *discovery, struct member *member);

/* Nobody waits any longer: `settled` comes for each that does, with what is known. */
void discovery_finish(struct discovery *discovery);

/* True once every engine has told its list, or that it is not there. */
bool discovery_is_complete(const struct discovery *discovery);

/* For doctor and --verbose: calls back for each engine. */
void discovery_each(const struct discovery *discovery,
                    void (*visit)(void *userdata, const struct runtime *runtime), void *userdata);
