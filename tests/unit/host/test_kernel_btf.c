/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Type information made by hand: each kind that a kernel has, and each way to be malformed. */
#include "src/host/kernel_btf.h"

#include <errno.h>
#include <linux/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char data[1024];
static struct kernel_btf btf;
static size_t types_size;

static const char strings[] = "\0cap_capable\0capable\0late";
#define CAP_CAPABLE 1
#define CAPABLE     13 /* not the one that cap_capable ends with */
#define LATE        21

static void add_type(uint32_t name, unsigned int kind, unsigned int count, size_t tail)
{
    const struct btf_type type = { .name_off = name, .info = kind << 24 | count };
    char *place = data + sizeof(struct btf_header) + types_size;

    memcpy(place, &type, sizeof(type));
    memset(place + sizeof(type), 0xff, tail); /* mistaken for a type, it would be none */
    types_size += sizeof(type) + tail;
}

static void finish(void)
{
    const struct btf_header header = {
        .magic = BTF_MAGIC,
        .version = BTF_VERSION,
        .hdr_len = sizeof(header),
        .type_len = (uint32_t)types_size,
        .str_off = (uint32_t)types_size,
        .str_len = sizeof(strings),
    };

    memcpy(data, &header, sizeof(header));
    memcpy(data + sizeof(header) + types_size, strings, sizeof(strings));
    btf =
        (struct kernel_btf){ .data = data, .size = sizeof(header) + types_size + sizeof(strings) };
}

static int set_up(UNUSED void **state)
{
    types_size = 0;
    return 0;
}

static int find(const char *name, unsigned int kind)
{
    return kernel_btf_find(&btf, name, kind);
}

/* The number of a type is its place among them, whatever is behind each. */
static void test_each_kind_is_passed_over(UNUSED void **state)
{
    static const struct {
        unsigned int kind, count;
        size_t tail;
    } kinds[] = {
        { BTF_KIND_INT, 0, 4 },
        { BTF_KIND_PTR, 0, 0 },
        { BTF_KIND_ARRAY, 0, sizeof(struct btf_array) },
        { BTF_KIND_STRUCT, 3, 3 * sizeof(struct btf_member) },
        { BTF_KIND_UNION, 2, 2 * sizeof(struct btf_member) },
        { BTF_KIND_ENUM, 3, 3 * sizeof(struct btf_enum) },
        { BTF_KIND_FWD, 0, 0 },
        { BTF_KIND_TYPEDEF, 0, 0 },
        { BTF_KIND_VOLATILE, 0, 0 },
        { BTF_KIND_CONST, 0, 0 },
        { BTF_KIND_RESTRICT, 0, 0 },
        { BTF_KIND_FUNC, 1, 0 }, /* of a function, the count is its linkage */
        { BTF_KIND_FUNC_PROTO, 2, 2 * sizeof(struct btf_param) },
        { BTF_KIND_VAR, 0, 4 },
        { BTF_KIND_DATASEC, 2, 2 * sizeof(struct btf_var_secinfo) },
        { BTF_KIND_FLOAT, 0, 0 },
        { BTF_KIND_DECL_TAG, 0, 4 },
        { BTF_KIND_TYPE_TAG, 0, 0 },
        { BTF_KIND_ENUM64, 2, 2 * sizeof(struct btf_enum64) },
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        add_type(0, kinds[i].kind, kinds[i].count, kinds[i].tail);
    add_type(CAP_CAPABLE, BTF_KIND_FUNC, 0, 0);
    finish();
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), ARRAY_SIZE(kinds) + 1);
}

static void test_name_and_kind(UNUSED void **state)
{
    add_type(CAPABLE, BTF_KIND_TYPEDEF, 0, 0);
    add_type(CAP_CAPABLE, BTF_KIND_FUNC, 0, 0);
    add_type(CAPABLE, BTF_KIND_FUNC, 0, 0);
    finish();
    assert_int_equal(find("capable", BTF_KIND_TYPEDEF), 1);
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), 2);
    assert_int_equal(find("capable", BTF_KIND_FUNC), 3);
    assert_int_equal(find("cap_capable", BTF_KIND_TYPEDEF), -ENOENT);
    assert_int_equal(find("late", BTF_KIND_FUNC), -ENOENT);
    assert_int_equal(find("apable", BTF_KIND_FUNC), -ENOENT);
    assert_int_equal(find("cap", BTF_KIND_FUNC), -ENOENT);
    assert_int_equal(find("unheard_of", BTF_KIND_FUNC), -ENOENT);
}

/* Kinds of kernels to come end the search, and so does what is cut off. */
static void test_an_unknown_kind(UNUSED void **state)
{
    add_type(CAP_CAPABLE, BTF_KIND_FUNC, 0, 0);
    add_type(0, 31, 0, 0);
    add_type(LATE, BTF_KIND_FUNC, 0, 0);
    finish();
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), 1);
    assert_int_equal(find("late", BTF_KIND_FUNC), -EBADMSG);
    types_size = 0;
    add_type(0, BTF_KIND_STRUCT, 1000, 0);
    finish();
    assert_int_equal(find("late", BTF_KIND_FUNC), -EBADMSG);
}

static void test_malformed(UNUSED void **state)
{
    struct btf_header *header = (struct btf_header *)(void *)data;
    struct kernel_btf cut;

    add_type(CAP_CAPABLE, BTF_KIND_FUNC, 0, 0);
    finish();
    cut = btf;
    for (cut.size = 0; cut.size < btf.size; cut.size++)
        assert_int_equal(kernel_btf_find(&cut, "cap_capable", BTF_KIND_FUNC), -EBADMSG);
    header->magic ^= 1;
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), -EBADMSG);
    header->magic ^= 1;
    header->hdr_len = UINT32_MAX;
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), -EBADMSG);
    header->hdr_len = sizeof(*header);
    header->type_off = UINT32_MAX;
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), -EBADMSG);
    header->type_off = 0;
    header->str_off = UINT32_MAX;
    assert_int_equal(find("cap_capable", BTF_KIND_FUNC), -EBADMSG);
}

static void test_this_kernel(UNUSED void **state)
{
    struct kernel_btf own = { 0 };
    struct error error = { 0 };
    int r = kernel_btf_load(&own, &error);

    if (access(KERNEL_BTF_PATH, R_OK) < 0) {
        assert_int_equal(r, -ENOENT);
        assert_non_null(strstr(error.message, "CONFIG_DEBUG_INFO_BTF"));
        return;
    }
    assert_int_equal(r, 0);
    assert_true(kernel_btf_find(&own, "task_struct", BTF_KIND_STRUCT) > 0);
    assert_int_equal(kernel_btf_find(&own, "no_such_struct", BTF_KIND_STRUCT), -ENOENT);
    kernel_btf_clear(&own);
    assert_null(own.data);
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_kind_is_passed_over),
        TEST(test_name_and_kind),
        TEST(test_an_unknown_kind),
        TEST(test_malformed),
        TEST(test_this_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
