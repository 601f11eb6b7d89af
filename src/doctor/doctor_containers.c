/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>

#include "src/base/loop.h"
#include "src/containers/inventory.h"
#include "src/doctor/doctor.h"

#define CGROUPS "cgroups"
#define ENGINES "Engines"

/* Sentences of engines are kept until their state is told. */
#define REASONS_MAX 16

/* -------- cgroups -------- */

/* From a number to a path and back: what every event needs. */
static int try_number(const struct cgroup_tree *tree, uint64_t *ret_id, struct error *error)
{
    _cleanup_(free_string)
    char *path = NULL;
    int r = cgroup_tree_id(tree, "/", ret_id);

    if (r >= 0)
        r = cgroup_tree_path(tree, *ret_id, &path);
    if (r == -EPERM)
        return error_set(error, r, "a cgroup cannot be found by its number: not permitted");
    if (r < 0)
        return error_set(error, r, "a cgroup cannot be found by its number: %s", strerror(-r));
    return 0;
}

bool doctor_cgroups(struct findings *findings, struct cgroup_tree *tree)
{
    struct error error;
    uint64_t id;
    int r = cgroup_tree_open(tree, &error);

    if (r < 0) {
        findings_add(findings, CGROUPS, "hierarchy", FINDING_BAD,
                     r == -EXDEV ? "In a container: run that with --cgroupns host, and with the "
                                   "host's /sys/fs/cgroup."
                                 : "Mount one: mount -t cgroup2 none /sys/fs/cgroup.",
                     "%s", error.message);
        return false;
    }
    findings_add(findings, CGROUPS, "hierarchy", FINDING_GOOD, NULL, "%s at %s", tree->description,
                 tree->mount_point);
    if (tree->other_mounts)
        findings_add(findings, CGROUPS, "mounts", FINDING_FACT, NULL,
                     "%s is taken; mounted besides: %s", tree->mount_point, tree->other_mounts);
    if (try_number(tree, &id, &error) < 0) {
        findings_add(findings, CGROUPS, "numbers", FINDING_BAD,
                     "It takes Linux 5.5 and CAP_DAC_READ_SEARCH: run it as root.", "%s",
                     error.message);
        return false;
    }
    findings_add(findings, CGROUPS, "numbers", FINDING_GOOD, NULL,
                 "lead to paths; the root is number %" PRIu64, id);
    return true;
}

/* -------- engines -------- */

struct visit {
    struct findings *findings;
    struct inventory *inventory; /* owned */
    bool late;
    struct {
        const char *runtime;
        struct error error;
    } reasons[REASONS_MAX];
};

static void on_engine(void *userdata, const char *runtime, enum runtime_state state,
                      const struct error *reason)
{
    struct visit *visit = userdata;

    for (size_t i = 0; state == RUNTIME_DOWN && reason && i < REASONS_MAX; i++) {
        if (visit->reasons[i].runtime && strcmp(visit->reasons[i].runtime, runtime) != 0)
            continue;
        visit->reasons[i].runtime = runtime;
        visit->reasons[i].error = *reason;
        break;
    }
}

static int on_patience(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct visit *visit = userdata;

    visit->late = true;
    return 0;
}

/* Its containers that have a cgroup: those that run. */
static size_t count_containers(const struct registry *registry, const char *engine, bool only_named)
{
    const struct member *member;
    size_t count = 0, at = 0;

    while ((member = registry_next(registry, &at))) {
        if (!member->top_cgroup || member->candidate || (only_named && !member->container->named))
            continue;
        if (!engine || strcmp(member->container->runtime, engine) == 0)
            count++;
    }
    return count;
}

static const char *reason_of(const struct visit *visit, const char *runtime)
{
    for (size_t i = 0; i < REASONS_MAX && visit->reasons[i].runtime; i++) {
        if (strcmp(visit->reasons[i].runtime, runtime) == 0)
            return visit->reasons[i].error.message;
    }
    return "no answer";
}

static void report_engine(void *userdata, const struct runtime *runtime)
{
    struct visit *visit = userdata;
    const char *name = runtime_name(runtime), *engine = runtime_engine(runtime);
    const char *socket = runtime_socket(runtime), *left_out = runtime_left_out(runtime);
    size_t running = count_containers(inventory_registry(visit->inventory), engine, false);

    switch (runtime_get_state(runtime)) {
    case RUNTIME_ABSENT:
        findings_add(visit->findings, ENGINES, name, FINDING_FACT, NULL, "not here%s%s",
                     socket ? ": no socket at " : "", socket ? socket : "");
        break;
    case RUNTIME_UP:
        /* Without a socket nothing tells one that runs none from one that is not there. */
        if (!socket && !running) {
            findings_add(visit->findings, ENGINES, name, FINDING_FACT, NULL,
                         "runs none; its files are read as they come%s%s", left_out ? "; " : "",
                         left_out ? left_out : "");
            break;
        }
        findings_add(visit->findings, ENGINES, name, FINDING_GOOD, NULL, "%s%s; running: %zu%s%s",
                     socket ? "answers at " : "its files are read", socket ? socket : "", running,
                     left_out ? "; " : "", left_out ? left_out : "");
        break;
    case RUNTIME_CONNECTING:
    case RUNTIME_DOWN:
        findings_add(visit->findings, ENGINES, name, FINDING_BAD,
                     socket ? "See whether it runs, and its log; and whether you may write to its "
                              "socket: root, its group, or CAP_DAC_OVERRIDE."
                            : "Its files have to be readable: run it as root.",
                     "%s", reason_of(visit, name));
        break;
    }
}

static int wait_for_answers(struct visit *visit, sd_event *event)
{
    sd_event_source *patience = NULL;
    int r = loop_timer(event, DISCOVERY_ANSWER_USEC, "patience", on_patience, visit, &patience);

    while (r >= 0 && !visit->late && !inventory_is_complete(visit->inventory))
        r = sd_event_run(event, UINT64_MAX);
    sd_event_source_disable_unref(patience);
    return r;
}

static int ask(struct visit *visit, const struct cgroup_tree *tree,
               const struct discovery_options *options, sd_event *event, struct error *error)
{
    const struct inventory_listener listener = { .engine = on_engine, .userdata = visit };
    int r = inventory_new(&(const struct inventory_options){ .discovery = options, .tree = tree },
                          event, &listener, &visit->inventory, error);

    if (r >= 0)
        r = inventory_scan(visit->inventory, error);
    if (r < 0)
        return r;
    r = wait_for_answers(visit, event);
    return r < 0 ? error_set(error, r, "cannot ask: %s", strerror(-r)) : 0;
}

void doctor_engines(struct findings *findings, const struct cgroup_tree *tree,
                    const struct discovery_options *options, sd_event *event)
{
    struct visit *visit = calloc(1, sizeof(*visit));
    struct error error;

    if (!visit) {
        findings->failed = true;
        return;
    }
    visit->findings = findings;
    if (ask(visit, tree, options, event, &error) < 0) {
        findings_add(findings, ENGINES, "sockets", FINDING_BAD,
                     "Every command that looks for containers fails with this: correct the option "
                     "or the variable.",
                     "%s", error.message);
    } else {
        inventory_each_engine(visit->inventory, report_engine, visit);
        findings_add(findings, ENGINES, "containers", FINDING_FACT, NULL, "%zu run here, %zu named",
                     count_containers(inventory_registry(visit->inventory), NULL, false),
                     count_containers(inventory_registry(visit->inventory), NULL, true));
    }
    inventory_free(&visit->inventory);
    free(visit);
}
