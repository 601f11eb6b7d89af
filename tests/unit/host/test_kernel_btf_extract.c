/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A few types out of many, read back by libbpf: of types made by hand, and of this kernel's. */
#include "src/host/kernel_btf_extract.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <bpf/btf.h>
#include <cmocka.h>

static struct btf *made;      /* by hand */
static struct btf *extracted; /* what came of it */

static struct btf *extract(const struct kernel_btf *btf, const char *const *names, size_t count)
{
    struct text text = { 0 };
    struct btf *few;

    assert_int_equal(kernel_btf_extract(btf, names, count, &text), 0);
    few = btf__new(text.data, (uint32_t)text.length);
    text_clear(&text);
    assert_non_null(few);
    return few;
}

static void extract_made(const char *const *names, size_t count)
{
    uint32_t size;
    const void *data = btf__raw_data(made, &size);
    struct kernel_btf btf = { .data = (char *)(uintptr_t)data, .size = size };

    assert_non_null(data);
    btf__free(extracted);
    extracted = extract(&btf, names, count);
}

static int set_up(UNUSED void **state)
{
    made = btf__new_empty();
    return made ? 0 : -1;
}

static int tear_down(UNUSED void **state)
{
    btf__free(made);
    btf__free(extracted);
    made = extracted = NULL;
    return 0;
}

/* -------- what is in a type -------- */

static const struct btf_type *type_of(const struct btf *btf, const char *name, unsigned int kind)
{
    int id = btf__find_by_name_kind(btf, name, kind);

    if (id <= 0)
        fail_msg("no type %s", name);
    return btf__type_by_id(btf, (uint32_t)id);
}

static const struct btf_member *member_of(const struct btf *btf, const struct btf_type *type,
                                          const char *name)
{
    for (unsigned int i = 0; i < btf_vlen(type); i++) {
        if (strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), name) == 0)
            return &btf_members(type)[i];
    }
    fail_msg("no member %s", name);
    return NULL;
}

static void assert_is(const struct btf *btf, const char *type, const char *member,
                      unsigned int offset, unsigned int kind, int size)
{
    const struct btf_member *found = member_of(btf, type_of(btf, type, BTF_KIND_STRUCT), member);

    assert_int_equal(found->offset, offset * 8);
    assert_int_equal(btf_kind(btf__type_by_id(btf, found->type)), kind);
    assert_int_equal(btf__resolve_size(btf, found->type), size);
}

/* -------- by hand -------- */

static void test_what_lies_in_a_struct(UNUSED void **state)
{
    static const char *const wanted[] = { "outer" };
    int number = btf__add_int(made, "int", 4, BTF_INT_SIGNED);
    int word = btf__add_typedef(made, "word_t", number);
    int constant = btf__add_const(made, word);
    int other, inner, array, pointer, tag, choice;

    other = btf__add_struct(made, "other", 4);
    assert_int_equal(btf__add_field(made, "unseen", number, 0, 0), 0);
    inner = btf__add_struct(made, NULL, 8);
    assert_int_equal(btf__add_field(made, "first", number, 0, 0), 0);
    assert_int_equal(btf__add_field(made, "second", constant, 32, 0), 0);
    array = btf__add_array(made, number, word, 3);
    tag = btf__add_type_tag(made, "rcu", other);
    pointer = btf__add_ptr(made, tag);
    choice = btf__add_enum(made, "choice", 4);
    assert_int_equal(btf__add_enum_value(made, "CHOICE_ONE", 1), 0);
    assert_true(btf__add_struct(made, "outer", 40) > 0);
    assert_int_equal(btf__add_field(made, "place", pointer, 0, 0), 0);
    assert_int_equal(btf__add_field(made, "both", inner, 64, 0), 0);
    assert_int_equal(btf__add_field(made, "three", array, 128, 0), 0);
    assert_int_equal(btf__add_field(made, "one", choice, 224, 0), 0);
    extract_made(wanted, 1);
    assert_is(extracted, "outer", "place", 0, BTF_KIND_PTR, 8);
    assert_is(extracted, "outer", "both", 8, BTF_KIND_STRUCT, 8);
    assert_is(extracted, "outer", "three", 16, BTF_KIND_ARRAY, 12);
    assert_is(extracted, "outer", "one", 28, BTF_KIND_ENUM, 4);
    assert_int_equal(type_of(extracted, "outer", BTF_KIND_STRUCT)->size, 40);
    assert_int_equal(btf__find_by_name_kind(extracted, "other", BTF_KIND_STRUCT), -ENOENT);
}

static void test_enum_by_name(UNUSED void **state)
{
    static const char *const wanted[] = { "choice" };
    const struct btf_type *type;

    assert_true(btf__add_enum(made, "unwanted", 4) > 0);
    assert_int_equal(btf__add_enum_value(made, "UNWANTED", 1), 0);
    assert_true(btf__add_enum(made, "choice", 4) > 0);
    assert_int_equal(btf__add_enum_value(made, "CHOICE_ONE", 1), 0);
    assert_int_equal(btf__add_enum_value(made, "CHOICE_TWO", 22), 0);
    assert_true(btf__add_enum64(made, "choice", 8, false) > 0);
    assert_int_equal(btf__add_enum64_value(made, "CHOICE_LARGE", UINT64_C(1) << 40), 0);
    extract_made(wanted, 1);
    type = type_of(extracted, "choice", BTF_KIND_ENUM);
    assert_int_equal(btf_vlen(type), 2);
    assert_int_equal(btf_enum(type)[1].val, 22);
    assert_string_equal(btf__name_by_offset(extracted, btf_enum(type)[1].name_off), "CHOICE_TWO");
    type = type_of(extracted, "choice", BTF_KIND_ENUM64);
    assert_true(btf_enum64_value(btf_enum64(type)) == UINT64_C(1) << 40);
    assert_int_equal(btf__type_cnt(extracted), 3);
}

/* All of a name: libbpf tells which of them it means. */
static void test_two_of_a_name(UNUSED void **state)
{
    static const char *const wanted[] = { "twice" };

    for (unsigned int size = 4; size <= 8; size += 4)
        assert_true(btf__add_struct(made, "twice", size) > 0);
    extract_made(wanted, 1);
    assert_int_equal(btf__type_cnt(extracted), 3);
    assert_int_equal(btf__type_by_id(extracted, 1)->size, 4);
    assert_int_equal(btf__type_by_id(extracted, 2)->size, 8);
}

/* Cut off anywhere, it is refused, or less is found in it; nothing is read beyond it. */
static void test_cut_off(UNUSED void **state)
{
    static const char *const wanted[] = { "outer" };
    int number = btf__add_int(made, "int", 4, 0);
    const void *data;
    uint32_t size;

    assert_true(btf__add_struct(made, "outer", 4) > 0);
    assert_int_equal(btf__add_field(made, "field", number, 0, 0), 0);
    data = btf__raw_data(made, &size);
    for (uint32_t kept = 0; kept < size; kept++) {
        struct kernel_btf btf = { .data = malloc(kept ? kept : 1), .size = kept };
        struct text text = { 0 };

        assert_non_null(btf.data);
        memcpy(btf.data, data, kept);
        assert_int_equal(kernel_btf_extract(&btf, wanted, 1, &text), -EBADMSG);
        text_clear(&text);
        free(btf.data);
    }
}

/* -------- this kernel's -------- */

/* Where a member stands, by way of those that it lies in; -1: there is none. */
static int offset_of(const struct btf *btf, uint32_t id, const char *name)
{
    const struct btf_type *type = btf__type_by_id(btf, id);

    while (btf_is_mod(type) || btf_is_typedef(type))
        type = btf__type_by_id(btf, type->type);
    for (unsigned int i = 0; btf_is_composite(type) && i < btf_vlen(type); i++) {
        const struct btf_member *member = &btf_members(type)[i];
        const char *called = btf__name_by_offset(btf, member->name_off);
        int inside;

        if (strcmp(called, name) == 0)
            return (int)btf_member_bit_offset(type, i);
        inside = *called ? -1 : offset_of(btf, member->type, name);
        if (inside >= 0)
            return (int)btf_member_bit_offset(type, i) + inside;
    }
    return -1;
}

static void test_this_kernel(UNUSED void **state)
{
    static const char *const wanted[] = { "task_struct", "cred", "bpf_func_id" };
    struct kernel_btf own = { 0 };
    struct error error = { 0 };
    struct btf *all;

    if (kernel_btf_load(&own, &error) < 0)
        skip();
    extracted = extract(&own, wanted, ARRAY_SIZE(wanted));
    all = btf__parse(KERNEL_BTF_PATH, NULL);
    assert_non_null(all);
    for (size_t i = 0; i < 2; i++) {
        const struct btf_type *type = type_of(all, wanted[i], BTF_KIND_STRUCT);
        int id = btf__find_by_name_kind(all, wanted[i], BTF_KIND_STRUCT);
        int few = btf__find_by_name_kind(extracted, wanted[i], BTF_KIND_STRUCT);

        assert_int_equal(type_of(extracted, wanted[i], BTF_KIND_STRUCT)->size, type->size);
        for (unsigned int k = 0; k < btf_vlen(type); k++) {
            const char *name = btf__name_by_offset(all, btf_members(type)[k].name_off);

            assert_int_equal(offset_of(extracted, (uint32_t)few, name),
                             offset_of(all, (uint32_t)id, name));
        }
    }
    assert_int_equal(btf_vlen(type_of(extracted, "bpf_func_id", BTF_KIND_ENUM)),
                     btf_vlen(type_of(all, "bpf_func_id", BTF_KIND_ENUM)));
    assert_in_range(btf__type_cnt(extracted), 10, btf__type_cnt(all) / 10);
    btf__free(all);
    kernel_btf_clear(&own);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_lies_in_a_struct), TEST(test_enum_by_name),
        TEST(test_two_of_a_name),         TEST(test_cut_off),
        TEST(test_this_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
