/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /proc says of cgroups and of their mounts. */
#include "src/containers/cgroup_mount.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool parse(const char *line, struct cgroup_mount *ret_mount)
{
    return cgroup_mount_parse(line, strlen(line), ret_mount);
}

static void test_mount_v2(void **state)
{
    struct cgroup_mount mount = { 0 };

    (void)state;
    assert_true(parse(
        "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate", &mount));
    assert_true(mount.v2);
    assert_int_equal(mount.id, 30);
    assert_string_equal(mount.root, "/");
    assert_string_equal(mount.mount_point, "/sys/fs/cgroup");
    cgroup_mount_clear(&mount);
}

static void test_mount_v1(void **state)
{
    struct cgroup_mount mount = { 0 };

    (void)state;
    assert_true(
        parse("33 30 0:29 /docker/01 /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids", &mount));
    assert_false(mount.v2);
    assert_string_equal(mount.root, "/docker/01");
    assert_string_equal(mount.mount_point, "/sys/fs/cgroup/pids");
    assert_string_equal(mount.options, "rw,pids");
    cgroup_mount_clear(&mount);
}

/* proc_pid_mountinfo(5): optional fields are any number; some characters are written in octal. */
static void test_mount_unusual(void **state)
{
    struct cgroup_mount mount = { 0 };

    (void)state;
    assert_true(
        parse("1 2 0:3 / /a\\040b\\134c\\12 rw shared:1 master:2 - cgroup2 none rw", &mount));
    assert_string_equal(mount.mount_point, "/a b\\c\\12");
    cgroup_mount_clear(&mount);
    assert_true(parse("1 2 0:3 / - rw - cgroup2 - rw", &mount));
    assert_string_equal(mount.mount_point, "-");
    cgroup_mount_clear(&mount);
}

static void test_mount_none(void **state)
{
    static const char whole[] = "1 2 0:3 / /sys/fs/cgroup rw shared:1 - cgroup2 cgroup2 rw";
    const char *lines[] = {
        "1 2 0:3 / /home rw - ext4 /dev/sda1 rw",
        "1 2 0:3 / /cgroup rw - tmpfs cgroup rw",
        "1 2 0:3 / /cgroup rw - cgroup3 cgroup rw",
        "1 2 0:3 / /cgroup rw - cgroup",
        "1 2 0:3 / /cgroup rw cgroup cgroup rw",
        "",
        " ",
        "-",
    };
    struct cgroup_mount mount;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        assert_false(parse(lines[i], &mount));
    /* Cut off anywhere: nothing behind the end is looked at, and nothing leaks. */
    for (size_t length = 0; length < strlen(whole); length++) {
        char *cut = malloc(length + 1);

        assert_non_null(cut);
        memcpy(cut, whole, length);
        cut[length] = '\0';
        if (cgroup_mount_parse(cut, length, &mount)) {
            assert_true(length > strlen(whole) - 3);
            cgroup_mount_clear(&mount);
        }
        free(cut);
    }
}

static void finds(const char *text, const char *controller, const char *path, uint32_t number)
{
    const char *found;
    uint32_t found_number;
    size_t length;

    assert_true(cgroup_file_find(text, strlen(text), controller, &found, &length, &found_number));
    assert_int_equal(length, strlen(path));
    assert_memory_equal(found, path, length);
    assert_int_equal(found_number, number);
}

static void finds_none(const char *text, const char *controller)
{
    const char *found;
    uint32_t number;
    size_t length;

    assert_false(cgroup_file_find(text, strlen(text), controller, &found, &length, &number));
}

static void test_file(void **state)
{
    static const char hybrid[] =
        "12:cpu,cpuacct:/c\n8:pids:/docker/01\n1:name=systemd:/s:d\n0::/u\n";

    (void)state;
    finds(hybrid, NULL, "/u", 0);
    finds(hybrid, "pids", "/docker/01", 8);
    finds(hybrid, "cpu", "/c", 12);
    finds(hybrid, "cpuacct", "/c", 12);
    finds(hybrid, "name=systemd", "/s:d", 1);
    finds_none(hybrid, "acct");
    finds_none(hybrid, "memory");
    finds("0::/\n", NULL, "/", 0);
    finds("0::/no/newline", NULL, "/no/newline", 0);
}

static void test_file_hostile(void **state)
{
    const char *texts[] = {
        "", "\n", ":", "0:", "0::", "0::\n", "x::/\n", "::/\n", "0::relative\n", "12345678901::/\n",
    };
    char list[600];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        finds_none(texts[i], NULL);
    memset(list, 'x', sizeof(list));
    memcpy(list, "1:", 2);
    memcpy(list + sizeof(list) - 9, ",pids:/a", 9);
    finds_none(list, "pids");
    /* A name that looks like another line's start stays a name. */
    finds("0::/8:pids:/docker/01\n8:pids:/true\n", "pids", "/true", 8);
}

/* -------- whole documents -------- */

#define V2     "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define DISK   "25 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
#define PIDS   "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
#define MEMORY "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
#define HYBRID                                                                    \
    DISK "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw\n" PIDS MEMORY \
         "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

static void read_mounts(const char *text, struct cgroup_mounts *ret_mounts)
{
    FILE *file = fmemopen((char *)(uintptr_t)text, strlen(text), "r");

    assert_non_null(file);
    assert_int_equal(cgroup_mounts_read(file, ret_mounts), 0);
    (void)fclose(file);
}

/* What can be reached and what is there. */
struct world {
    uint64_t hidden;    /* the mount of this id lies below another */
    const char *absent; /* "MOUNT-POINT:PATH" that is not there */
};

static int look(void *userdata, const struct cgroup_mount *mount, const char *path)
{
    const struct world *world = userdata;
    char place[256];

    if (mount->id == world->hidden)
        return -ENODEV;
    if (!path)
        return 0;
    (void)snprintf(place, sizeof(place), "%s:%s", mount->mount_point, path);
    return !world->absent || strcmp(place, world->absent) != 0;
}

/* `expected` NULL: no mount is taken. Returns how many could be reached. */
static size_t takes(const char *text, const char *controller, const char *own, struct world world,
                    const char *expected)
{
    struct cgroup_mounts mounts = { 0 };
    const struct cgroup_mount *mount;
    size_t usable = 0;

    read_mounts(text, &mounts);
    mount = cgroup_mounts_choose(&mounts, controller, own, look, &world);
    if (expected) {
        assert_non_null(mount);
        assert_string_equal(mount->mount_point, expected);
    } else {
        assert_null(mount);
    }
    for (size_t i = 0; i < mounts.count; i++)
        usable += mounts.items[i].usable;
    cgroup_mounts_clear(&mounts);
    return usable;
}

static void test_choice(void **state)
{
    const struct world plain = { 0 };

    (void)state;
    assert_int_equal(takes(DISK V2, NULL, "/a", plain, "/sys/fs/cgroup"), 1);
    assert_int_equal(takes(DISK V2, "pids", "/a", plain, NULL), 0);
    assert_int_equal(takes(HYBRID, "pids", "/", plain, "/sys/fs/cgroup/pids"), 1);
    assert_int_equal(takes(HYBRID, "memory", "/", plain, "/sys/fs/cgroup/memory"), 1);
    assert_int_equal(takes(HYBRID, NULL, "/", plain, "/sys/fs/cgroup/unified"), 1);
    assert_int_equal(takes(DISK, NULL, "/", plain, NULL), 0);
    /* Under another mount: none of that hierarchy, and the next is asked for. */
    assert_int_equal(takes(HYBRID, "pids", "/", (struct world){ .hidden = 39 }, NULL), 0);
}

static void test_choice_of_several(void **state)
{
    static const char parts[] = V2 "50 24 0:26 /x /x rw - cgroup2 cgroup2 rw\n"
                                   "51 24 0:26 /a /own rw - cgroup2 cgroup2 rw\n"
                                   "52 24 0:26 /y /y rw - cgroup2 cgroup2 rw\n";
    static const char twice[] = V2 "60 24 0:26 / /again rw - cgroup2 cgroup2 rw\n";
    static const char above[] = "70 24 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
                                "71 24 0:26 /s /s rw - cgroup2 cgroup2 rw\n";
    static const char beside[] = "80 24 0:26 /../x /x rw - cgroup2 cgroup2 rw\n"
                                 "81 24 0:26 / /mine rw - cgroup2 cgroup2 rw\n"
                                 "82 24 0:26 /../y /y rw - cgroup2 cgroup2 rw\n";

    (void)state;
    assert_int_equal(takes(parts, NULL, "/a/b", (struct world){ 0 }, "/sys/fs/cgroup"), 4);
    assert_int_equal(takes(parts, NULL, "/a/b", (struct world){ .hidden = 30 }, "/own"), 3);
    assert_int_equal(takes(twice, NULL, "/a", (struct world){ 0 }, "/again"), 2);
    assert_int_equal(
        takes(twice, NULL, "/a", (struct world){ .absent = "/again:/a" }, "/sys/fs/cgroup"), 2);
    assert_int_equal(takes(above, NULL, "/s", (struct world){ 0 }, "/sys/fs/cgroup"), 2);
    assert_int_equal(takes(beside, NULL, "/", (struct world){ 0 }, "/mine"), 3);
}

/* Lines of layers, and more of them than once fitted. */
static void test_long(void **state)
{
    const size_t length = 100 << 10, lines = 15;
    char *text = malloc((length + 100) * (lines + 1) + 200), *end = text;
    struct cgroup_mounts mounts = { 0 };

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++) {
        end += snprintf(end, 100, "9 1 0:5 / /o rw - overlay o rw,lowerdir=");
        memset(end, 'l', length);
        end += length;
        /* Its rest is no line of its own. */
        end += snprintf(end, 100, "%s", i == 3 ? " 1 2 0:3 / /x rw - cgroup2 x rw\n" : "\n");
    }
    /* One that is cut is not believed, whatever its beginning says. */
    end += snprintf(end, 100, "9 1 0:5 / /cut rw - cgroup2 o rw,");
    memset(end, 'l', length);
    end += length;
    (void)snprintf(end, 200, "\n%s", V2);
    read_mounts(text, &mounts);
    assert_int_equal(mounts.count, 1);
    assert_string_equal(mounts.items[0].mount_point, "/sys/fs/cgroup");
    cgroup_mounts_clear(&mounts);
    free(text);
}

static void test_whole(void **state)
{
    (void)state;
    assert_true(cgroup_mount_is_whole("/"));
    assert_true(cgroup_mount_is_whole("/.."));
    assert_true(cgroup_mount_is_whole("/../.."));
    assert_false(cgroup_mount_is_whole("/a"));
    assert_false(cgroup_mount_is_whole("/../a"));
    assert_false(cgroup_mount_is_whole("/..a"));
}

/* -------- paths -------- */

static void becomes(const char *root, const char *path, const char *expected)
{
    char *plain = NULL;

    assert_int_equal(cgroup_path_normalise(root, path, strlen(path), &plain), 0);
    assert_string_equal(plain, expected);
    free(plain);
}

static void is_refused(const char *root, const char *path, int r)
{
    char *plain = NULL;

    assert_int_equal(cgroup_path_normalise(root, path, strlen(path), &plain), r);
    assert_null(plain);
}

static void test_normalise(void **state)
{
    (void)state;
    becomes("/", "/", "/");
    becomes("/", "/a/b", "/a/b");
    becomes("/", "//a/./b//", "/a/b");
    becomes("/", "/a/../b", "/b");
    becomes("/", "/a/b/../..", "/");
    becomes("/", "/..a/b../...", "/..a/b../...");
    is_refused("/", "/..", -EXDEV);
    is_refused("/", "/a/../../b", -EXDEV);
    is_refused("/", "a", -EINVAL);
    is_refused("/", "", -EINVAL);
    is_refused("/", "/a (deleted)", -ESTALE);
    becomes("/", "/a (deleted)/b", "/a (deleted)/b");
    /* Below a mount of a part, or of more than our namespace has. */
    becomes("/docker/01", "/docker/01", "/");
    becomes("/docker/01", "/docker/01/a", "/a");
    is_refused("/docker/01", "/docker/012", -EXDEV);
    is_refused("/docker/01", "/docker", -EXDEV);
    is_refused("/docker/01", "/docker/01/../02", -EXDEV);
    becomes("/../..", "/../../a", "/a");
    is_refused("/../..", "/a", -EXDEV);
    /* The length counts, not the end of the text. */
    {
        char *plain = NULL;

        assert_int_equal(cgroup_path_normalise("/", "/a/b:rest", 4, &plain), 0);
        assert_string_equal(plain, "/a/b");
        free(plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mount_v2),      cmocka_unit_test(test_mount_v1),
        cmocka_unit_test(test_mount_unusual), cmocka_unit_test(test_mount_none),
        cmocka_unit_test(test_file),          cmocka_unit_test(test_file_hostile),
        cmocka_unit_test(test_choice),        cmocka_unit_test(test_choice_of_several),
        cmocka_unit_test(test_long),          cmocka_unit_test(test_whole),
        cmocka_unit_test(test_normalise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
