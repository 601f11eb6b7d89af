/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/program_reader.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/xattr.h>

#include <cmocka.h>

static struct {
    sd_event *event;
    struct program_reader *reader;
    size_t known, unknown;
    uint64_t needs;
    char key[16], path[16];
} t;

/* The reader's: it ends as programs do, so that the lines that it has run are counted. */
void _exit(int status)
{
    exit(status);
}

static void on_answer(UNUSED void *userdata, const char *key, const char *path, bool known,
                      uint64_t needs)
{
    t.known += known;
    t.unknown += !known;
    t.needs = needs;
    (void)snprintf(t.key, sizeof(t.key), "%s", key);
    (void)snprintf(t.path, sizeof(t.path), "%s", path);
}

static int set_up(UNUSED void **state)
{
    const struct program_listener listener = { .answer = on_answer };

    memset(&t, 0, sizeof(t));
    assert_int_equal(sd_event_new(&t.event), 0);
    assert_int_equal(program_reader_new(t.event, &listener, &t.reader), 0);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    program_reader_free(&t.reader);
    sd_event_unref(t.event);
    return 0;
}

static void ask(const char *path)
{
    int file = open(path, O_PATH | O_CLOEXEC);

    assert_true(file >= 0);
    program_reader_ask(t.reader, "web", path, file);
}

static void test_answer(UNUSED void **state)
{
    ask("/bin/sh");
    while (!t.known && !t.unknown)
        assert_true(sd_event_run(t.event, UINT64_MAX) >= 0);
    assert_int_equal(t.known, 1);
    assert_true(t.needs == 0);
    assert_string_equal(t.key, "web");
    assert_string_equal(t.path, "/bin/sh");
}

static void test_capability(UNUSED void **state)
{
    const struct vfs_cap_data value = {
        .magic_etc = htole32(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE),
        .data[0].permitted = htole32(1 << CAP_NET_RAW),
    };
    char path[] = "/tmp/lg-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    if (fsetxattr(fd, "security.capability", &value, sizeof(value), 0) < 0) {
        (void)close(fd);
        (void)unlink(path);
        skip();
    }
    ask(path);
    (void)close(fd);
    (void)unlink(path); /* it is held open */
    program_reader_finish(t.reader);
    assert_int_equal(t.known, 1);
    assert_true(t.needs == 1 << CAP_NET_RAW);
}

/* More than there is room for: each has its answer. */
static void test_many(UNUSED void **state)
{
    for (int i = 0; i < 1000; i++)
        ask("/bin/sh");
    program_reader_finish(t.reader);
    assert_int_equal(t.known, 1000);
    assert_int_equal(t.unknown, 0);
}

static pid_t child_of(pid_t parent)
{
    char path[64];
    int pid = 0;
    FILE *file;

    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    (void)fclose(file);
    return pid;
}

/* Who starts it is between us. */
static pid_t child(void)
{
    return child_of(child_of(getpid()));
}

/* One that hangs costs what it was asked, and nothing else. */
static void test_hang(UNUSED void **state)
{
    pid_t first = child();

    assert_int_equal(kill(first, SIGSTOP), 0);
    ask("/bin/sh");
    ask("/bin/sh");
    while (!t.unknown)
        assert_true(sd_event_run(t.event, UINT64_MAX) >= 0);
    assert_int_equal(t.unknown, 2);
    assert_int_equal(kill(first, 0), -1);
    ask("/bin/sh");
    program_reader_finish(t.reader);
    assert_int_equal(t.known, 1);
}

static void test_end(UNUSED void **state)
{
    assert_int_equal(kill(child(), SIGKILL), 0);
    ask("/bin/sh");
    program_reader_finish(t.reader);
    ask("/bin/sh");
    program_reader_finish(t.reader);
    assert_true(t.known >= 1);
    assert_int_equal(t.known + t.unknown, 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer), TEST(test_capability), TEST(test_many), TEST(test_hang), TEST(test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
