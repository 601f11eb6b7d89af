/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/match.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "src/model/container.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct container *web(void)
{
    struct container *container = container_new("docker", ID);

    assert_non_null(container);
    assert_int_equal(container_set_text(&container->name, "web"), 0);
    assert_int_equal(container_add_label(container, "app", "shop"), 0);
    assert_int_equal(container_add_label(container, "tier", ""), 0);
    return container;
}

/* Up to two names and two selectors; NULL: none. */
static bool matches_it(const struct container *container, const char *name, const char *name2,
                       const char *selector, const char *selector2)
{
    const char *names[] = { name, name2 }, *selectors[] = { selector, selector2 };
    struct match match;
    struct error error;
    bool answer;

    assert_int_equal(match_init(&match, names,
                                name2  ? 2
                                : name ? 1
                                       : 0,
                                selectors,
                                selector2  ? 2
                                : selector ? 1
                                           : 0,
                                &error),
                     0);
    answer = match_container(&match, container);
    match_clear(&match);
    return answer;
}

static bool matches(const char *name, const char *name2, const char *selector,
                    const char *selector2)
{
    _cleanup_(container_unref)
    struct container *container = web();

    return matches_it(container, name, name2, selector, selector2);
}

static void test_names(UNUSED void **state)
{
    assert_true(matches(NULL, NULL, NULL, NULL));
    assert_true(matches("web", NULL, NULL, NULL));
    assert_false(matches("we", NULL, NULL, NULL));
    assert_false(matches("webs", NULL, NULL, NULL));
    assert_true(matches("db", "web", NULL, NULL));
    assert_true(matches(ID, NULL, NULL, NULL));
    assert_true(matches("0123456789ab", NULL, NULL, NULL));
    assert_false(matches("0123456789a", NULL, NULL, NULL)); /* too short to be an id */
    assert_false(matches("0123456789abX", NULL, NULL, NULL));
}

/* One of a user's, who has given it the id of another's. */
static void test_names_of_users(UNUSED void **state)
{
    static const struct {
        const char *name;
        bool matches;
    } rows[] = {
        { "web", false },
        { ID, false },
        { "0123456789ab", false },
        { "user/1000/web", true },
        { "user/1000/" ID, true },
        { "user/1000/0123456789ab", true },
        { "user/1000/0123456789a", false },
        { "user/1000/db", false },
        { "user/1000/", false },
        { "user/1001/web", false },
        { "user/1001/" ID, false },
        { "user/100/" ID, false },
        { "!" ID, true },
        { "!user/1000/" ID, false },
    };
    _cleanup_(container_unref)
    struct container *container = web();

    assert_int_equal(container_set_text(&container->name, "user/1000/web"), 0);
    container->owner_uid = 1000;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (matches_it(container, rows[i].name, NULL, NULL, NULL) != rows[i].matches)
            fail_msg("-c %s", rows[i].name);
    }
}

static void test_excluded_names(UNUSED void **state)
{
    assert_false(matches("!web", NULL, NULL, NULL));
    assert_true(matches("!db", NULL, NULL, NULL));
    assert_false(matches("web", "!web", NULL, NULL));
    assert_false(matches("!db", "cache", NULL, NULL)); /* a wanted name is still asked for */
    assert_false(matches("!0123456789ab", NULL, NULL, NULL));
}

static void test_selectors(UNUSED void **state)
{
    assert_true(matches(NULL, NULL, "app=shop", NULL));
    assert_true(matches(NULL, NULL, "app==shop", NULL));
    assert_false(matches(NULL, NULL, "app=sho", NULL));
    assert_false(matches(NULL, NULL, "ap=shop", NULL));
    assert_true(matches(NULL, NULL, "app", NULL));
    assert_true(matches(NULL, NULL, "tier=", NULL));
    assert_false(matches(NULL, NULL, "zone", NULL));
    assert_true(matches(NULL, NULL, "!zone", NULL));
    assert_false(matches(NULL, NULL, "!app", NULL));
    assert_false(matches(NULL, NULL, "app!=shop", NULL));
    assert_true(matches(NULL, NULL, "app!=blog", NULL));
    assert_true(matches(NULL, NULL, "zone!=eu", NULL)); /* no label is not that value */
    assert_true(matches(NULL, NULL, "app=shop", "tier"));
    assert_false(matches(NULL, NULL, "app=shop", "zone"));
    assert_false(matches("db", NULL, "app=shop", NULL));
}

static void test_bad_words(UNUSED void **state)
{
    static const char *const selectors[] = { "", "=", "=x", "!", "!=x", "==" };
    static const char *const names[] = { "", "!" };
    struct match match;
    struct error error;

    for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
        if (match_init(&match, NULL, 0, &selectors[i], 1, &error) != -EINVAL)
            fail_msg("taken for a selector: '%s'", selectors[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (match_init(&match, &names[i], 1, NULL, 0, &error) != -EINVAL)
            fail_msg("taken for a name: '%s'", names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),          cmocka_unit_test(test_names_of_users),
        cmocka_unit_test(test_excluded_names), cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_bad_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
