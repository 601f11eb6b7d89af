/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of Docker's API, and bytes that only look like them. */
#include "runtimes/docker_parse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char LIST[] =
    "[{\"Id\":\"aaa\",\"Names\":[\"/other/alias\",\"/web\"],\"Image\":\"nginx:1\","
    "\"State\":\"paused\",\"Labels\":{\"a\":\"b\",\"n\":1}},"
    "{\"Id\":\"bbb\",\"Names\":[\"/k8s_app_pod_ns_uid_0\"],\"Image\":\"app\",\"State\":\"running\","
    "\"Labels\":{\"io.kubernetes.pod.name\":\"pod\",\"io.kubernetes.pod.namespace\":\"ns\","
    "\"io.kubernetes.pod.uid\":\"u-1\",\"io.kubernetes.container.name\":\"app\","
    "\"io.kubernetes.docker.type\":\"container\"}},"
    "{\"Id\":\"ccc\",\"Names\":[\"/k8s_POD_pod_ns_uid_0\"],\"Labels\":{"
    "\"io.kubernetes.pod.name\":\"pod\",\"io.kubernetes.docker.type\":\"podsandbox\"}}]";

static const char EVENT[] =
    "{\"Type\":\"container\",\"Action\":\"create\",\"Actor\":{\"ID\":\"aaa\",\"Attributes\":{"
    "\"image\":\"nginx\",\"name\":\"web\",\"exitCode\":\"0\",\"tier\":\"front\"}}}";

static void keep(void *userdata, struct container *container)
{
    struct container **kept = userdata;

    while (*kept)
        kept++;
    *kept = container_ref(container);
}

static void drop(UNUSED void *userdata, UNUSED struct container *container)
{
}

static int parse_list(const char *text)
{
    return docker_parse_list("docker", text, strlen(text), drop, NULL);
}

static void test_list(UNUSED void **state)
{
    struct container *kept[4] = { NULL };

    assert_int_equal(docker_parse_list("docker", LIST, strlen(LIST), keep, (void *)kept), 0);
    assert_non_null(kept[2]);
    assert_null(kept[3]);
    assert_string_equal(kept[0]->name, "web");
    assert_string_equal(kept[0]->image, "nginx:1");
    assert_int_equal(kept[0]->state, CONTAINER_STATE_PAUSED);
    assert_string_equal(container_label(kept[0], "a"), "b");
    assert_int_equal(kept[0]->label_count, 1);
    assert_true(kept[0]->named);
    assert_string_equal(kept[1]->name, "app");
    assert_string_equal(kept[1]->pod, "pod");
    assert_string_equal(kept[1]->pod_namespace, "ns");
    assert_string_equal(kept[1]->pod_uid, "u-1");
    assert_false(kept[1]->sandbox);
    assert_true(kept[2]->sandbox);
    for (size_t i = 0; i < 3; i++)
        container_unref(&kept[i]);
}

static void test_event(UNUSED void **state)
{
    struct docker_event event;

    assert_int_equal(docker_parse_event("docker", EVENT, strlen(EVENT), &event), 1);
    assert_string_equal(event.id, "aaa");
    assert_false(event.removed);
    assert_string_equal(event.container->name, "web");
    assert_int_equal(event.container->state, CONTAINER_STATE_CREATED);
    /* Labels only, not the event's own words. */
    assert_int_equal(event.container->label_count, 1);
    assert_string_equal(container_label(event.container, "tier"), "front");
    docker_event_clear(&event);
}

/* Cut anywhere, it is no answer, and nothing is read behind the cut: the copy has no end mark. */
static void test_cut(UNUSED void **state)
{
    struct docker_event event;

    for (size_t length = 0; length < strlen(LIST); length++) {
        char *copy = malloc(length + 1);
        assert_non_null(copy);
        char *exact = realloc(copy, length ? length : 1);
        assert_non_null(exact);
        memcpy(exact, LIST, length);
        assert_int_equal(docker_parse_list("docker", exact, length, drop, NULL), -EBADMSG);
        if (length < strlen(EVENT)) {
            memcpy(exact, EVENT, length);
            assert_int_equal(docker_parse_event("docker", exact, length, &event), -EBADMSG);
        }
        free(exact);
    }
}

static void test_wrong_types(UNUSED void **state)
{
    static const char *const nothing[] = {
        "[]",
        "[null,1,\"x\",[],{}]",
        "[{\"Id\":1}]",
        "[{\"Id\":\"\"}]",
        "[{\"Id\":\"a\",\"Names\":{},\"Image\":[],\"State\":{},\"Labels\":[1,null]}]",
        "[{\"Id\":\"a\",\"Labels\":[\"x\"]}]", /* text without a name */
    };
    static const char *const events[] = {
        "{}",
        "{\"Type\":1,\"Action\":[],\"Actor\":7}",
        "{\"Type\":\"container\",\"Action\":\"create\",\"Actor\":{\"ID\":{}}}",
        "{\"Type\":\"network\",\"Action\":\"create\",\"Actor\":{\"ID\":\"a\"}}",
    };
    struct docker_event event;

    for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
        assert_int_equal(parse_list(nothing[i]), 0);
    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        assert_int_equal(docker_parse_event("docker", events[i], strlen(events[i]), &event), 0);
    assert_int_equal(parse_list("{}"), -EBADMSG);
    assert_int_equal(parse_list("null"), -EBADMSG);
    assert_int_equal(docker_parse_event("docker", "[]", 2, &event), -EBADMSG);
}

/* What an array holds has no names. */
static void test_attributes_without_names(UNUSED void **state)
{
    static const char *const events[] = {
        "{\"Type\":\"container\",\"Action\":\"create\","
        "\"Actor\":{\"ID\":\"a\",\"Attributes\":[\"x\"]}}",
        "{\"Type\":\"container\",\"Action\":\"create\","
        "\"Actor\":{\"ID\":\"a\",\"Attributes\":{\"\":\"x\",\"b\":[\"y\"]}}}",
    };
    for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
        struct docker_event event;
        assert_int_equal(docker_parse_event("docker", events[i], strlen(events[i]), &event), 1);
        assert_string_equal(event.id, "a");
        assert_int_equal(event.container->label_count, 0);
        docker_event_clear(&event);
    }
}

/* Refused before anything is built from it. */
static void test_excessive(UNUSED void **state)
{
    size_t length = 2 * DOCKER_VALUES_MAX + 4;
    char *text = malloc(length + 1);
    assert_non_null(text);

    text[0] = '[';
    for (size_t i = 1; i < length - 1; i += 2)
        memcpy(text + i, "1,", 2);
    memcpy(text + length - 2, "1]", 3);
    assert_int_equal(parse_list(text), -EBADMSG);
    memset(text, '[', length);
    assert_int_equal(parse_list(text), -EBADMSG);
    free(text);
    /* Brackets in a text are no nesting. */
    assert_int_equal(parse_list("[{\"Id\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}]"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),      cmocka_unit_test(test_event),
        cmocka_unit_test(test_cut),       cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_excessive), cmocka_unit_test(test_attributes_without_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
