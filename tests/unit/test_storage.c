/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/storage.h"

#include "tests/unit/recorder.h"

/* The shape that CRI-O 1.26 writes. */
#define CRIO_METADATA(more)                                                                    \
    "{\\\"pod-name\\\":\\\"web\\\",\\\"pod-id\\\":\\\"p\\\",\\\"image-name\\\":\\\"app:1\\\"," \
    "\\\"name\\\":\\\"k8s_app_web\\\",\\\"metadata-name\\\":\\\"app\\\","                      \
    "\\\"namespace\\\":\\\"shop\\\"" more "}"

static const char crio_document[] =
    "[{\"id\":\"c1\",\"names\":[\"k8s_app_web\"],\"metadata\":\"" CRIO_METADATA(
        "") "\"},"
            "{\"id\":\"s1\",\"names\":[],\"metadata\":\"" CRIO_METADATA(",\\\"pod\\\":true") "\"}]";

static int parse(const char *text, const char *runtime, struct container_list *list)
{
    return storage_parse(text, strlen(text), runtime, 0, 100, list);
}

static void test_podman_recording(UNUSED void **state)
{
    _cleanup_(close_file)
    FILE *file = fopen("tests/fixtures/podman/containers.json", "re");
    char text[8192];
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof(text), file);
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(storage_parse(text, length, storage_podman, 1000, 100, &list), 0);
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

static void test_crio_has_pods(UNUSED void **state)
{
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse(crio_document, storage_crio, &list), 0);
    assert_int_equal(list.count, 2);
    container_list_sort(&list);
    assert_string_equal(list.items[0]->name, "app");
    assert_string_equal(list.items[0]->pod, "web");
    assert_string_equal(list.items[0]->pod_namespace, "shop");
    assert_string_equal(list.items[0]->runtime, "cri-o");
    assert_false(list.items[0]->sandbox);
    assert_true(list.items[1]->sandbox);
}

static void test_engines_are_told_apart(UNUSED void **state)
{
    _cleanup_(container_list_clear)
    struct container_list list = { 0 };
    assert_int_equal(parse(crio_document, storage_podman, &list), 0);
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
        cmocka_unit_test(test_crio_has_pods),
        cmocka_unit_test(test_engines_are_told_apart),
        cmocka_unit_test(test_hostile_documents),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
