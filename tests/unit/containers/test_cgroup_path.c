/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/cgroup_path.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ID              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2             "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID_            "11111111-2222-3333-4444-555555555555"
#define UID_UNDERSCORES "11111111_2222_3333_4444_555555555555"

/* What engines make: see the table in the design, each shape seen or taken from its source. */
static const struct {
    const char *path;
    const char *runtime; /* NULL: the path does not say */
    const char *id;
    const char *prefix;
    const char *pod_uid;
} containers[] = {
    { "/docker/" ID, "docker", ID, "/docker/" ID, NULL },
    { "/docker/" ID "/", "docker", ID, "/docker/" ID, NULL },
    { "/docker/" ID "/system.slice/x.service", "docker", ID, "/docker/" ID, NULL },
    { "/system.slice/docker-" ID ".scope", "docker", ID, "/system.slice/docker-" ID ".scope",
      NULL },
    { "/mine.slice/docker-" ID ".scope/init.scope", "docker", ID, "/mine.slice/docker-" ID ".scope",
      NULL },
    { "/kubepods/besteffort/pod" UID_ "/" ID, NULL, ID, "/kubepods/besteffort/pod" UID_ "/" ID,
      UID_ },
    { "/kubepods/pod" UID_ "/" ID, NULL, ID, "/kubepods/pod" UID_ "/" ID, UID_ },
    { "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_UNDERSCORES
      ".slice/cri-containerd-" ID ".scope",
      "containerd", ID,
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_UNDERSCORES
      ".slice/cri-containerd-" ID ".scope",
      UID_UNDERSCORES },
    { "/kubepods.slice/kubepods-pod" UID_UNDERSCORES ".slice/crio-" ID ".scope/container", "cri-o",
      ID, "/kubepods.slice/kubepods-pod" UID_UNDERSCORES ".slice/crio-" ID ".scope",
      UID_UNDERSCORES },
    { "/pod_parent/crio-" ID, "cri-o", ID, "/pod_parent/crio-" ID, NULL },
    { "/k8s.io/" ID, "containerd", ID, "/k8s.io/" ID, NULL },
    { "/machine.slice/libpod-" ID ".scope/container", "podman", ID,
      "/machine.slice/libpod-" ID ".scope", NULL },
    { "/libpod_parent/libpod-" ID, "podman", ID, "/libpod_parent/libpod-" ID, NULL },
    { "/system.slice/web.service/libpod-payload-" ID, "podman", ID,
      "/system.slice/web.service/libpod-payload-" ID, NULL },
    { "/system.slice/nerdctl-" ID ".scope", "containerd", ID, "/system.slice/nerdctl-" ID ".scope",
      NULL },
    { "/system.slice/runc-demo.scope", "runc", "demo", "/system.slice/runc-demo.scope", NULL },
    { "/system.slice/crun-a.b.scope/container", "crun", "a.b", "/system.slice/crun-a.b.scope",
      NULL },
    { "/lxc.payload.web", "lxc", "web", "/lxc.payload.web", NULL },
    { "/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn", "web",
      "/machine.slice/systemd-nspawn@web.service", NULL },
    { "/machine.slice/machine-web.scope/payload", "systemd-nspawn", "web",
      "/machine.slice/machine-web.scope", NULL },
    { "/anything/other-" ID, NULL, ID, "/anything/other-" ID, NULL },
    { "/libpod_parent/" ID "/libpod-" ID2, "podman", ID2, "/libpod_parent/" ID "/libpod-" ID2,
      NULL }, /* a pod of podman's */
    /* kind and docker-in-docker: the outermost one; a user who logs in to a container; monitors
     * and containers by name that somebody makes in one */
    { "/system.slice/docker-" ID ".scope/docker/" ID2, "docker", ID,
      "/system.slice/docker-" ID ".scope", NULL },
    { "/docker/" ID "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_UNDERSCORES
      ".slice/cri-containerd-" ID2 ".scope",
      "docker", ID, "/docker/" ID, NULL },
    { "/docker/" ID "/user.slice/user-1000.slice/user@1000.service/init.scope", "docker", ID,
      "/docker/" ID, NULL },
    { "/docker/" ID "/libpod-conmon-" ID2 ".scope", "docker", ID, "/docker/" ID, NULL },
    { "/docker/" ID "/conmon", "docker", ID, "/docker/" ID, NULL },
    { "/docker/" ID "/machine.slice/machine-victim.scope", "docker", ID, "/docker/" ID, NULL },
    { "/docker/" ID "/libpod-" ID2, "docker", ID, "/docker/" ID, NULL },
    /* what is called like a monitor */
    { "/system.slice/runc-my-conmon.scope", "runc", "my-conmon",
      "/system.slice/runc-my-conmon.scope", NULL },
    { "/lxc.payload.conmon1", "lxc", "conmon1", "/lxc.payload.conmon1", NULL },
};

static void assert_part(const char *part, size_t length, const char *expected)
{
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(part, expected, length);
}

static void test_containers(UNUSED void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(containers); i++) {
        struct cgroup_ref ref;

        cgroup_path_parse(containers[i].path, strlen(containers[i].path), &ref);
        if (ref.kind != CGROUP_CONTAINER)
            fail_msg("not taken for a container: %s", containers[i].path);
        assert_part(ref.id, ref.id_length, containers[i].id);
        assert_part(containers[i].path, ref.prefix_length, containers[i].prefix);
        if (containers[i].runtime)
            assert_string_equal(ref.runtime, containers[i].runtime);
        else
            assert_null(ref.runtime);
        if (containers[i].pod_uid)
            assert_part(ref.pod_uid, ref.pod_uid_length, containers[i].pod_uid);
        else
            assert_null(ref.pod_uid);
        assert_int_equal(ref.owner, 0);
    }
}

static void test_not_containers(UNUSED void **state)
{
    static const char *const paths[] = {
        "",
        "/",
        "//",
        "x",
        "/system.slice/nginx.service",
        "/user.slice/user-1000.slice/session-2.scope",
        "/docker",
        "/docker/" ID "0",          /* 65 digits */
        "/docker/0123456789abcdef", /* 16 */
        "/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
        "/system.slice/docker-.scope",
        "/system.slice/docker-web.scope", /* docker makes no such ids */
        "/runc-demo",                     /* a name, not the systemd driver's */
        "/machine.slice/systemd-nspawn@.service",
        "/other.slice/systemd-nspawn@web.service/payload",
        "/kubepods/besteffort/pod" UID_, /* the pod, not a container of it */
        "/libpod_parent/" ID,            /* the same */
        "/my-conmon",                    /* no monitor either */
        "/conmon",
        "/x/conmon",
        "/x/" ID2 "0/conmon",
        "/libpod-conmon-web.scope",
        "/crio-conmon-",
        "/lxc.monitor.",
        "/lxc.monitored",
    };

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        struct cgroup_ref ref;

        cgroup_path_parse(paths[i], strlen(paths[i]), &ref);
        if (ref.kind != CGROUP_HOST)
            fail_msg("taken for a container: %s", paths[i]);
    }
}

static void test_monitors_are_the_engines(UNUSED void **state)
{
    static const char *const paths[] = {
        "/machine.slice/libpod-conmon-" ID ".scope",
        "/pod_parent/crio-conmon-" ID,
        "/libpod_parent/conmon",
        "/system.slice/crio-conmon-" ID ".scope",
        "/lxc.monitor.web",
        "/libpod_parent/" ID "/conmon",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-conmon-" ID ".scope",
        "/libpod_parent/conmon/below/libpod-" ID2, /* made by it */
    };

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        struct cgroup_ref ref;

        cgroup_path_parse(paths[i], strlen(paths[i]), &ref);
        if (ref.kind != CGROUP_MONITOR)
            fail_msg("not taken for a monitor: %s", paths[i]);
    }
}

/* What is inside of a container, whose path is of an engine's shape, or not. */
static void test_inside(UNUSED void **state)
{
    static const struct {
        const char *path, *outer;
        const char *id; /* NULL: nothing */
        const char *prefix;
    } rows[] = {
        { "/docker/" ID "/docker/" ID2, "/docker/" ID, ID2, "/docker/" ID "/docker/" ID2 },
        { "/docker/" ID "/docker/" ID2 "/init.scope", "/docker/" ID, ID2,
          "/docker/" ID "/docker/" ID2 },
        { "/docker/" ID "/docker-" ID2 ".scope/libpod-" ID, "/docker/" ID, ID2,
          "/docker/" ID "/docker-" ID2 ".scope" },
        { "/web/docker-" ID ".scope", "/web", ID, "/web/docker-" ID ".scope" },
        { "/web/lxc.payload.a/b", "/web", "a", "/web/lxc.payload.a" },
        { "/docker/" ID, "/docker/" ID, NULL, NULL },
        { "/docker/" ID "/", "/docker/" ID, NULL, NULL },
        { "/docker/" ID "/system.slice/x.service", "/docker/" ID, NULL, NULL },
        { "/docker/" ID "/libpod-conmon-" ID2 ".scope", "/docker/" ID, NULL, NULL },
        { "/docker/" ID "/libpod_parent/conmon/libpod-" ID2, "/docker/" ID, NULL, NULL },
        { "/docker/" ID "/user@1.service", "/docker/" ID, NULL, NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct cgroup_ref ref;

        cgroup_path_parse_inside(rows[i].path, strlen(rows[i].path), strlen(rows[i].outer), &ref);
        assert_int_equal(ref.kind, rows[i].id ? CGROUP_CONTAINER : CGROUP_HOST);
        if (!rows[i].id)
            continue;
        assert_part(ref.id, ref.id_length, rows[i].id);
        assert_part(rows[i].path, ref.prefix_length, rows[i].prefix);
    }
}

/* Bytes that no engine makes: nothing is read outside, nothing is found. */
static void test_hostile(UNUSED void **state)
{
    char path[8192];
    struct cgroup_ref ref;

    memset(path, 'a', sizeof(path));
    cgroup_path_parse(path, sizeof(path), &ref);
    assert_int_equal(ref.kind, CGROUP_HOST);
    memset(path, '/', sizeof(path));
    cgroup_path_parse(path, sizeof(path), &ref);
    assert_int_equal(ref.kind, CGROUP_HOST);
    memset(path, '\0', sizeof(path));
    cgroup_path_parse(path, sizeof(path), &ref);
    assert_int_equal(ref.kind, CGROUP_HOST);
    for (size_t i = 0; i < sizeof("/docker/" ID); i++) /* cut at every length, without a NUL */
        cgroup_path_parse("/docker/" ID, i, &ref);
    srand(1);
    for (int round = 0; round < 2000; round++) {
        static const char letters[] = "/-.dockerlibpodcrio0123456789abcdefscope@user";
        size_t length = (size_t)rand() % 300;

        for (size_t i = 0; i < length; i++)
            path[i] = letters[(size_t)rand() % (sizeof(letters) - 1)];
        cgroup_path_parse(path, length, &ref);
        if (ref.kind == CGROUP_CONTAINER) {
            assert_true(ref.id >= path && ref.id + ref.id_length <= path + length);
            assert_true(ref.prefix_length <= length);
            cgroup_path_parse_inside(path, length, ref.prefix_length, &ref);
            assert_int_not_equal(ref.kind, CGROUP_MONITOR);
        }
    }
}

static void assert_unit(const char *path, const char *expected)
{
    size_t length;
    const char *unit = cgroup_path_unit(path, strlen(path), &length);

    if (!expected) {
        assert_null(unit);
        return;
    }
    assert_non_null(unit);
    assert_part(unit, length, expected);
}

static void test_units(UNUSED void **state)
{
    assert_unit("/system.slice/nginx.service", "nginx.service");
    assert_unit("/system.slice/nginx.service/workers", "nginx.service");
    assert_unit("/user.slice/user-1.slice/session-2.scope", "session-2.scope");
    assert_unit("/system.slice/a.service/b.service", "b.service");
    assert_unit("/system.slice", NULL);
    assert_unit("/.service", NULL);
    assert_unit("", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers),
        cmocka_unit_test(test_not_containers),
        cmocka_unit_test(test_monitors_are_the_engines),
        cmocka_unit_test(test_inside),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
