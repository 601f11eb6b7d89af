/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver on stores that podman's own files are made of, of root and of users. */
#include "runtimes/drivers.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "tests/unit/fixture.h"
#include "tests/unit/recorder.h"

#define STORE      "/var/lib/containers/storage/overlay-containers"
#define USER       61234
#define USER_STORE "/home/eve/.local/share/containers/storage/vfs-containers"

struct fixture {
    struct runtime runtime;
    const struct runtime_driver *driver;
    void *connection;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    recorder_open(&fixture->runtime);
    fixture->driver = &podman_driver;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->connection)
        fixture->driver->close(fixture->connection);
    recorder_close(&fixture->runtime);
    free(fixture);
    return 0;
}

static void connect_driver(struct fixture *fixture)
{
    struct error error = { 0 };
    assert_int_equal(fixture->driver->open(&fixture->runtime, &fixture->connection, &error), 0);
    assert_int_equal(fixture->runtime.reports, 0); /* nothing from inside open */
    RUN_UNTIL(&fixture->runtime, fixture->runtime.up);
}

static char *document(const char *id, const char *name)
{
    char *text = NULL;
    assert_true(asprintf(&text,
                         "[{\"id\":\"%s\",\"names\":[\"%s\"],\"metadata\":"
                         "\"{\\\"image-name\\\":\\\"app:1\\\"}\"}]",
                         id, name) > 0);
    return text;
}

static void put_document(const struct runtime *runtime, const char *directory, uid_t owner,
                         const char *id, const char *name)
{
    _cleanup_(free_string)
    char *text = document(id, name), *path = NULL;
    assert_true(asprintf(&path, "%s/containers.json", directory) > 0);
    make_directories(runtime, directory, owner);
    put_text(runtime, path, owner, text);
}

static void make_user(const struct runtime *runtime)
{
    make_directories(runtime, "/run/user", 0);
    make_directories(runtime, "/run/user/61234", USER);
    make_directories(runtime, "/home", 0);
    make_directories(runtime, "/home/eve", USER);
    make_directories(runtime, "/etc", 0);
    put_text(runtime, "/etc/passwd", 0, "eve:x:61234:61234::/home/eve:/bin/sh\n");
}

static void test_list_and_lookup(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    put_document(runtime, STORE, 0, "abc", "web");
    connect_driver(fixture);
    assert_int_equal(runtime->found.count, 1);
    assert_string_equal(recorded(runtime, "abc")->name, "web");
    forget(runtime, "abc");
    assert_int_equal(fixture->driver->lookup(fixture->connection, "abc"), 0);
    RUN_UNTIL(runtime, runtime->looked_up);
    assert_string_equal(recorded(runtime, "abc")->image, "app:1");
    assert_int_equal(fixture->driver->lookup(fixture->connection, "unheard"), 0);
    RUN_UNTIL(runtime, strcmp(runtime->looked_up, "unheard") == 0);
    assert_int_equal(runtime->found.count, 1);
}

/* Nothing of podman is there at first: every directory of its path appears later. */
static void test_store_appears(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    connect_driver(fixture);
    make_directories(runtime, "/var/lib", 0);
    run_quiet(runtime);
    make_directories(runtime, "/var/lib/containers/storage", 0);
    run_quiet(runtime);
    put_document(runtime, STORE, 0, "abc", "web");
    RUN_UNTIL(runtime, recorded(runtime, "abc"));
}

static void test_follows_changes(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    put_document(runtime, STORE, 0, "abc", "web");
    connect_driver(fixture);
    put_document(runtime, STORE, 0, "abc", "renamed");
    RUN_UNTIL(runtime, strcmp(recorded(runtime, "abc")->name, "renamed") == 0);
    put_document(runtime, STORE, 0, "def", "other");
    RUN_UNTIL(runtime, recorded(runtime, "def"));
    assert_null(recorded(runtime, "abc"));
    size_t reports = runtime->reports;
    put_document(runtime, STORE, 0, "def", "other");
    run_quiet(runtime);
    assert_int_equal(runtime->reports, reports); /* the same again is no news */
}

/* `podman run --rm` writes into the other document. */
static void test_volatile_document(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    put_document(runtime, STORE, 0, "abc", "web");
    _cleanup_(free_string)
    char *text = document("def", "passing");
    put_text(runtime, STORE "/volatile-containers.json", 0, text);
    connect_driver(fixture);
    assert_int_equal(runtime->found.count, 2);
}

static void test_configured_store(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/etc/containers", 0);
    put_text(runtime, "/etc/containers/storage.conf", 0,
             "[storage]\n# graphroot = \"/no\"\n graphroot=\"/srv/pods\" # ours\n");
    put_document(runtime, "/srv/pods/vfs-containers", 0, "abc", "web");
    connect_driver(fixture);
    assert_non_null(recorded(runtime, "abc"));
}

static void test_broken_store_of_root(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, STORE, 0);
    put_text(runtime, STORE "/containers.json", 0, "[{");
    struct error error = { 0 };
    assert_int_equal(fixture->driver->open(runtime, &fixture->connection, &error), 0);
    RUN_UNTIL(runtime, runtime->down.code);
    assert_int_equal(runtime->down.code, -EBADMSG);
    assert_non_null(strstr(runtime->down.message, "/var/lib/containers/storage"));
    assert_false(runtime->up);
}

/* The pid file comes after the name, in a directory of the run-time root. It counts only if the
 * process is in a cgroup of that id. */
static void test_pid_file(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    static const char run[] = "/run/containers/storage/overlay-containers/abc/userdata";
    put_document(runtime, STORE, 0, "def", "before");
    connect_driver(fixture);
    assert_int_equal(recorded(runtime, "def")->state, CONTAINER_STATE_UNKNOWN);
    make_directories(runtime, run, 0);
    put_document(runtime, STORE, 0, "abc", "web");
    RUN_UNTIL(runtime, recorded(runtime, "abc"));
    assert_int_equal(recorded(runtime, "abc")->state, CONTAINER_STATE_CREATED);
    _cleanup_(free_string)
    char *path = NULL;
    assert_true(asprintf(&path, "%s/pidfile", run) > 0);
    put_text(runtime, path, 0, "1\n");
    run_quiet(runtime);
    assert_int_equal(recorded(runtime, "abc")->pid, 0);
    assert_string_equal(recorded(runtime, "abc")->name, "web");
}

static void test_users_come_and_go(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_directories(runtime, "/run/user", 0);
    connect_driver(fixture);
    make_user(runtime);
    put_document(runtime, USER_STORE, USER, "abc", "mine");
    RUN_UNTIL(runtime, recorded(runtime, "abc"));
    assert_int_equal(recorded(runtime, "abc")->owner_uid, USER);
    _cleanup_(free_string)
    char *path = host_path(runtime, "/run/user/61234");
    assert_int_equal(rmdir(path), 0);
    RUN_UNTIL(runtime, runtime->found.count == 0);
}

static void test_user_cannot_rename_roots(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_user(runtime);
    put_document(runtime, STORE, 0, "abc", "web");
    put_document(runtime, USER_STORE, USER, "abc", "stolen");
    connect_driver(fixture);
    run_quiet(runtime);
    assert_string_equal(recorded(runtime, "abc")->name, "web");
    assert_int_equal(recorded(runtime, "abc")->owner_uid, 0);
    assert_int_equal(fixture->driver->lookup(fixture->connection, "abc"), 0);
    RUN_UNTIL(runtime, runtime->looked_up);
    assert_string_equal(recorded(runtime, "abc")->name, "web");
}

/* What a user puts in the place of his files; none of it may be read, none may hold us up. */
static void put_link(const char *path)
{
    assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void put_pipe(const char *path)
{
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(chown(path, USER, USER), 0);
}

static void put_directory(const char *path)
{
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chown(path, USER, USER), 0);
}

static void put_foreign(const char *path)
{
    _cleanup_(free_string)
    char *text = document("abc", "foreign");
    _cleanup_(close_fd)
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchown(fd, USER + 1, USER + 1), 0);
}

static void put_huge(const char *path)
{
    _cleanup_(close_fd)
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
    assert_int_equal(fchown(fd, USER, USER), 0);
}

static void test_hostile_files(void **state)
{
    static void (*const traps[])(const char *) = { put_link, put_pipe, put_directory, put_foreign,
                                                   put_huge };
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_user(runtime);
    make_directories(runtime, USER_STORE, USER);
    put_document(runtime, STORE, 0, "good", "web");
    _cleanup_(free_string)
    char *path = host_path(runtime, USER_STORE "/containers.json");
    connect_driver(fixture);
    for (size_t i = 0; i < ARRAY_SIZE(traps); i++) {
        traps[i](path);
        run_quiet(runtime);
        assert_null(recorded(runtime, "abc"));
        assert_string_equal(recorded(runtime, "good")->name, "web");
        assert_int_equal(runtime->down.code, 0);
        assert_int_equal(remove(path), 0);
    }
    put_document(runtime, USER_STORE, USER, "abc", "mine");
    RUN_UNTIL(runtime, recorded(runtime, "abc"));
}

/* A link in the middle of the path, to a place where root's own files are. */
static void test_linked_directory(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    make_user(runtime);
    put_document(runtime, "/elsewhere/vfs-containers", 0, "abc", "secret");
    make_directories(runtime, "/home/eve/.local/share/containers", USER);
    _cleanup_(free_string)
    char *target = host_path(runtime, "/elsewhere");
    _cleanup_(free_string)
    char *link = host_path(runtime, "/home/eve/.local/share/containers/storage");
    assert_int_equal(symlink(target, link), 0);
    connect_driver(fixture);
    run_quiet(runtime);
    assert_int_equal(runtime->found.count, 0);
}

/* The recording, in the store that podman uses too; its images in the directory beside it. */
static void test_crio_store(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    static const char images_directory[] = "/var/lib/containers/storage/overlay-images";
    _cleanup_(free_string)
    char *containers = read_fixture("crio/volatile-containers.json");
    _cleanup_(free_string)
    char *images = read_fixture("crio/images.json");
    fixture->driver = &crio_storage_driver;
    make_directories(runtime, STORE, 0);
    make_directories(runtime, images_directory, 0);
    put_text(runtime, STORE "/volatile-containers.json", 0, containers);
    put_text(runtime, "/var/lib/containers/storage/overlay-images/images.json", 0, images);
    put_document(runtime, STORE, 0, "abc", "podmans");
    connect_driver(fixture);
    assert_int_equal(runtime->found.count, 4);
    const struct container *back =
        recorded(runtime, "c04417aa00000000000000000000000000000000000000000000000000000004");
    assert_string_equal(back->name, "back");
    assert_string_equal(back->pod, "bare");
    assert_string_equal(back->pod_namespace, "shop");
    assert_string_equal(back->image, "localhost/app:1");
    assert_true(back->partial);
}

/* A home on a filesystem whose process has stopped: root's containers are named all the same, and
 * what is left out is told. In a child; the alarm is a guard against hanging. */
static void test_dead_home(void **state)
{
    struct fixture *fixture = *state;
    struct runtime *runtime = &fixture->runtime;
    if (access("/dev/fuse", R_OK | W_OK) < 0) {
        print_message("no /dev/fuse\n");
        skip();
    }
    put_document(runtime, "/var/lib/containers/storage/overlay-containers", 0, "abc", "web");
    make_directories(runtime, "/etc", 0);
    make_directories(runtime, "/run/user", 0);
    make_directories(runtime, "/run/user/61234", 61234);
    make_directories(runtime, "/home/eve", 61234);
    put_text(runtime, "/etc/passwd", 0, "eve:x:61234:61234::/home/eve:/bin/sh\n");
    _cleanup_(free_string)
    char *home = host_path(runtime, "/home/eve");
    pid_t child = fork();
    if (child == 0) {
        char options[128];
        (void)alarm(20);
        int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
        (void)snprintf(options, sizeof(options),
                       "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
        if (fuse < 0 || unshare(CLONE_NEWNS) < 0 ||
            mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("dead", home, "fuse", 0, options) < 0 ||
            sd_event_new(&runtime->event) < 0) /* a loop is of one process */
            _exit(1);
        connect_driver(fixture);
        bool good = recorded(runtime, "abc") && runtime->left_out.code == -EREMOTE &&
                    strstr(runtime->left_out.message, "/home/eve of uid 61234");
        _exit(good ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_list_and_lookup),
        TEST(test_store_appears),
        TEST(test_follows_changes),
        TEST(test_volatile_document),
        TEST(test_configured_store),
        TEST(test_broken_store_of_root),
        TEST(test_pid_file),
        TEST(test_users_come_and_go),
        TEST(test_user_cannot_rename_roots),
        TEST(test_hostile_files),
        TEST(test_linked_directory),
        TEST(test_crio_store),
        TEST(test_dead_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
