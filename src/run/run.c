/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/run.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "src/containers/exits.h"
#include "src/run/guard.h"

struct run {
    const char *name;  /* borrowed from argv */
    const char *typed; /* likewise, with its directories */
    struct run_user user;
    struct cgroup_tree tree;
    struct run_cgroup cgroup;
    struct run_guard guard;
    struct run_process process; /* its pid is 0 once it was waited for */
    pid_t pid;
    int pid_fd;                    /* owned */
    sd_event_source *first_source; /* owned: the end of the first process */
    struct exits *exits;           /* owned: the end of all */
    bool started;
    bool is_empty;
    int status; /* as waitpid(2) has it */
    void (*ended)(void *userdata);
    void *userdata;
};

void run_free(struct run **run)
{
    if (!*run)
        return;
    sd_event_source_disable_unref((*run)->first_source);
    exits_free(&(*run)->exits);
    if ((*run)->started)
        run_guard_kill(&(*run)->guard);
    run_process_clear(&(*run)->process);
    if (!run_guard_remove(&(*run)->guard))
        run_guard_clear(&(*run)->guard);
    close_fd(&(*run)->pid_fd);
    run_user_clear(&(*run)->user);
    cgroup_tree_clear(&(*run)->tree);
    free((*run)->cgroup.path);
    free(*run);
    *run = NULL;
}

/* -------- making -------- */

static int cannot_run(const struct run *run, int r, int *ret_status, struct error *error)
{
    *ret_status = run_status_of_failure(r);
    return error_set(error, r == -EINVAL ? -ENOEXEC : r, "cannot run '%.200s': %s", run->typed,
                     r == -ENOENT ? "there is no such program" : strerror(-r));
}

static int make_all(struct run *run, const struct run_options *options, struct error *error)
{
    int r = cgroup_tree_open(&run->tree, error);

    if (r >= 0)
        r = run_cgroup_make(&run->tree, &run->cgroup, error);
    if (r < 0)
        return r;
    r = run_guard_start(&run->cgroup, &run->guard);
    if (r < 0)
        (void)run_cgroup_remove(&run->cgroup);
    else
        r = run_process_fork(options->argv, &run->user, run->guard.fd, &run->process);
    run->pid = run->process.pid;
    return r < 0 ? error_set(error, r, "cannot make a process: %s", strerror(-r)) : 0;
}

int run_new(const struct run_options *options, struct run **ret_run, int *ret_status,
            struct error *error)
{
    _cleanup_(run_free)
    struct run *run = calloc(1, sizeof(*run));
    const char *slash = strrchr(options->argv[0], '/');
    int r;

    *ret_status = EXIT_STATUS_OURS;
    if (!run)
        return error_set(error, -ENOMEM, "out of memory");
    run->typed = options->argv[0];
    run->name = slash && slash[1] ? slash + 1 : run->typed;
    run->pid_fd = run->guard.fd = run->process.go = run->process.report = run->tree.fd = -1;
    r = run_user_choose(options->user, options->as_root, &run->user, error);
    if (r < 0)
        return r;
    r = run_process_find(run->typed);
    if (r < 0)
        return cannot_run(run, r, ret_status, error);
    r = make_all(run, options, error);
    if (r < 0) /* -EINVAL is kept for the command line */
        return r == -EINVAL ? -EIO : r;
    *ret_run = TAKE_PTR(run);
    return 0;
}

/* -------- running -------- */

static void look_whether_all_is_over(struct run *run)
{
    if (run_has_ended(run))
        run->ended(run->userdata);
}

static int on_first_end(UNUSED sd_event_source *source, UNUSED int fd, UNUSED uint32_t events,
                        void *userdata)
{
    struct run *run = userdata;

    if (waitpid(run->process.pid, &run->status, WNOHANG) != run->process.pid)
        return 0;
    run->process.pid = 0;
    run->first_source = sd_event_source_disable_unref(run->first_source);
    look_whether_all_is_over(run);
    return 0;
}

static void on_empty(void *userdata, UNUSED uint64_t cgroup_id)
{
    struct run *run = userdata;

    run->is_empty = true;
    look_whether_all_is_over(run);
}

/* It waits, in its cgroup, so that there is somebody to be followed. */
static int follow(struct run *run, sd_event *event)
{
    int r = exits_new(event, &run->tree, on_empty, run, &run->exits);

    if (r < 0)
        return r;
    run->pid_fd = (int)syscall(SYS_pidfd_open, run->pid, 0);
    if (run->pid_fd < 0)
        return -errno;
    r = sd_event_add_io(event, &run->first_source, run->pid_fd, EPOLLIN, on_first_end, run);
    if (r < 0)
        return r;
    exits_follow(run->exits, run->cgroup.id, run->cgroup.path);
    return exits_count(run->exits) ? 0 : -ENOMEM;
}

int run_follow(struct run *run, sd_event *event, void (*ended)(void *userdata), void *userdata,
               struct error *error)
{
    int r;

    run->ended = ended;
    run->userdata = userdata;
    r = run_cgroup_add(&run->cgroup, run->pid);
    if (r < 0)
        return error_set(error, r, "cannot move '%.200s' into %s%s: %s", run->typed,
                         run->tree.mount_point, run->cgroup.path, strerror(-r));
    r = follow(run, event);
    return r < 0 ? error_set(error, r, "cannot follow '%.200s': %s", run->typed, strerror(-r)) : 0;
}

int run_start(struct run *run, int *ret_status, struct error *error)
{
    struct run_obstacle obstacle;

    *ret_status = EXIT_STATUS_OURS;
    run->started = true;
    if (run_process_go(&run->process, &obstacle))
        return 0;
    if (obstacle.in_becoming)
        return error_set(error, obstacle.error, "cannot become %s: %s", run->user.name,
                         strerror(-obstacle.error));
    return cannot_run(run, obstacle.error, ret_status, error);
}

void run_signal(struct run *run, int number)
{
    run_guard_signal(&run->guard, run->process.pid, number);
}

size_t run_abandon(struct run *run)
{
    size_t count = run_guard_abandon(&run->guard);

    run->started = false;
    return count;
}

bool run_first_has_ended(const struct run *run)
{
    return run->started && run->process.pid == 0;
}

bool run_has_ended(const struct run *run)
{
    return run_first_has_ended(run) && run->is_empty;
}

int run_status(const struct run *run)
{
    return run->status;
}

const char *run_name(const struct run *run)
{
    return run->name;
}

pid_t run_pid(const struct run *run)
{
    return run->pid;
}

pid_t run_guard(const struct run *run)
{
    return run->guard.pid;
}

const struct run_cgroup *run_cgroup(const struct run *run)
{
    return &run->cgroup;
}

const struct run_user *run_user(const struct run *run)
{
    return &run->user;
}
