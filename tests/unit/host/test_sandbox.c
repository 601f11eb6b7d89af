/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tracer can do and cannot once it traces, tried from inside: each deed in a process of
 * its own, once as it is and once in the sandbox of each mode.
 */
#include "src/host/sandbox.h"

#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "src/host/powers.h"
#include "tests/unit/confine_deeds.h"

static const struct mode {
    const char *name;
    struct sandbox_options options;
} modes[] = {
    { "plain", { 0 } },
    { "journal", { .journal = true } },
    { "helpers", { .helpers = true } },
    { "command", { .command = true } },
    { "another's socket", { .foreign_sockets = true } },
};

/* -------- deeds -------- */

static int makes_a_socket_of_the_network(void)
{
    return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int makes_a_socket_of_the_kernel(void)
{
    return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int makes_a_pair_of_sockets(void)
{
    int pair[2];

    return result(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int listens(void)
{
    struct sockaddr_un own = { .sun_family = AF_UNIX };

    (void)snprintf(own.sun_path, sizeof(own.sun_path), "%s", other);
    return result(bind(unconnected, (const struct sockaddr *)&own, sizeof(own)));
}

#ifndef __SANITIZE_ADDRESS__
static int ends_another(void)
{
    return result(kill(victim, SIGCONT));
}

static int ends_another_thread(void)
{
    return result(syscall(SYS_tgkill, victim, victim, SIGCONT));
}
#endif

static int holds_another(void)
{
    int fd = (int)syscall(SYS_pidfd_open, victim, 0);

    return result(syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0));
}

static int makes_a_map(void)
{
    union bpf_attr attributes = {
        .map_type = BPF_MAP_TYPE_ARRAY,
        .key_size = 4,
        .value_size = 4,
        .max_entries = 1,
    };

    return result(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)));
}

static int leaves_a_namespace(void)
{
    return result(unshare(CLONE_NEWNS));
}

static int changes_user(void)
{
    return result(setresuid(0, 0, 0));
}

static int changes_directory(void)
{
    return result(chdir("/"));
}

static int changes_bounds(void)
{
    struct rlimit limit = { 10, 10 };

    return result(setrlimit(RLIMIT_NOFILE, &limit));
}

static int makes_a_memory_file(void)
{
    return result(memfd_create("x", MFD_CLOEXEC));
}

/* What nobody does who only traces; each is done where nothing forbids it. */
static const struct deed refused[] = {
    DEEDS_OF_NO_READER,
    DEED(makes_a_socket_of_the_network),
    DEED(makes_a_socket_of_the_kernel),
    DEED(makes_a_pair_of_sockets),
    DEED(listens),
    DEED(makes_a_map),
    DEED(leaves_a_namespace),
    DEED(changes_user),
    DEED(changes_directory),
    DEED(changes_bounds),
    DEED(holds_another),
#ifndef __SANITIZE_ADDRESS__
    DEED(ends_another),
    DEED(ends_another_thread),
    DEED(makes_a_process),
    DEED(traces),
    DEED(has_a_name),
#endif
};

/* -------- deeds that would do harm to this host -------- */

static int loads_a_program(void)
{
    union bpf_attr attributes = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };

    return result(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)));
}

static int mounts(void)
{
    return result(mount(NULL, NULL, NULL, 0, NULL));
}

static int enters_a_namespace(void)
{
    return result(setns(-1, 0));
}

static int loads_a_module(void)
{
    return result(syscall(SYS_finit_module, -1, NULL, 0));
}

static int writes_into_a_terminal(void)
{
    return result(syscall(SYS_ioctl, -1, TIOCSTI, "x"));
}

static int makes_a_queue_of_calls(void)
{
    return result(syscall(SYS_io_uring_setup, 0, NULL));
}

static int takes_a_descriptor(void)
{
    return result(syscall(SYS_pidfd_getfd, -1, 0, 0));
}

/* So they are made in a way in which they come to nothing: then the errno is another. */
static const struct deed refused_before[] = {
    DEED(loads_a_program),        DEED(mounts),
    DEED(enters_a_namespace),     DEED(loads_a_module),
    DEED(writes_into_a_terminal), DEED(makes_a_queue_of_calls),
    DEED(takes_a_descriptor),
};

/* -------- deeds that have to be possible -------- */

static int reads(void)
{
    char text[4];
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    return fd < 0 || read(fd, text, sizeof(text)) != sizeof(text) ? errno : 0;
}

static int looks_at_namespaces_of_another(void)
{
    char path[64];
    struct stat status;

    (void)snprintf(path, sizeof(path), "/proc/%d/ns/mnt", victim);
    return result(stat(path, &status));
}

static int finds_its_own_files(void)
{
    char link[64], target[128];

    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", opened);
    return result(readlink(link, target, sizeof(target)));
}

static int asks_of_a_map(void)
{
    union bpf_attr attributes = { .info.bpf_fd = (uint32_t)-1 };

    return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof(attributes)) < 0 &&
                   errno != EPERM
               ? 0
               : EPERM;
}

static const struct deed permitted[] = {
    DEED(reads),
    DEED(writes),
    DEED(makes_a_socket),
    DEED(connects),
    DEED(signals_itself),
    DEED(looks_at_namespaces_of_another),
    DEED(finds_its_own_files),
    DEED(asks_of_a_map),
};

/* -------- tests -------- */

static int try(int (*act)(void), const struct sandbox_options *options)
{
    struct error error = { 0 };
    pid_t child = fork();

    if (child == 0)
        _exit(options && sandbox_enter(options, &error) < 0 ? CANNOT_CONFINE : act());
    return outcome(child);
}

static void check_all(const struct deed *deeds, size_t count, int expected)
{
    if (!can_seccomp())
        skip();
    for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
        for (size_t i = 0; i < count; i++) {
            int r = try(deeds[i].act, &modes[m].options);

            if (r != expected)
                fail_msg("%s, %s: %s", modes[m].name, deeds[i].name, strerror(r));
        }
    }
    assert_int_equal(access(other, F_OK), -1);
}

static void test_refused(void **state)
{
    (void)state;
    check_all(refused, ARRAY_SIZE(refused), EPERM);
    check_all(refused_before, ARRAY_SIZE(refused_before), EPERM);
}

static void test_possible(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        int r = try(refused[i].act, NULL);

        if (r != 0)
            fail_msg("%s: %s", refused[i].name, strerror(r));
        write_file();
    }
    for (size_t i = 0; i < ARRAY_SIZE(refused_before); i++) {
        if (try(refused_before[i].act, NULL) == EPERM)
            fail_msg("%s", refused_before[i].name);
    }
}

static void test_permitted(void **state)
{
    (void)state;
    check_all(permitted, ARRAY_SIZE(permitted), 0);
}

/* Each mode has what it needs, and the others have not. */
static void test_modes(void **state)
{
    (void)state;
    if (!can_seccomp())
        skip();
    for (size_t m = 0; m < ARRAY_SIZE(modes); m++)
        assert_int_equal(try(makes_a_memory_file, &modes[m].options),
                         modes[m].options.journal ? 0 : EPERM);
}

static int holds(uint64_t capabilities)
{
    struct sandbox_state now;

    return sandbox_read(&now) && now.effective == capabilities && now.bounding == 0 &&
                   now.no_new_privs && now.filtered &&
                   has_status("\nCapInh:\t0000000000000000\n") &&
                   has_status("\nCapAmb:\t0000000000000000\n")
               ? 0
               : 1;
}

static int holds_two(void)
{
    return holds(POWER(CAP_DAC_READ_SEARCH) | POWER(CAP_SYS_PTRACE));
}

static int holds_three(void)
{
    return holds(POWER(CAP_DAC_READ_SEARCH) | POWER(CAP_SYS_PTRACE) | POWER(CAP_DAC_OVERRIDE));
}

static int asks_without_power(void)
{
    return powers_keep(0) < 0 ? 1 : asks_of_a_map();
}

static void test_powers(void **state)
{
    (void)state;
    if (!can_seccomp() || geteuid() != 0 || try(asks_without_power, NULL) != 0)
        skip();
    assert_int_equal(try(holds_two, &modes[0].options), 0);
    assert_int_equal(try(holds_three, &(struct sandbox_options){ .foreign_sockets = true }), 0);
}

static void test_names(void **state)
{
    char names[SANDBOX_NAMES_SIZE];

    (void)state;
    sandbox_name(0, names);
    assert_string_equal(names, "none");
    sandbox_name(POWER(CAP_SYS_PTRACE) | POWER(CAP_DAC_READ_SEARCH), names);
    assert_string_equal(names, "DAC_READ_SEARCH, SYS_PTRACE");
    sandbox_name(UINT64_MAX, names);
    assert_true(strlen(names) < sizeof(names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_possible),
        cmocka_unit_test(test_permitted), cmocka_unit_test(test_modes),
        cmocka_unit_test(test_powers),    cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
