/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/container.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_new(UNUSED void **state)
{
    assert_null(container_new("docker", NULL));
    assert_null(container_new("docker", ""));
    struct container *container = container_new("docker", "abc");
    assert_string_equal(container->id, "abc");
    assert_string_equal(container->runtime, "docker");
    assert_null(container->name);
    struct container *second = container_ref(container);
    container_unref(&container);
    assert_null(container);
    assert_string_equal(second->id, "abc");
    container_unref(&second);
    container_unref(&second);
}

static void test_copy_is_its_own(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *first = container_new("podman", "abc");
    assert_int_equal(container_set_text(&first->name, "web"), 0);
    assert_int_equal(container_set_text(&first->cgroup_path, "/a"), 0);
    assert_int_equal(container_add_label(first, "tier", "db"), 0);
    first->pid = 7;
    first->owner_uid = 1000;
    first->sandbox = true;
    first->dropped_labels = 3;
    _cleanup_(container_unref)
    struct container *copy = container_copy(first);
    assert_int_equal(container_set_text(&first->name, "renamed"), 0);
    assert_int_equal(container_add_label(first, "tier", "cache"), 0);
    assert_string_equal(copy->name, "web");
    assert_string_equal(copy->cgroup_path, "/a");
    assert_string_equal(container_label(copy, "tier"), "db");
    assert_int_equal(copy->pid, 7);
    assert_int_equal(copy->owner_uid, 1000);
    assert_true(copy->sandbox);
    assert_int_equal(copy->dropped_labels, 3);
    assert_int_equal(copy->references, 1);
}

static void test_text_is_bounded(UNUSED void **state)
{
    char text[CONTAINER_TEXT_MAX + 100];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    char *field = NULL;
    assert_int_equal(container_set_text(&field, text), 0);
    assert_int_equal(strlen(field), CONTAINER_TEXT_MAX);
    assert_int_equal(container_set_text(&field, NULL), 0);
    assert_null(field);
}

/* As the table of fields has it; 0: nothing. */
static uint64_t told_dropped(const struct container *container)
{
    for (size_t i = 0; i < container_fields.count; i++) {
        const struct field *field = &container_fields.fields[i];
        struct value value = field->get(container);
        if (strcmp(field->name, "droppedlabels") == 0)
            return value.kind == VALUE_NONE ? 0 : value.number;
    }
    return 0;
}

static void test_labels(UNUSED void **state)
{
    _cleanup_(container_unref)
    struct container *container = container_new("docker", "abc");
    for (int i = 0; i < CONTAINER_LABELS_MAX + 5; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "key%d", i);
        assert_int_equal(container_add_label(container, key, "1"), 0);
    }
    assert_int_equal(container->label_count, CONTAINER_LABELS_MAX);
    assert_int_equal(container->dropped_labels, 5);
    assert_int_equal(told_dropped(container), 5);
    assert_int_equal(container_add_label(container, "key3", "2"), 0);
    assert_int_equal(container->label_count, CONTAINER_LABELS_MAX);
    assert_string_equal(container_label(container, "key3"), "2");
    assert_null(container_label(container, "none"));
}

static void assert_shown(const char *id, const char *name, const char *expected)
{
    char buffer[CONTAINER_SHORT_ID + 1];
    _cleanup_(container_unref)
    struct container *container = container_new("docker", id);
    assert_int_equal(container_set_text(&container->name, name), 0);
    assert_string_equal(container_display_name(container, buffer), expected);
}

static void test_display_name(UNUSED void **state)
{
    assert_shown("0123456789abcdef", "web", "web");
    assert_shown("0123456789abcdef", NULL, "0123456789ab");
    assert_shown("0123456789ab", NULL, "0123456789ab");
    assert_shown("my-long-container-id", NULL, "my-long-container-id");
    assert_string_equal(container_state_name(CONTAINER_STATE_RUNNING), "running");
    assert_string_equal(container_state_name((enum container_state)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_copy_is_its_own),
        cmocka_unit_test(test_text_is_bounded),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_display_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
