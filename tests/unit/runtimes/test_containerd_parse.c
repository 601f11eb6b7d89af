/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What containerd's messages say, however bad they are. */
#include "runtimes/containerd_parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "runtimes/containerd.pb-c.h"

static char *text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

static void set_label(Containerd__Pair *pair, const char *key, const char *value)
{
    containerd__pair__init(pair);
    pair->key = text(key);
    pair->value = text(value);
}

static void hostile_containers(UNUSED void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } bad[] = {
        { "", 0 },             /* no container */
        { "\x0a\0", 2 },       /* no id */
        { "\x0a\2\x0a\0", 4 }, /* an empty one */
        { "\x0a\5\x0a\3", 4 }, /* cut */
        { "\x0a\x80\x80\x80\x80\x10", 6 },
    };
    struct container *container = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(containerd_parse_container((const uint8_t *)bad[i].bytes, bad[i].length,
                                                    "default", &container),
                         -EBADMSG);
}

static int parse_packed(const Containerd__ContainerReply *reply, struct container **ret_container)
{
    size_t length = containerd__container_reply__get_packed_size(reply);
    uint8_t *bytes = malloc(length);
    assert_non_null(bytes);
    (void)containerd__container_reply__pack(reply, bytes);
    int r = containerd_parse_container(bytes, length, "default", ret_container);
    free(bytes);
    return r;
}

/* Some are kept, all are counted. */
static void labels_without_end(UNUSED void **state)
{
    enum { COUNT = 100000 };
    static char keys[COUNT][8];
    static Containerd__Pair pairs[COUNT], *pointers[COUNT];
    Containerd__ContainerReply reply = CONTAINERD__CONTAINER_REPLY__INIT;
    Containerd__Container from = CONTAINERD__CONTAINER__INIT;
    _cleanup_(container_unref)
    struct container *container = NULL;
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "%zu", i);
        set_label(&pairs[i], keys[i], "value");
        pointers[i] = &pairs[i];
    }
    reply.container = &from;
    from.id = text("x");
    from.labels = pointers;
    from.n_labels = COUNT;
    assert_int_equal(parse_packed(&reply, &container), 0);
    assert_int_equal(container->label_count, CONTAINER_LABELS_MAX);
    assert_int_equal(container->dropped_labels, COUNT - CONTAINER_LABELS_MAX);
}

static void names(UNUSED void **state)
{
    Containerd__ContainerReply reply = CONTAINERD__CONTAINER_REPLY__INIT;
    Containerd__Container from = CONTAINERD__CONTAINER__INIT;
    Containerd__Any spec = CONTAINERD__ANY__INIT;
    Containerd__Pair pair, *pointer = &pair;
    struct container *container = NULL;
    reply.container = &from;
    from.id = text("x");
    from.n_labels = 1;
    from.labels = &pointer;
    set_label(&pair, "nerdctl/name", "nice");
    assert_int_equal(parse_packed(&reply, &container), 0);
    assert_string_equal(container->name, "nice");
    container_unref(&container);

    /* A sandbox that no kubelet made: its configuration tells. */
    static char json[] = "{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"pod\","
                         "\"io.kubernetes.cri.sandbox-id\":\"s\","
                         "\"io.kubernetes.cri.sandbox-uid\":7}}";
    set_label(&pair, "io.cri-containerd.kind", "sandbox");
    spec.value = (ProtobufCBinaryData){ sizeof(json) - 1, (uint8_t *)json };
    from.spec = &spec;
    assert_int_equal(parse_packed(&reply, &container), 0);
    assert_true(container->sandbox);
    assert_string_equal(container->pod, "pod");
    assert_null(container->pod_uid);
    assert_null(container->name);
    assert_null(container->sandbox_id); /* it is in itself */
    container_unref(&container);

    set_label(&pair, "io.cri-containerd.kind", "container");
    assert_int_equal(parse_packed(&reply, &container), 0);
    assert_false(container->sandbox);
    assert_string_equal(container->sandbox_id, "s");
    container_unref(&container);

    spec.value.len = 20; /* no JSON any more: no harm */
    assert_int_equal(parse_packed(&reply, &container), 0);
    assert_null(container->pod);
    container_unref(&container);
}

static void fuzzed_messages(UNUSED void **state)
{
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (seed >> 16) % 4 ? (uint8_t)(seed >> 24) & 0x1f : (uint8_t)(seed >> 24);
        }
        size_t length = (seed >> 8) % sizeof(bytes);
        struct container *container = NULL;
        struct containerd_processes processes;
        struct containerd_process process;
        struct containerd_event event;
        if (containerd_parse_container(bytes, length, "default", &container) == 0)
            container_unref(&container);
        if (containerd_parse_processes(bytes, length, &processes) == 0)
            containerd_processes_clear(&processes);
        (void)containerd_parse_process(bytes, length, &process);
        if (containerd_parse_event(bytes, length, &event) == 0)
            containerd_event_clear(&event);
    }
}

static void cgroups(UNUSED void **state)
{
    static const struct {
        const char *spec, *path;
    } cases[] = {
        { "{\"linux\":{\"cgroupsPath\":\"/default/x\"}}", "/default/x" },
        { "{\"linux\":{\"cgroupsPath\":\"system.slice:nerdctl:x\"}}", NULL },
        { "{\"linux\":{\"cgroupsPath\":\"/../x\"}}", "/../x" }, /* the registry refuses it */
        { "{\"linux\":{\"cgroupsPath\":\"x\"}}", NULL },
        { "{\"linux\":{\"cgroupsPath\":\"\"}}", NULL },
        { "{\"linux\":{\"cgroupsPath\":7}}", NULL },
        { "{\"linux\":[]}", NULL },
        { "nonsense", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        Containerd__ContainerReply reply = CONTAINERD__CONTAINER_REPLY__INIT;
        Containerd__Container from = CONTAINERD__CONTAINER__INIT;
        Containerd__Any spec = CONTAINERD__ANY__INIT;
        uint8_t bytes[256];
        _cleanup_(free_string)
        char *path = NULL;
        reply.container = &from;
        from.spec = &spec;
        spec.value = (ProtobufCBinaryData){ strlen(cases[i].spec), (uint8_t *)text(cases[i].spec) };
        size_t length = containerd__container_reply__pack(&reply, bytes);
        assert_int_equal(containerd_parse_cgroup(bytes, length, &path), 0);
        if (cases[i].path)
            assert_string_equal(path, cases[i].path);
        else
            assert_null(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_containers),
        cmocka_unit_test(labels_without_end),
        cmocka_unit_test(names),
        cmocka_unit_test(cgroups),
        cmocka_unit_test(fuzzed_messages),
    };
    return cmocka_run_group_tests_name("containerd_parse", tests, NULL, NULL);
}
