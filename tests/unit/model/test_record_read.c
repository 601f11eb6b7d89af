/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/record_read.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "src/model/container.h"
#include "src/model/denial.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct capability_event event;
static struct container *container;
static struct record record;
/* One field that is otherwise: not there, or with this value. */
static const char *other_field;
static struct value other_value;
static bool other_absent;

static int set_up(UNUSED void **state)
{
    event = (struct capability_event){
        .capability = 23,
        .denied = 1,
        .audit = 1,
        .flags = EVENT_SETUP,
        .effective = 3,
        .permitted = 7,
        .bounding = 15,
        .pid = 10,
        .tid = 11,
        .uid = 1000,
        .euid = 1001,
        .syscall = SYS_setpriority,
        .current_level = 1,
        .target_level = 2,
        .comm = "nice",
    };
    container = container_new("docker", ID);
    assert_int_equal(container_set_text(&container->name, "web"), 0);
    assert_int_equal(container_set_text(&container->image, "nginx"), 0);
    record = (struct record){ .event = &event, .container = container };
    other_field = NULL;
    return 0;
}

static int tear_down(UNUSED void **state)
{
    container_unref(&container);
    return 0;
}

static bool get(UNUSED void *userdata, const struct field *field, struct value *ret_value)
{
    if (other_field && strcmp(field->name, other_field) == 0) {
        *ret_value = other_value;
        return !other_absent;
    }
    *ret_value = field->get(&record);
    if (ret_value->kind == VALUE_HEX)
        ret_value->kind = VALUE_UNSIGNED;
    return true;
}

static int read_row(struct record_copy *ret_copy, const struct field **ret_field)
{
    static const struct record_source source = { .get = get };

    return record_read(&source, ret_copy, ret_field);
}

static void test_it_comes_back(UNUSED void **state)
{
    const struct field *field;
    struct record_copy copy;

    assert_int_equal(read_row(&copy, &field), 0);
    event.kind = EVENT_CAPABILITY;
    assert_memory_equal(&copy.event, &event, sizeof(event));
    assert_string_equal(copy.container->id, ID);
    assert_string_equal(copy.container->name, "web");
    assert_string_equal(copy.container->image, "nginx");
    assert_string_equal(copy.container->runtime, "docker");
    assert_true(copy.knows_bounding);
    record_copy_clear(&copy);
}

/* That a row shows for want of a name is none. */
static void test_short_id_is_no_name(UNUSED void **state)
{
    const struct field *field;
    struct record_copy copy;

    assert_int_equal(container_set_text(&container->name, NULL), 0);
    assert_int_equal(read_row(&copy, &field), 0);
    assert_null(copy.container->name);
    record_copy_clear(&copy);
}

static void test_host(UNUSED void **state)
{
    const struct field *field;
    struct record_copy copy;

    record.container = NULL;
    assert_int_equal(read_row(&copy, &field), 0);
    assert_null(copy.container);
}

/* Each word of a reason is what the sets say in the end, also where a row has none of them. */
static void test_reasons(UNUSED void **state)
{
    const struct field *field;
    struct record_copy copy;

    other_field = "reason";
    other_absent = false;
    event.effective = event.permitted = event.bounding = 0;
    for (enum denial denial = DENIAL_NONE + 1; denial < DENIALS; denial++) {
        other_value = value_text(denial_word(denial));
        assert_int_equal(read_row(&copy, &field), 0);
        assert_int_equal(denial_of(&copy.event), denial);
        record_copy_clear(&copy);
    }
}

static void assert_refused(const char *name, struct value value)
{
    const struct field *field = NULL;
    struct record_copy copy;

    other_field = name;
    other_value = value;
    other_absent = false;
    assert_int_equal(read_row(&copy, &field), -EINVAL);
    assert_string_equal(field->name, name);
}

static void test_strange_values(UNUSED void **state)
{
    assert_refused("cap", value_unsigned(64));
    assert_refused("cap", value_none());
    assert_refused("cap", value_text("23x"));
    assert_refused("cap", value_text("-1"));
    assert_refused("cap", value_text(""));
    assert_refused("verdict", value_text("Maybe"));
    assert_refused("reason", value_text("why"));
    assert_refused("audit", value_unsigned(2));
    assert_refused("pid", value_unsigned(UINT64_C(1) << 32));
    assert_refused("pid", value_text("99999999999999999999999"));
    assert_refused("targetlevel", value_unsigned(65536));
    assert_refused("setup", value_text("yes"));
    assert_refused("bounding", value_text("CHOWN,,KILL"));
    assert_refused("containerid", value_unsigned(3));
}

static void test_absent(UNUSED void **state)
{
    const struct field *field = NULL;
    struct record_copy copy;

    other_absent = true;
    other_field = "euid";
    assert_int_equal(read_row(&copy, &field), -ENOENT);
    assert_string_equal(field->name, "euid");
    other_field = "bounding"; /* only asked for by name */
    assert_int_equal(read_row(&copy, &field), 0);
    assert_false(copy.knows_bounding);
    record_copy_clear(&copy);
}

/* As the journal has them. */
static void test_text(UNUSED void **state)
{
    const struct field *field = NULL;
    struct record_copy copy;

    other_absent = false;
    other_field = "caps";
    other_value = value_text("80000000a80425fb");
    assert_int_equal(read_row(&copy, &field), 0);
    assert_true(copy.event.effective == UINT64_C(0x80000000a80425fb));
    record_copy_clear(&copy);
    other_field = "bounding";
    other_value = value_text("CHOWN,SYS_NICE,63");
    assert_int_equal(read_row(&copy, &field), 0);
    assert_true(copy.event.bounding == (UINT64_C(1) << 63 | 1)); /* it was denied SYS_NICE */
    record_copy_clear(&copy);
    other_field = "syscall";
    other_value = value_text("4711");
    assert_int_equal(read_row(&copy, &field), 0);
    assert_int_equal(copy.event.syscall, 4711);
    record_copy_clear(&copy);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_it_comes_back), TEST(test_short_id_is_no_name), TEST(test_host),
        TEST(test_reasons),       TEST(test_strange_values),      TEST(test_absent),
        TEST(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
