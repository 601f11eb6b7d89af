/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each trap that the owner of a state directory could set for root, with the real kernel. */
#include "runtimes/files/state_file.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/recorder.h"

#define USER  61234
#define LIMIT 100

static struct runtime host;
static int base_fd = -1;

static int set_up(UNUSED void **state)
{
    recorder_open(&host);
    make_directories(&host, "/eve/dir", USER);
    put_text(&host, "/eve/dir/file", USER, "text");
    _cleanup_(free_string)
    char *path = host_path(&host, "/eve");
    assert_int_equal(state_open_base(path, USER, &base_fd), 0);
    return 0;
}

static int tear_down(UNUSED void **state)
{
    close_fd(&base_fd);
    recorder_close(&host);
    return 0;
}

static int read_it(const char *path)
{
    _cleanup_(free_string)
    char *text = NULL;
    size_t length;
    return state_read_beneath(base_fd, path, USER, LIMIT, &text, &length, NULL);
}

static void test_reads(UNUSED void **state)
{
    _cleanup_(free_string)
    char *text = NULL;
    size_t length;
    struct stat status;
    assert_int_equal(state_read_beneath(base_fd, "dir/file", USER, LIMIT, &text, &length, &status),
                     0);
    assert_int_equal(length, 4);
    assert_string_equal(text, "text");
    assert_int_equal(status.st_uid, USER);
    assert_int_equal(read_it("dir/none"), -ENOENT);
    put_text(&host, "/eve/dir/file", 0, "root may write here");
    assert_int_equal(read_it("dir/file"), 0);
}

static void test_way_out(UNUSED void **state)
{
    put_text(&host, "/secret", USER, "text");
    assert_int_equal(read_it("../secret"), -EXDEV);
    assert_int_equal(read_it("/etc/passwd"), -EXDEV);
    assert_int_equal(read_it("dir/../dir/file"), -EXDEV);
    assert_int_equal(read_it("./dir//file"), 0);
}

static void test_links(UNUSED void **state)
{
    assert_int_equal(symlinkat("file", base_fd, "dir/link"), 0);
    assert_int_equal(symlinkat("dir", base_fd, "link"), 0);
    assert_int_equal(read_it("dir/link"), -ELOOP);
    assert_int_equal(read_it("link/file"), -ELOOP);
    int fd = -1;
    assert_int_equal(state_open_beneath(base_fd, "link", USER, &fd), -ELOOP);
    assert_int_equal(fd, -1);
}

static void test_other_kinds(UNUSED void **state)
{
    assert_int_equal(mkfifoat(base_fd, "dir/pipe", 0600), 0);
    assert_int_equal(fchownat(base_fd, "dir/pipe", USER, USER, 0), 0);
    assert_int_equal(read_it("dir/pipe"), -EINVAL);
    assert_int_equal(read_it("dir"), -EINVAL);
    int fd = -1;
    assert_int_equal(state_open_beneath(base_fd, "dir/file", USER, &fd), -ENOTDIR);
}

static void test_owners(UNUSED void **state)
{
    put_text(&host, "/eve/dir/file", USER + 1, "text");
    assert_int_equal(read_it("dir/file"), -EPERM);
    make_directories(&host, "/eve/other", USER + 1);
    int fd = -1;
    assert_int_equal(state_open_beneath(base_fd, "other", USER, &fd), -EPERM);
    _cleanup_(free_string)
    char *path = host_path(&host, "/eve/other");
    assert_int_equal(state_open_base(path, USER, &fd), -EPERM);
    assert_int_equal(state_open_base(path, 0, &fd), -EPERM);
}

static void test_sizes(UNUSED void **state)
{
    char text[LIMIT + 1];
    memset(text, 'x', sizeof(text));
    put_file(&host, "/eve/dir/file", USER, text, LIMIT);
    assert_int_equal(read_it("dir/file"), 0);
    put_file(&host, "/eve/dir/file", USER, text, LIMIT + 1);
    assert_int_equal(read_it("dir/file"), -EFBIG);
    put_file(&host, "/eve/dir/file", USER, "", 0);
    assert_int_equal(read_it("dir/file"), 0);
}

/* Opening a file under a write lease waits for its holder, up to 45 s, unless one knows better. */
static void test_lease(UNUSED void **state)
{
    _cleanup_(close_fd)
    int fd = openat(base_fd, "dir/file", O_RDWR | O_CLOEXEC);
    assert_true(signal(SIGIO, SIG_IGN) != SIG_ERR);
    assert_int_equal(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
    assert_int_equal(read_it("dir/file"), -EWOULDBLOCK);
}

/* A mount of the user's own, such as FUSE, could hang whoever enters it. */
static void test_mounts(UNUSED void **state)
{
    pid_t child = fork();
    if (child == 0) {
        _cleanup_(free_string)
        char *path = host_path(&host, "/eve/dir");
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("tmpfs", path, "tmpfs", 0, "uid=61234") < 0)
            _exit(1);
        _cleanup_(free_string)
        char *base = host_path(&host, "/eve");
        int base_inside = -1, fd = -1;
        if (state_open_base(base, USER, &base_inside) < 0)
            _exit(2);
        if (state_open_beneath(base_inside, "dir", USER, &fd) != -EXDEV)
            _exit(3);
        if (state_open_beneath(base_inside, "dir", 0, &fd) != -EPERM) /* root's own may be one */
            _exit(4);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A process's filesystem (FUSE) that never answers, over `path`. In a child of its own; the alarm
 * is a guard against hanging. */
static int open_over_dead_fuse(const char *mounted_on, const char *base)
{
    _cleanup_(free_string)
    char *target = host_path(&host, mounted_on);
    _cleanup_(free_string)
    char *path = host_path(&host, base);
    pid_t child = fork();
    if (child == 0) {
        char options[128];
        (void)alarm(20);
        int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), fd = -1;
        (void)snprintf(options, sizeof(options),
                       "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
        if (fuse < 0 || unshare(CLONE_NEWNS) < 0 ||
            mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("dead", target, "fuse", 0, options) < 0)
            _exit(255);
        _exit(-state_open_base(path, USER, &fd));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void test_dead_filesystem(UNUSED void **state)
{
    if (access("/dev/fuse", R_OK | W_OK) < 0) {
        print_message("no /dev/fuse\n");
        skip();
    }
    make_directories(&host, "/homes/eve/dir", USER);
    assert_int_equal(open_over_dead_fuse("/homes/eve", "/homes/eve"), -EREMOTE);
    assert_int_equal(open_over_dead_fuse("/homes", "/homes/eve/dir"), -EREMOTE);
    assert_int_equal(open_over_dead_fuse("/homes/eve/dir", "/homes/eve"), 0);
    _cleanup_(free_string)
    char *link = host_path(&host, "/link");
    assert_int_equal(symlink("homes/eve", link), 0);
    assert_int_equal(open_over_dead_fuse("/homes/eve", "/link"), -EREMOTE);
    assert_int_equal(open_over_dead_fuse("/eve", "/link"), 0);
    assert_int_equal(open_over_dead_fuse("/eve", "/homes/../link/dir"), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_reads),       TEST(test_way_out), TEST(test_links),
        TEST(test_other_kinds), TEST(test_owners),  TEST(test_sizes),
        TEST(test_lease),       TEST(test_mounts),  TEST(test_dead_filesystem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
