/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/process.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "src/base/error.h"

static void test_status_of_what_did_not_begin(UNUSED void **state)
{
    assert_int_equal(run_status_of_failure(-ENOENT), 127);
    assert_int_equal(run_status_of_failure(-EACCES), 126);
    assert_int_equal(run_status_of_failure(-ENOEXEC), 126);
    assert_int_equal(run_status_of_failure(-ENOMEM), 126);
}

/* What waitpid(2) says of a child that does this. */
static int status_of(void (*child)(int number), int number)
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        child(number);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void end_by_status(int number)
{
    _exit(number);
}

/* As in a program that blocks and ignores what it can. */
static void end_by_signal(int number)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)signal(number, SIG_IGN);
    run_end_by_signal(number);
}

static void test_status_of_an_end(UNUSED void **state)
{
    static const int signals[] = { SIGTERM, SIGKILL, SIGINT, SIGPIPE, SIGSEGV };
    int number = -1;

    for (int i = 0; i < 256; i += 51) {
        assert_int_equal(run_status_of_end(status_of(end_by_status, i), &number), i);
        assert_int_equal(number, 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        int status = status_of(end_by_signal, signals[i]);

        assert_true(WIFSIGNALED(status));
        assert_false(WCOREDUMP(status));
        assert_int_equal(run_status_of_end(status, &number), 128 + signals[i]);
        assert_int_equal(number, signals[i]);
    }
}

static void test_a_signal_that_ends_nothing(UNUSED void **state)
{
    int status = status_of(end_by_signal, SIGCHLD);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 99);
}

static void make_file(const char *directory, const char *name, mode_t mode)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_find(UNUSED void **state)
{
    char directory[] = "/tmp/test_process.XXXXXX", path[256], list[512], sub[256];

    assert_non_null(mkdtemp(directory));
    make_file(directory, "program", 0755);
    make_file(directory, "document", 0644);
    (void)snprintf(sub, sizeof(sub), "%s/folder", directory);
    assert_int_equal(mkdir(sub, 0755), 0);
    (void)snprintf(list, sizeof(list), "/nowhere:%s:/also/nowhere", directory);
    assert_int_equal(setenv("PATH", list, 1), 0);

    assert_int_equal(run_process_find("program"), 0);
    assert_int_equal(run_process_find("document"), -EACCES);
    assert_int_equal(run_process_find("folder"), -EACCES);
    assert_int_equal(run_process_find("nothing"), -ENOENT);
    assert_int_equal(run_process_find(""), -ENOENT);
    (void)snprintf(path, sizeof(path), "%s/program", directory);
    assert_int_equal(run_process_find(path), 0);
    assert_int_equal(run_process_find("./program"), -ENOENT);
    (void)snprintf(path, sizeof(path), "%s/program/", directory);
    assert_int_equal(run_process_find(path), -ENOTDIR);
    /* An empty word of PATH is where we are. */
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(setenv("PATH", "/nowhere:", 1), 0);
    assert_int_equal(run_process_find("program"), 0);
    assert_int_equal(setenv("PATH", "", 1), 0);
    assert_int_equal(run_process_find("program"), 0);
    assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
    assert_int_equal(run_process_find("program"), -ENOENT);
    assert_int_equal(unsetenv("PATH"), 0);
    assert_int_equal(run_process_find("sh"), 0);

    assert_int_equal(unlink("program") | unlink("document") | rmdir("folder"), 0);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_of_what_did_not_begin),
        cmocka_unit_test(test_status_of_an_end),
        cmocka_unit_test(test_a_signal_that_ends_nothing),
        cmocka_unit_test(test_find),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
