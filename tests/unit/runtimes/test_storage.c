/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/storage.h"
#include "runtimes/storage_image.h"

#include "tests/unit/fixture.h"
#include "tests/unit/recorder.h"

/* Of the recording's pods: "web-0" as a kubelet makes it, "bare" as others do. */
#define FRONT "a17f0c2e00000000000000000000000000000000000000000000000000000002"
#define BACK  "c04417aa00000000000000000000000000000000000000000000000000000004"
#define WEB_0 "e881245800000000000000000000000000000000000000000000000000000001"
#define IMAGE "7d3e51b000000000000000000000000000000000000000000000000000000009"

static int parse(const char *text, const char *runtime, struct container_list *list)
{
    return storage_parse(text, strlen(text), runtime, 0, 100, list);
}

static void test_podman_recording(UNUSED void **state)
{
    _cleanup_(free_string)
    char *text = read_fixture("podman/containers.json");
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(storage_parse(text, strlen(text), storage_podman, 1000, 100, &list), 0);
    assert_int_equal(list.count, 4);
    container_list_sort(&list);
    const struct container *kept = container_list_find(
        &list, "0f92f83526942876f97526542ec5bac13d65693026d199e731b99e76f4442b1e");
    assert_non_null(kept);
    assert_string_equal(kept->name, "kept"); /* not "keeps", as it was before the rename */
    assert_string_equal(kept->image, "localhost/demo/app:1");
    assert_string_equal(kept->runtime, "podman");
    assert_int_equal(kept->owner_uid, 1000);
    assert_true(kept->named);
    assert_false(kept->sandbox);
    const struct container *infra = container_list_find(
        &list, "c9ff0f4778dc51c35283a66e02188ae5b64c76674e7f086c19d6d181fd3fe865");
    assert_non_null(infra);
    assert_true(infra->sandbox);
}

/* The pod's names are in the sandbox's entry alone, wherever that stands in the document. */
static void test_crio_recording(UNUSED void **state)
{
    _cleanup_(free_string)
    char *text = read_fixture("crio/volatile-containers.json");
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse(text, storage_crio, &list), 0);
    assert_int_equal(list.count, 4);
    assert_int_equal(storage_join_pods(&list), 0);
    const struct container *front = container_list_find(&list, FRONT);
    assert_string_equal(front->name, "front");
    assert_string_equal(front->pod, "web-0");
    assert_string_equal(front->pod_namespace, "shop");
    assert_string_equal(front->pod_uid, "uid-of-web-0");
    assert_string_equal(front->image, "localhost/app:1");
    assert_string_equal(front->runtime, "cri-o");
    assert_false(front->sandbox);
    assert_true(front->named);
    const struct container *back = container_list_find(&list, BACK);
    assert_string_equal(back->name, "back");
    assert_string_equal(back->pod, "bare");
    const struct container *sandbox = container_list_find(&list, WEB_0);
    assert_true(sandbox->sandbox);
    assert_true(sandbox->named);
    assert_null(sandbox->name);
    assert_string_equal(sandbox->pod, "web-0");
}

/* A sandbox that is not in the store, or says that it is in itself, makes nothing up. */
static void test_crio_without_sandbox(UNUSED void **state)
{
    static const char document[] =
        "[{\"id\":\"c\",\"metadata\":\"{\\\"pod-name\\\":\\\"k8s_web-0_shop_uid_0\\\","
        "\\\"pod-id\\\":\\\"gone\\\",\\\"metadata-name\\\":\\\"app\\\"}\"},"
        "{\"id\":\"own\",\"metadata\":\"{\\\"pod-id\\\":\\\"own\\\",\\\"image-id\\\":\\\"i\\\"}\"}]";
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse(document, storage_crio, &list), 0);
    assert_int_equal(storage_join_pods(&list), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0]->name, "app");
    assert_null(list.items[0]->pod);
    assert_null(list.items[1]->pod);
    assert_false(list.items[1]->named);
    assert_string_equal(list.items[1]->image, "i");
}

static void test_images_by_id(UNUSED void **state)
{
    _cleanup_(free_string)
    char *text = read_fixture("crio/volatile-containers.json");
    _cleanup_(free_string)
    char *images = read_fixture("crio/images.json");
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse(text, storage_crio, &list), 0);
    container_list_sort(&list);
    struct container *back = container_list_find(&list, BACK);
    assert_string_equal(back->image, IMAGE);
    static const char *const no_images[] = {
        "",
        "[",
        "{}",
        "[1,[],{}]",
        "[{\"id\":\"" IMAGE "\",\"names\":[]}]",
        "[{\"id\":\"" IMAGE "\",\"names\":[7]}]",
        "[{\"names\":[\"x\"]}]",
    };
    for (size_t i = 0; i < ARRAY_SIZE(no_images); i++) {
        assert_int_equal(storage_parse_images(no_images[i], strlen(no_images[i]), &list), 0);
        assert_string_equal(back->image, IMAGE);
    }
    assert_int_equal(storage_parse_images(images, strlen(images), &list), 0);
    assert_string_equal(back->image, "localhost/app:1");
    assert_string_equal(container_list_find(&list, WEB_0)->image, "registry.k8s.io/pause:3.9");
    assert_int_equal(container_set_text(&back->image, "sha256:" IMAGE), 0);
    assert_int_equal(storage_parse_images(images, strlen(images), &list), 0);
    assert_string_equal(back->image, "localhost/app:1");
}

static void test_engines_are_told_apart(UNUSED void **state)
{
    _cleanup_(free_string)
    char *text = read_fixture("crio/volatile-containers.json");
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse(text, storage_podman, &list), 0);
    assert_int_equal(list.count, 0);
}

static void test_hostile_documents(UNUSED void **state)
{
    static const char *const not_documents[] = {
        "", "{", "null", "{}", "\"x\"", "[{\"id\":\"a\"", "[}", "[1,2", "\xff\xfe",
    };
    for (size_t i = 0; i < ARRAY_SIZE(not_documents); i++) {
        _cleanup_(container_list_clear)
        struct container_list list = { 0 };
        assert_int_equal(parse(not_documents[i], storage_podman, &list), -EBADMSG);
    }
    static const char *const no_containers[] = {
        "[]",
        "[null,1,\"x\",[],{}]",
        "[{\"id\":5,\"metadata\":\"{}\"}]",
        "[{\"id\":\"\",\"metadata\":\"{}\"}]",
        "[{\"id\":\"a/../b\",\"metadata\":\"{}\"}]",
        "[{\"id\":\"..\",\"metadata\":\"{}\"}]",
        "[{\"id\":\"a\",\"metadata\":\"\"}]",
        "[{\"id\":\"a\",\"metadata\":{}}]",
        "[{\"id\":\"a\",\"metadata\":\"[[[\"}]",
    };
    for (size_t i = 0; i < ARRAY_SIZE(no_containers); i++) {
        _cleanup_(container_list_clear)
        struct container_list list = { 0 };
        assert_int_equal(parse(no_containers[i], storage_podman, &list), 0);
        assert_int_equal(list.count, 0);
    }
}

static void test_odd_names(UNUSED void **state)
{
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse("[{\"id\":\"a\",\"names\":[7],\"metadata\":\"{\\\"name\\\":[]}\"}]",
                           storage_podman, &list),
                     0);
    assert_int_equal(list.count, 1);
    assert_null(list.items[0]->name);
    assert_false(list.items[0]->named);
}

static void test_bounds(UNUSED void **state)
{
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    static const char two[] =
        "[{\"id\":\"a\",\"metadata\":\"{}\"},{\"id\":\"b\",\"metadata\":\"{}\"}]";
    assert_int_equal(storage_parse(two, strlen(two), storage_podman, 0, 1, &list), -ENOSPC);

    enum { DEEP = 100000 };
    _cleanup_(free_string)
    char *deep = malloc(DEEP);
    assert_non_null(deep);
    memset(deep, '[', DEEP);
    assert_int_equal(storage_parse(deep, DEEP, storage_podman, 0, 1, &list), -EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_podman_recording),
        cmocka_unit_test(test_crio_recording),
        cmocka_unit_test(test_crio_without_sandbox),
        cmocka_unit_test(test_images_by_id),
        cmocka_unit_test(test_engines_are_told_apart),
        cmocka_unit_test(test_hostile_documents),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
