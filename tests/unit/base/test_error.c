/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages: what is kept of them, and that a terminal obeys nothing in them. */
#include "src/base/error.h"

#include "src/base/log.h"
#include "tests/unit/ear.h"
#include <errno.h>

static void test_set(UNUSED void **state)
{
    struct error error = { 0 };

    assert_int_equal(error_set(&error, -ENOENT, "no socket at %s", "/run/x"), -ENOENT);
    assert_int_equal(error.code, -ENOENT);
    assert_string_equal(error.message, "no socket at /run/x");
    assert_int_equal(error_set(NULL, -EINVAL, "nobody listens"), -EINVAL);
    assert_int_equal(error_prefix(NULL, "nobody listens"), 0);
}

static void test_prefix(UNUSED void **state)
{
    struct error error = { 0 };

    (void)error_set(&error, -EPROTO, "answer is no JSON");
    assert_int_equal(error_prefix(&error, "docker at %s", "/run/docker.sock"), -EPROTO);
    assert_string_equal(error.message, "docker at /run/docker.sock: answer is no JSON");
}

static void test_foreign_text(UNUSED void **state)
{
    struct error error = { 0 };

    (void)error_set(&error, -EINVAL, "%s", "a\033[31m\n\x7f\xc2\x9bz");
    assert_string_equal(error.message, "a?[31m????z");
    (void)error_prefix(&error, "%s", "b\r");
    assert_string_equal(error.message, "b?: a?[31m????z");
}

static void test_long_text_is_cut(UNUSED void **state)
{
    struct error error = { 0 };
    char text[ERROR_MESSAGE_SIZE * 2];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    (void)error_set(&error, -EINVAL, "%s", text);
    assert_int_equal(strlen(error.message), ERROR_MESSAGE_SIZE - 1);
    (void)error_prefix(&error, "%s", "context");
    assert_int_equal(strlen(error.message), ERROR_MESSAGE_SIZE - 1);
    assert_memory_equal(error.message, "context: xxx", 12);
    (void)error_prefix(&error, "%s", text);
    assert_int_equal(strlen(error.message), ERROR_MESSAGE_SIZE - 1);
}

/* Standard error as it was written while `speak` ran. */
static void capture(void (*speak)(void), char *text, size_t size)
{
    struct ear ear;

    ear_open(&ear, STDERR_FILENO);
    speak();
    ear_close(&ear);
    ear_read(&ear, text, size);
    ear_clear(&ear);
}

static void test_text(UNUSED void **state)
{
    assert_string_equal(error_text(-EPERM), strerror(EPERM));
    assert_string_equal(error_text(-ENOTSUP), strerror(ENOTSUP)); /* the other, which comes out */
    assert_non_null(strstr(error_text(-524), "ENOTSUPP"));
}

static void say_one_of_each(void)
{
    log_error("cannot open %s", "a\033b\n");
    log_warning("warned %d", 1);
    log_info("said");
    log_verbose("only for the curious");
    log_set_verbose(true);
    log_verbose("curious");
    log_set_verbose(false);
}

static void say_much(void)
{
    char text[5000];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_error("%s", text);
}

static void test_log(UNUSED void **state)
{
    char text[8192];

    capture(say_one_of_each, text, sizeof(text));
    assert_string_equal(text, "local-gadget: cannot open a?b?\n"
                              "local-gadget: warning: warned 1\n"
                              "local-gadget: said\n"
                              "local-gadget: curious\n");
    capture(say_much, text, sizeof(text));
    assert_true(strlen(text) > 1000);
    assert_int_equal(text[strlen(text) - 1], '\n'); /* cut, and still one line */
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),          cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_foreign_text), cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_text),         cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
