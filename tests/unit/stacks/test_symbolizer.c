/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames to text, without the process that this is done in: whose files are believed for what. A
 * second program stands for others' files: this one, under another build id, in a root of its own.
 */
#include "src/stacks/symbolizer_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/child.h"
#include "tests/unit/stacks/own_program.h"

#define OWNER 7

static struct symbolizer symbolizer;
static struct symbolizer_request request;
static struct symbolizer_answer answer;
static char root[64];
static int own_table[] = { 1, 2, 3 }; /* in the file, and no code */
static uint8_t own_id[BUILD_ID_SIZE], other_id[BUILD_ID_SIZE];

static int set_up(UNUSED void **state)
{
    own_build_id(own_id);
    memcpy(other_id, own_id, sizeof(own_id));
    other_id[0] ^= 0xff;
    (void)snprintf(root, sizeof(root), "/tmp/local-gadget-test-XXXXXX");
    request = (struct symbolizer_request){ .owner = OWNER, .uid = geteuid(), .comm = "job" };
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(UNUSED void **state)
{
    char command[128];

    module_cache_clear(&symbolizer.modules);
    free(symbolizer.maps);
    symbolizer = (struct symbolizer){ 0 };
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command);
}

/* -------- what is asked -------- */

static const char *ask(void)
{
    request.count = 1;
    symbolizer_answer(&symbolizer, &request, &answer);
    assert_int_equal(answer.count, 1);
    return answer.frames[0];
}

static const char *ask_address(uint64_t address)
{
    request.frames[0] = (struct user_frame){ .kind = USER_FRAME_ADDRESS, .where = address };
    return ask();
}

static const char *ask_in_file(const uint8_t *id)
{
    request.frames[0] = (struct user_frame){
        .kind = USER_FRAME_IN_FILE,
        .where = own_offset_of((uintptr_t)own_function) + 1,
    };
    memcpy(request.frames[0].build_id, id, BUILD_ID_SIZE);
    return ask();
}

static bool is_named(const char *frame, const char *module)
{
    char wanted[128];

    (void)snprintf(wanted, sizeof(wanted), "own_function+0x1 [%s]", module);
    return strncmp(frame, wanted, strlen(wanted)) == 0;
}

static bool is_number(const char *frame, const uint8_t *id)
{
    char wanted[128];

    (void)snprintf(wanted, sizeof(wanted), "build-id %02x%02x%02x%02x+0x%" PRIx64, id[0], id[1],
                   id[2], id[3], own_offset_of((uintptr_t)own_function) + 1);
    return strcmp(frame, wanted) == 0;
}

/* -------- who is there -------- */

/* In the root, this program under the other build id; made `size` bytes long. */
static void put_other(const char *folder, const char *name, off_t size)
{
    char command[256], path[128];
    char *bytes;
    struct stat status;
    void *place;
    int fd;

    (void)snprintf(command, sizeof(command), "mkdir -p %s/%s && cp /proc/%d/exe %s/%s/%s", root,
                   folder, (int)getpid(), root, folder, name);
    assert_int_equal(system(command), 0);
    (void)snprintf(path, sizeof(path), "%s/%s/%s", root, folder, name);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(fstat(fd, &status), 0);
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(bytes, MAP_FAILED);
    place = memmem(bytes, (size_t)status.st_size, own_id, BUILD_ID_SIZE);
    assert_non_null(place);
    memcpy(place, other_id, BUILD_ID_SIZE);
    assert_int_equal(munmap(bytes, (size_t)status.st_size), 0);
    assert_int_equal(ftruncate(fd, MAX(size, status.st_size)), 0);
    close_fd(&fd);
}

/* A process in that root. */
static bool enter_root(UNUSED const void *how)
{
    return chroot(root) == 0;
}

static pid_t start_neighbour(void)
{
    return child_start(enter_root, NULL);
}

static const char *own_name(void)
{
    static char path[256];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    assert_true(length > 0);
    path[length] = '\0';
    return strrchr(path, '/') + 1;
}

/* -------- addresses -------- */

static void test_addresses(UNUSED void **state)
{
    request.pid = (uint32_t)getpid();
    assert_true(is_named(ask_address((uintptr_t)own_function + 1), own_name()));
    assert_string_equal(ask_address(1), "0x1");
    request.pid = (uint32_t)child_gone();
    assert_string_equal(ask_address(0x1234), "0x1234");
}

/* Code without a file has a name at best; a file that is no program has its path. */
static void test_addresses_without_a_program(UNUSED void **state)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char path[128], wanted[192];
    void *nameless, *plain;
    int fd;

    nameless = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(nameless, MAP_FAILED);
    (void)snprintf(path, sizeof(path), "%s/plain", root);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0700);
    assert_int_equal(ftruncate(fd, (off_t)size * 2), 0);
    plain = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, (off_t)size);
    assert_ptr_not_equal(plain, MAP_FAILED);
    close_fd(&fd);
    request.pid = (uint32_t)getpid();
    (void)snprintf(wanted, sizeof(wanted), "0x%" PRIx64, (uint64_t)(uintptr_t)nameless + 5);
    assert_string_equal(ask_address((uintptr_t)nameless + 5), wanted);
    (void)snprintf(wanted, sizeof(wanted), "%s+0x%zx", path, size + 5);
    assert_string_equal(ask_address((uintptr_t)plain + 5), wanted);
    assert_int_equal(munmap(nameless, size), 0);
    assert_int_equal(munmap(plain, size), 0);
}

/* Text, data and what is mapped nowhere: no call returns there. The stack ends before it, also if
 * what follows could be. */
static void test_addresses_of_no_code(UNUSED void **state)
{
    const uint64_t places[] = { 1, (uintptr_t)root, (uintptr_t)&request };

    request.pid = (uint32_t)getpid();
    request.count = 3;
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        for (size_t k = 0; k < 3; k++)
            request.frames[k] = (struct user_frame){
                .kind = USER_FRAME_ADDRESS,
                .where = k == 1 ? places[i] : (uintptr_t)own_function + 1,
            };
        symbolizer_answer(&symbolizer, &request, &answer);
        assert_int_equal(answer.count, 1);
        assert_true(is_named(answer.frames[0], own_name()));
    }
    request.pid = (uint32_t)child_gone(); /* who knows */
    symbolizer_answer(&symbolizer, &request, &answer);
    assert_int_equal(answer.count, 3);
}

/* More frames than there is room for are none. */
static void test_count(UNUSED void **state)
{
    request.count = UINT32_MAX;
    request.pid = (uint32_t)child_gone();
    symbolizer_answer(&symbolizer, &request, &answer);
    assert_int_equal(answer.count, EVENT_STACK_DEPTH);
}

/* -------- places in files -------- */

static void test_in_a_file_that_runs(UNUSED void **state)
{
    request.pid = (uint32_t)getpid();
    assert_true(is_named(ask_in_file(own_id), own_name()));
    assert_true(is_number(ask_in_file(other_id), other_id));
}

/* Neither its data nor what is behind its end are places to return to. */
static void test_places_without_code(UNUSED void **state)
{
    const uint64_t code = own_offset_of((uintptr_t)own_function) + 1;
    const uint64_t places[] = { own_offset_of((uintptr_t)&own_table), UINT64_C(1) << 40, 1 };

    request.pid = (uint32_t)getpid();
    request.count = 3;
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        for (size_t k = 0; k < 3; k++) {
            request.frames[k] = (struct user_frame){ .kind = USER_FRAME_IN_FILE,
                                                     .where = k == 1 ? places[i] : code };
            memcpy(request.frames[k].build_id, own_id, BUILD_ID_SIZE);
        }
        symbolizer_answer(&symbolizer, &request, &answer);
        assert_int_equal(answer.count, 1);
        assert_true(is_named(answer.frames[0], own_name()));
    }
}

/* The process has ended: whoever shares its root still runs that file. */
static void test_neighbour_runs_it(UNUSED void **state)
{
    request.pid = (uint32_t)child_gone();
    assert_true(is_number(ask_in_file(own_id), own_id));
    request.neighbour_pid = (uint32_t)getpid();
    assert_true(is_named(ask_in_file(own_id), own_name()));
}

/* What one owner's files have taught is for that owner, and that user of his. */
static void test_known_to_its_owner_only(UNUSED void **state)
{
    request.pid = (uint32_t)getpid();
    assert_true(is_named(ask_in_file(own_id), own_name()));
    request.pid = (uint32_t)child_gone();
    assert_true(is_named(ask_in_file(own_id), own_name()));
    request.owner = OWNER + 1;
    assert_true(is_number(ask_in_file(own_id), own_id));
    request.owner = OWNER;
    request.uid++;
    assert_true(is_number(ask_in_file(own_id), own_id));
}

/* -------- programs found by their names -------- */

static void test_found_by_name(UNUSED void **state)
{
    static const char *const places[] = { "usr/bin", "bin", "usr/sbin", "sbin", "usr/local/bin" };

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        pid_t neighbour = start_neighbour();
        const char *frame;

        put_other(places[i], "job", 0);
        request.pid = (uint32_t)child_gone();
        request.neighbour_pid = (uint32_t)neighbour;
        frame = ask_in_file(other_id);
        child_end(neighbour);
        if (!is_named(frame, "job"))
            fail_msg("%s: %s", places[i], frame);
        assert_int_equal(tear_down(NULL), 0);
        assert_int_equal(mkdir(root, 0700), 0);
    }
}

/* A program of that name, but another one: its functions are elsewhere. */
static void test_name_proves_nothing(UNUSED void **state)
{
    uint8_t third_id[BUILD_ID_SIZE] = { 1, 2, 3, 4 };
    pid_t neighbour = start_neighbour();

    put_other("usr/bin", "job", 0);
    request.pid = (uint32_t)child_gone();
    request.neighbour_pid = (uint32_t)neighbour;
    assert_true(is_number(ask_in_file(third_id), third_id));
    child_end(neighbour);
}

static void test_names_that_are_no_programs(UNUSED void **state)
{
    pid_t neighbour = start_neighbour();

    put_other("usr", "job", 0); /* not where programs are */
    put_other("usr/bin/some", "job", 0);
    request.pid = (uint32_t)child_gone();
    request.neighbour_pid = (uint32_t)neighbour;
    assert_true(is_number(ask_in_file(other_id), other_id));
    memcpy(request.comm, "../job", sizeof("../job"));
    assert_true(is_number(ask_in_file(other_id), other_id));
    memcpy(request.comm, "some/job", sizeof("some/job"));
    assert_true(is_number(ask_in_file(other_id), other_id));
    memset(request.comm, 0, sizeof(request.comm));
    assert_true(is_number(ask_in_file(other_id), other_id));
    memset(request.comm, 'x', sizeof(request.comm)); /* no NUL */
    assert_true(is_number(ask_in_file(other_id), other_id));
    child_end(neighbour);
}

/* -------- bounds -------- */

/* Of large files, as many are open at a time as the bound on their sizes allows. */
static void test_bound_on_open_files(UNUSED void **state)
{
    struct module_owner owner = { OWNER, geteuid() };
    struct user_module *first, *second;
    pid_t neighbour = start_neighbour();
    char text[64];

    put_other("bin", "job", (off_t)MODULE_CACHE_OPEN_MAX / 2 + 1); /* with a hole in it */
    first =
        module_cache_of_path(&symbolizer.modules, &owner, (uint32_t)neighbour, "bin/job", other_id);
    second =
        module_cache_of_path(&symbolizer.modules, &owner, (uint32_t)neighbour, "bin/job", other_id);
    child_end(neighbour);
    assert_non_null(first);
    assert_non_null(second);
    module_cache_format(&symbolizer.modules, first, 0, text, sizeof(text));
    assert_true(user_module_is_open(first));
    module_cache_format(&symbolizer.modules, second, 0, text, sizeof(text));
    assert_true(user_module_is_open(second));
    assert_false(user_module_is_open(first));
    module_cache_format(&symbolizer.modules, first, own_offset_of((uintptr_t)own_function) + 1,
                        text, sizeof(text));
    assert_true(is_named(text, "job"));
}

/* Files that are too many are forgotten, and found again. */
static void test_bound_on_files(UNUSED void **state)
{
    const struct rlimit files = { MODULE_CACHE_MAX * 2, MODULE_CACHE_MAX * 2 };
    struct module_owner owner = { OWNER, geteuid() };
    uint32_t pid = (uint32_t)getpid();
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    path[MAX(length, 0)] = '\0';
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    for (size_t i = 0; i <= MODULE_CACHE_MAX; i++)
        assert_non_null(module_cache_of_path(&symbolizer.modules, &owner, pid, path, own_id));
    assert_int_equal(symbolizer.modules.count, 1);
    assert_non_null(module_cache_find(&symbolizer.modules, &owner, own_id));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_addresses),
        TEST(test_addresses_without_a_program),
        TEST(test_addresses_of_no_code),
        TEST(test_count),
        TEST(test_in_a_file_that_runs),
        TEST(test_places_without_code),
        TEST(test_neighbour_runs_it),
        TEST(test_known_to_its_owner_only),
        TEST(test_found_by_name),
        TEST(test_name_proves_nothing),
        TEST(test_names_that_are_no_programs),
        TEST(test_bound_on_open_files),
        TEST(test_bound_on_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
