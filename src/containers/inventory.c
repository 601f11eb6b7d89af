/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/inventory.h"

#include <errno.h>

struct inventory {
    struct inventory_listener listener;
    struct cgroup_tree own_tree;    /* fd -1 where another's is used */
    const struct cgroup_tree *tree; /* borrowed, or &own_tree */
    struct registry registry;
    struct discovery *discovery; /* owned */
};

/* -------- what its parts tell each other -------- */

static void on_mapped(void *userdata, uint64_t cgroup_id, struct member *member)
{
    struct inventory *inventory = userdata;

    if (inventory->listener.policy)
        inventory->listener.policy(inventory->listener.userdata, cgroup_id, member);
}

/* The same of all cgroups of a member, after something about it has changed. */
static void tell_policies(struct inventory *inventory, struct member *member)
{
    for (size_t i = 0; i < member->id_count; i++)
        on_mapped(inventory, member->ids[i], member);
}

static void on_changed(void *userdata, struct member *member)
{
    struct inventory *inventory = userdata;

    discovery_update(inventory->discovery, member);
}

static void on_forgotten(void *userdata, struct member *member)
{
    struct inventory *inventory = userdata;

    discovery_forget(inventory->discovery, member);
    if (inventory->listener.forgotten)
        inventory->listener.forgotten(inventory->listener.userdata, member);
}

static void settle_candidate(struct inventory *inventory, struct member *member)
{
    if (discovery_keep(inventory->discovery, member))
        return;
    if (inventory->listener.dismissed)
        inventory->listener.dismissed(inventory->listener.userdata, member);
    registry_dismiss(&inventory->registry, member);
}

static void on_settled(void *userdata, struct member *member)
{
    struct inventory *inventory = userdata;

    if (member->candidate) {
        settle_candidate(inventory, member);
        return;
    }
    if (inventory->listener.settled)
        inventory->listener.settled(inventory->listener.userdata, member);
    tell_policies(inventory, member);
}

static void on_engine(void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    struct inventory *inventory = userdata;

    if (inventory->listener.engine)
        inventory->listener.engine(inventory->listener.userdata, runtime, state, reason);
}

/* -------- opening and closing -------- */

int inventory_new(const struct inventory_options *options, sd_event *event,
                  const struct inventory_listener *listener, struct inventory **ret_inventory,
                  struct error *error)
{
    _cleanup_(inventory_free)
    struct inventory *inventory = calloc(1, sizeof(*inventory));
    int r;

    if (!inventory)
        return error_set(error, -ENOMEM, "out of memory");
    inventory->listener = *listener;
    inventory->own_tree.fd = -1;
    inventory->tree = options->tree ? options->tree : &inventory->own_tree;
    r = options->tree ? 0 : cgroup_tree_open(&inventory->own_tree, error);
    if (r < 0)
        return r;
    registry_init(&inventory->registry, inventory->tree,
                  &(const struct registry_listener){
                      .changed = on_changed,
                      .mapped = on_mapped,
                      .forgotten = on_forgotten,
                      .userdata = inventory,
                  });
    inventory->registry.units = options->units;
    inventory->registry.unit_count = options->unit_count;
    inventory->registry.command_path = options->command_path;
    inventory->registry.command_name = options->command_name;
    r = discovery_new(options->discovery, event, &inventory->registry,
                      &(const struct discovery_listener){
                          .settled = on_settled,
                          .engine = on_engine,
                          .userdata = inventory,
                      },
                      &inventory->discovery, error);
    if (r < 0)
        return r;
    *ret_inventory = TAKE_PTR(inventory);
    return 0;
}

void inventory_free(struct inventory **inventory)
{
    if (!*inventory)
        return;
    discovery_free(&(*inventory)->discovery);
    registry_clear(&(*inventory)->registry);
    cgroup_tree_clear(&(*inventory)->own_tree);
    free(*inventory);
    *inventory = NULL;
}

/* -------- notices and questions -------- */

int inventory_scan(struct inventory *inventory, struct error *error)
{
    int r = registry_scan(&inventory->registry);

    if (r < 0)
        return error_set(error, r, "cannot read %s: %s", inventory->tree->mount_point,
                         strerror(-r));
    return 0;
}

int inventory_rescan(struct inventory *inventory)
{
    return registry_rescan(&inventory->registry);
}

struct member *inventory_resolve(struct inventory *inventory, uint64_t cgroup_id)
{
    return registry_resolve(&inventory->registry, cgroup_id);
}

static struct member *executed(struct inventory *inventory, const struct cgroup_event *event)
{
    struct member *member =
        registry_executed(&inventory->registry, event->cgroup_id, (pid_t)event->pid);

    if (!member)
        return NULL;
    tell_policies(inventory, member);
    if (!member->candidate)
        return member;
    discovery_ask(inventory->discovery, member);
    return NULL;
}

struct member *inventory_cgroup(struct inventory *inventory, const struct cgroup_event *event,
                                const char *name)
{
    if (event->kind == EVENT_CGROUP_BORN)
        registry_born(&inventory->registry, event->cgroup_id, event->parent_id, name);
    else if (event->kind == EVENT_CGROUP_GONE)
        registry_gone(&inventory->registry, event->cgroup_id);
    else
        return executed(inventory, event);
    return NULL;
}

void inventory_hold(struct inventory *inventory, struct member *member,
                    const struct capability_event *event)
{
    /* An engine's own, before the first program, says nothing. */
    if (!(event->flags & EVENT_SETUP) &&
        registry_is_foreign(&inventory->registry, event->mount_namespace, event->current_userns))
        member->foreign = true;
    discovery_hold(inventory->discovery, member);
}

void inventory_drained(struct inventory *inventory)
{
    registry_drained(&inventory->registry);
}

void inventory_close(struct inventory *inventory)
{
    inventory->registry.closing = true;
}

void inventory_finish(struct inventory *inventory)
{
    discovery_finish(inventory->discovery);
}

bool inventory_is_complete(const struct inventory *inventory)
{
    const struct member *member;
    size_t at = 0;

    if (!discovery_is_complete(inventory->discovery))
        return false;
    while ((member = registry_next(&inventory->registry, &at))) {
        if (member->naming.state == NAMING_WAITING)
            return false;
    }
    return true;
}

void inventory_each_engine(const struct inventory *inventory,
                           void (*visit)(void *userdata, const struct runtime *runtime),
                           void *userdata)
{
    discovery_each(inventory->discovery, visit, userdata);
}

struct registry *inventory_registry(struct inventory *inventory)
{
    return &inventory->registry;
}

const struct cgroup_tree *inventory_tree(const struct inventory *inventory)
{
    return inventory->tree;
}
