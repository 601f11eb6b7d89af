/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the process that reads programs can do and cannot, tried from inside: each deed in a process
 * of its own, once as it is and once confined.
 */
#include "src/stacks/symbolizer_private.h"

#include <sys/capability.h>

#include "src/stacks/root_walk.h"
#include "src/stacks/user_module.h"
#include "tests/unit/confine_deeds.h"

#define MEMORY_TOO_MUCH (UINT64_C(3) << 30)

static int reads(void)
{
    char text[4];
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    return fd < 0 || read(fd, text, sizeof(text)) != sizeof(text) || pread(fd, text, 1, 1) != 1
               ? errno
               : 0;
}

static int walks(void)
{
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = root_walk(root, file);

    return fd < 0 ? -fd : 0;
}

static int answers_one(void)
{
    return result(send(answers[0], "x", 1, MSG_NOSIGNAL));
}

static int reads_maps_of_another(void)
{
    char path[64], text[16];
    int fd;

    (void)snprintf(path, sizeof(path), "/proc/%d/maps", victim);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : result(read(fd, text, sizeof(text)));
}

static int looks_at_root_of_another(void)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/root", victim);
    return result(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* libelf and libdw find all that they need. */
static int reads_a_program(void)
{
    struct user_module *module =
        user_module_new(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "self", 4);
    char text[256];

    if (!module)
        return ENOEXEC;
    user_module_format(module, 0x1000, text, sizeof(text));
    user_module_free(&module);
    return 0;
}

static const struct deed refused[] = {
    DEEDS_OF_NO_READER,     DEED(makes_memory_file), DEED(signals_itself),     DEED(makes_a_socket),
    DEED(connects),         DEED(sends_elsewhere),   DEED(sends_a_descriptor), DEED(changes_flags),
    DEED(lifts_its_bounds), DEED(writes_parts),      DEED(makes_a_process),    DEED(traces),
    DEED(has_a_name),
#ifndef __SANITIZE_ADDRESS__
    DEED(writes),
#endif
};

static const struct deed permitted[] = {
    DEED(reads),           DEED(walks),
    DEED(answers_one),     DEED(reads_maps_of_another),
    DEED(reads_a_program), DEED(looks_at_root_of_another),
};

/* -------- how it is confined -------- */

enum stage { FREE, CONFINED, CONFINED_IN_UNIT };

/* As local-gadget.service has it: root without the capabilities to change who it is. */
static int lay_down_setid(void)
{
    static const cap_value_t setid[] = { CAP_SETUID, CAP_SETGID, CAP_SETPCAP };
    cap_t own = cap_get_proc();
    int r = own && cap_set_flag(own, CAP_EFFECTIVE, ARRAY_SIZE(setid), setid, CAP_CLEAR) == 0 &&
                    cap_set_flag(own, CAP_PERMITTED, ARRAY_SIZE(setid), setid, CAP_CLEAR) == 0
                ? cap_set_proc(own)
                : -1;

    (void)cap_free(own);
    return r;
}

static int confine(enum stage stage)
{
    if (stage == CONFINED_IN_UNIT && lay_down_setid() < 0)
        return -1;
    if (stage == FREE)
        return 0;
    return symbolizer_lay_down() < 0 ? -1 : symbolizer_confine(answers[0]);
}

static int try(int (*act)(void), enum stage stage)
{
    pid_t child = fork();

    if (child == 0)
        _exit(confine(stage) < 0 ? CANNOT_CONFINE : act());
    return outcome(child);
}

static void check_refused(enum stage stage)
{
    struct stat before, after;

    if (!can_seccomp())
        skip();
    assert_int_equal(fstat(opened, &before), 0);
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        int r = try(refused[i].act, stage);

        if (r != EPERM)
            fail_msg("%s: %s", refused[i].name, strerror(r));
        assert_int_equal(access(other, F_OK), -1);
    }
    assert_int_equal(fstat(opened, &after), 0);
    assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    assert_int_equal(after.st_size, 4);
}

static void test_refused(void **state)
{
    (void)state;
    check_refused(CONFINED);
    check_refused(CONFINED_IN_UNIT);
}

/* Each of these deeds is one that is done where nothing forbids it. */
static void test_possible(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        int r = try(refused[i].act, FREE);

        if (r != 0)
            fail_msg("%s: %s", refused[i].name, strerror(r));
        write_file();
    }
}

static void test_permitted(void **state)
{
    (void)state;
    if (!can_seccomp())
        skip();
    for (size_t i = 0; i < ARRAY_SIZE(permitted); i++) {
        for (enum stage stage = CONFINED; stage <= CONFINED_IN_UNIT; stage++) {
            int r = try(permitted[i].act, stage);

            if (r != 0)
                fail_msg("%s, stage %d: %s", permitted[i].name, (int)stage, strerror(r));
        }
    }
}

static int takes_much_memory(void)
{
    void *memory = mmap(NULL, MEMORY_TOO_MUCH, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return memory == MAP_FAILED ? errno : 0;
}

static int has_little_power(void)
{
    return has_status("\nNoNewPrivs:\t1\n") && has_status("\nSeccomp:\t2\n") &&
                   has_status("\nCapInh:\t0000000000000000\n") &&
                   has_status("\nCapAmb:\t0000000000000000\n")
               ? 0
               : 1;
}

static int is_nobody(void)
{
    return has_status("\nUid:\t65534\t65534\t65534\t65534\n") &&
                   has_status("\nGid:\t65534\t65534\t65534\t65534\n") &&
                   has_status("\nCapBnd:\t0000000000000000\n")
               ? 0
               : 1;
}

static void test_powers(void **state)
{
    (void)state;
    if (!can_seccomp())
        skip();
    assert_int_equal(try(takes_much_memory, CONFINED), ENOMEM);
    assert_int_equal(try(has_little_power, CONFINED), 0);
    assert_int_equal(try(takes_much_memory, CONFINED_IN_UNIT), ENOMEM);
    assert_int_equal(try(has_little_power, CONFINED_IN_UNIT), 0);
    if (geteuid() == 0)
        assert_int_equal(try(is_nobody, CONFINED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_possible),
        cmocka_unit_test(test_permitted),
        cmocka_unit_test(test_powers),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
