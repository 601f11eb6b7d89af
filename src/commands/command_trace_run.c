/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/command_trace_run.h"

#include <errno.h>
#include <signal.h>

#include "src/base/clock.h"
#include "src/base/log.h"
#include "src/commands/option_watch.h"
#include "src/host/powers.h"

int traced_run_prepare(struct traced_run *traced, char *const *argv,
                       const struct watch_options *options, struct pipeline_options *pipeline,
                       struct error *error)
{
    const struct run_options run_options = {
        .argv = argv,
        .user = options->user,
        .as_root = options->as_root,
    };
    int r = 0;

    traced->status = EXIT_STATUS_OURS;
    if (options->until_exit)
        return error_set(error, -EINVAL,
                         "--until-exit is of containers and units; a command is traced to its end "
                         "anyway");
    r = powers_check(error);
    if (r >= 0)
        r = run_new(&run_options, &traced->run, &traced->status, error);
    if (r < 0)
        return r;
    traced->traced = (struct pipeline_command){
        .name = run_name(traced->run),
        .path = run_cgroup(traced->run)->path,
        .cgroup_id = run_cgroup(traced->run)->id,
        .pid = run_pid(traced->run),
        .guard = run_guard(traced->run),
    };
    pipeline->command = &traced->traced;
    pipeline->only_young = !options->containers.count && !options->selectors.count;
    return 0;
}

void traced_run_clear(struct traced_run *traced)
{
    run_free(&traced->run);
}

/* The terminal gives SIGINT to the command, too: while that is there it is the command's, and the
 * loop makes a second one end us. What asks us alone to end is passed on. */
static bool takes_signal(void *userdata, int number)
{
    struct traced_run *traced = userdata;

    if (run_has_ended(traced->run))
        return false;
    if (number == SIGINT)
        return !run_first_has_ended(traced->run);
    run_signal(traced->run, number);
    return true;
}

static void on_ended(void *userdata)
{
    struct traced_run *traced = userdata;

    loop_end(traced->loop, LOOP_END_DONE);
}

int traced_run_follow(struct traced_run *traced, struct loop *loop, struct error *error)
{
    traced->loop = loop;
    (void)signal(SIGQUIT, SIG_IGN); /* as SIGINT, it is for the command */
    loop_on_signal(loop, takes_signal, traced);
    return run_follow(traced->run, loop_event(loop), on_ended, traced, error);
}

int traced_run_start(struct traced_run *traced, struct error *error)
{
    int r = run_start(traced->run, &traced->status, error);

    traced->traced.begun_ns = clock_ns(CLOCK_BOOTTIME);
    return r;
}

void traced_run_await(struct traced_run *traced, int why)
{
    while (!run_has_ended(traced->run)) {
        if (why < 0)
            return; /* the loop cannot be used any more */
        if (why == LOOP_END_SIGNAL) {
            log_info("%zu processes of %s go on, untraced", run_abandon(traced->run),
                     run_name(traced->run));
            return;
        }
        loop_resume(traced->loop);
        why = loop_run(traced->loop);
    }
}

void traced_run_say(const struct traced_run *traced)
{
    const struct run_user *user = run_user(traced->run);

    log_info("%s ran as %s (uid %u)%s", run_name(traced->run), user->name, user->uid,
             user->by_sudo ? ", who called sudo; --as-root runs it as root" : "");
}

int traced_run_status(const struct traced_run *traced, int *ret_signal)
{
    return run_status_of_end(run_status(traced->run), ret_signal);
}
