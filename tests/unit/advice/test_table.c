/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/table.h"

#include "tests/unit/advice/checks.h"

static struct subject web, shop, idle;
static const struct circumstances about_web = { .name = "web", .runtime = "docker" };
static const struct circumstances about_shop = { .name = "shop\x1b", .runtime = "docker" };
static const struct circumstances about_idle = { .name = "idle", .runtime = "docker" };
static struct text out;

static int set_up(UNUSED void **state)
{
    web = shop = idle = (struct subject){ 0 };
    return 0;
}

static int tear_down(UNUSED void **state)
{
    subject_clear(&web);
    subject_clear(&shop);
    text_clear(&out);
    return 0;
}

static const char *table(size_t width, bool colour)
{
    const struct table_style style = { width, colour };
    const struct advice advices[] = { judge(&idle, &about_idle), judge(&shop, &about_shop),
                                      judge(&web, &about_web) };

    text_clear(&out);
    advice_table_write(&out, advices, ARRAY_SIZE(advices), &style);
    text_add_char(&out, '\0');
    assert_false(out.failed);
    return out.data;
}

static void work(void)
{
    struct capability_event denied = root_asks(CAP_CHOWN, SYS_fchown);

    denied.denied = 1;
    add(&web, root_asks(CAP_CHOWN, SYS_fchown));
    add(&web, denied);
    add(&web, denied);
    for (int i = 0; i < 12; i++)
        add(&web, root_asks(CAP_SYS_NICE, SYS_setpriority));
    add(&shop, root_asks(CAP_SETUID, SYS_setuid));
}

static void test_cells(UNUSED void **state)
{
    work();
    assert_string_equal(table(0, false), "CONTAINER  CHOWN  SETUID  SYS_NICE\n"
                                         "shop\\x1b       .       1         .\n"
                                         "web         1+2!       .       12!\n");
}

/* What has no room comes below; a column stands even where there is none for it. */
static void test_narrow(UNUSED void **state)
{
    static const char blocks[] = "CONTAINER  CHOWN  SETUID\n"
                                 "shop\\x1b       .       1\n"
                                 "web         1+2!       .\n"
                                 "\n"
                                 "CONTAINER  SYS_NICE\n"
                                 "shop\\x1b          .\n"
                                 "web             12!\n";

    work();
    assert_string_equal(table(33, false), blocks);
    assert_string_equal(table(24, false), blocks);
    assert_int_equal(strncmp(table(1, false), "CONTAINER  CHOWN\n", 17), 0);
}

/* Colour adds, and takes nothing away. */
static void test_colour(UNUSED void **state)
{
    const char *text;

    work();
    text = table(0, true);
    assert_non_null(strstr(text, "\033[30;48;5;230m1+2!\033[0m"));
    assert_non_null(strstr(text, "\033[30;48;5;222m12!\033[0m"));
    assert_non_null(strstr(text, "  .  "));
}

static void test_nothing(UNUSED void **state)
{
    assert_string_equal(table(0, true), "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cells),
        TEST(test_narrow),
        TEST(test_colour),
        TEST(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
