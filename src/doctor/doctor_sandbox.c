/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "src/doctor/doctor.h"
#include "src/host/sandbox.h"

#define SECTION "Sandbox"

struct trial {
    int r;
    struct error error;
    struct sandbox_state state;
};

static _Noreturn void be_trial(int fd)
{
    const struct sandbox_options options = { 0 };
    struct trial trial = { 0 };

    trial.r = sandbox_enter(&options, &trial.error);
    if (trial.r >= 0 && !sandbox_read(&trial.state))
        trial.r = -EIO;
    _exit(write(fd, &trial, sizeof(trial)) == sizeof(trial) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* In a process of its own: what is laid down cannot be taken up again. */
static bool try(struct trial *ret_trial)
{
    int fds[2];
    ssize_t length;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return false;
    pid = fork();
    if (pid == 0)
        be_trial(fds[1]);
    (void)close(fds[1]);
    length = pid < 0 ? -1 : read(fds[0], ret_trial, sizeof(*ret_trial));
    (void)close(fds[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return length == sizeof(*ret_trial);
}

static void look(struct findings *findings, const struct sandbox_state *state)
{
    char names[SANDBOX_NAMES_SIZE];

    sandbox_name(state->effective, names);
    findings_add(findings, SECTION, "capabilities", FINDING_GOOD, NULL,
                 "held once tracing has begun: %s", names);
    findings_add(findings, SECTION, "programs", state->no_new_privs ? FINDING_GOOD : FINDING_BAD,
                 NULL, "%s", state->no_new_privs ? "give it no capability" : "may give it more");
    findings_add(findings, SECTION, "system calls", state->filtered ? FINDING_GOOD : FINDING_BAD,
                 NULL, "%s", state->filtered ? "those of a list; files for reading only" : "all");
}

void doctor_sandbox(struct findings *findings)
{
    struct trial trial;

    if (!try(&trial))
        findings_add(findings, SECTION, "system calls", FINDING_BAD,
                     "Try again: this is no property of the host.", "it could not be tried");
    else if (trial.r < 0)
        findings_add(findings, SECTION, "system calls", FINDING_BAD,
                     "Without it, --no-sandbox traces with all that the caller has.", "%s",
                     trial.error.message);
    else
        look(findings, &trial.state);
}
