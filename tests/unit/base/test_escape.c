/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/escape.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <wchar.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#define ELLIPSIS "\xe2\x80\xa6"

static void assert_text(const struct text *text, const char *expected)
{
    assert_false(text->failed);
    assert_int_equal(text->length, strlen(expected));
    assert_memory_equal(text->data, expected, text->length);
}

static void assert_json_bytes(const char *bytes, size_t length, const char *expected)
{
    _cleanup_(text_clear)
    struct text out = { 0 };

    escape_json(&out, bytes, length);
    assert_text(&out, expected);
}

static void assert_json(const char *bytes, const char *expected)
{
    assert_json_bytes(bytes, strlen(bytes), expected);
}

static void test_json_keeps_plain_text(UNUSED void **state)
{
    assert_json("", "");
    assert_json("nginx", "nginx");
    assert_json("a/b:c d~", "a/b:c d~");
    assert_json("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xb3",
                "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xb3");
}

static void test_json_escapes(UNUSED void **state)
{
    assert_json("say \"hi\" \\o/", "say \\\"hi\\\" \\\\o/");
    assert_json("\n\t\r\b\033[31m\x7f", "\\n\\t\\u000d\\u0008\\u001b[31m\\u007f");
    assert_json("\xc2\x80\xc2\x85\xc2\x9b\xc2\x9f\xc2\xa0", "\\u0080\\u0085\\u009b\\u009f\xc2\xa0");
    assert_json("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\\u2028\\u2029\xe2\x80\xaa");
    assert_json("\xef\xbb\xbf\xef\xbf\xbe\xef\xbf\xbf", "\\ufeff\\ufffe\\uffff");
    assert_json_bytes("a\0b", 3, "a\\u0000b");
}

static void test_json_replaces_what_is_not_utf8(UNUSED void **state)
{
#define BAD "\xef\xbf\xbd"
    assert_json("\xff", BAD);
    assert_json("a\x80z", "a" BAD "z");
    assert_json("\xc0\xaf", BAD BAD);                 /* overlong */
    assert_json("\xe0\x80\xaf", BAD BAD BAD);         /* overlong */
    assert_json("\xf0\x80\x80\xaf", BAD BAD BAD BAD); /* overlong */
    assert_json("\xed\xa0\x80", BAD BAD BAD);         /* half of a surrogate pair */
    assert_json("\xf4\x90\x80\x80", BAD BAD BAD BAD); /* above U+10FFFF */
    assert_json("\xf5\x80\x80\x80", BAD BAD BAD BAD);
    assert_json("\xe2\x82", BAD BAD); /* ends too early */
    assert_json("\xc3\"", BAD "\\\"");
    assert_json("\xef\xbf\xbd", BAD); /* a true one */
    assert_json_bytes("\xe2\x82\xac", 2, BAD BAD);
}

/* Any bytes at all give text that a parser takes, and that is the input where that was UTF-8. */
static void test_json_is_always_parsed(UNUSED void **state)
{
    uint32_t random = 1;

    for (int round = 0; round < 20000; round++) {
        _cleanup_(text_clear)
        struct text out = { 0 };
        char bytes[24];
        size_t length = (size_t)round % sizeof(bytes);
        cJSON *parsed;

        for (size_t i = 0; i < length; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(random >> 24);
            if (!bytes[i]) /* cJSON's strings end there */
                bytes[i] = '"';
            if (round & 1)
                bytes[i] = (char)(bytes[i] & 0x7f ? bytes[i] & 0x7f : '\\');
        }
        text_add_char(&out, '"');
        escape_json(&out, bytes, length);
        text_add_char(&out, '"');
        for (size_t i = 0; i < out.length; i++)
            assert_true((unsigned char)out.data[i] >= 0x20 && out.data[i] != 0x7f);
        parsed = cJSON_ParseWithLength(out.data, out.length);
        assert_non_null(parsed);
        if (round & 1) {
            assert_int_equal(strlen(parsed->valuestring), length);
            assert_memory_equal(parsed->valuestring, bytes, length);
        }
        cJSON_Delete(parsed);
    }
}

static void assert_shown_cut(const char *bytes, size_t width, bool middle, const char *expected,
                             size_t columns)
{
    _cleanup_(text_clear)
    struct text out = { 0 };

    assert_int_equal(escape_terminal(&out, bytes, strlen(bytes), width, middle), columns);
    assert_text(&out, expected);
}

static void assert_shown(const char *bytes, const char *expected, size_t columns)
{
    assert_shown_cut(bytes, 0, false, expected, columns);
}

static void test_terminal_shows_harmlessly(UNUSED void **state)
{
    assert_shown("nginx", "nginx", 5);
    assert_shown("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", 4);
    assert_shown("\xe6\x9d\xb1\xe4\xba\xac", "\xe6\x9d\xb1\xe4\xba\xac", 4);
    assert_shown("\033]0;pwned\a", "\\x1b]0;pwned\\x07", 16);
    assert_shown("a\nb\tc\r\x7f", "a\\x0ab\\x09c\\x0d\\x7f", 19);
    assert_shown("\x9b"
                 "31m",
                 "\\x9b31m", 7);
    assert_shown("\xc2\x9b"
                 "31m",
                 "\\u{9b}31m", 9);
    assert_shown("\xff\xc0\x80", "\\xff\\xc0\\x80", 12);
    assert_shown("user\xe2\x80\xaegpj", "user\\u{202e}gpj", 15); /* right-to-left override */
    assert_shown("a\xe2\x80\x8b"
                 "b",
                 "a\\u{200b}b", 10);                   /* zero-width space */
    assert_shown("a\xcc\x81", "a\\u{301}", 8);         /* combining */
    assert_shown("\xe3\x85\xa4", "\\u{3164}", 8);      /* a letter that looks like none */
    assert_shown("\xf3\xa0\x81\x81", "\\u{e0041}", 9); /* invisible tag */
}

static void test_terminal_cuts(UNUSED void **state)
{
    assert_shown_cut("container", 9, false, "container", 9);
    assert_shown_cut("container", 8, false, "contain" ELLIPSIS, 8);
    assert_shown_cut("container", 8, true, "cont" ELLIPSIS "ner", 8);
    assert_shown_cut("container", 1, true, ELLIPSIS, 1);
    assert_shown_cut("container", 2, true, "c" ELLIPSIS, 2);
    /* What takes two columns is not cut in half, nor is an escape. */
    assert_shown_cut("\xe6\x9d\xb1\xe4\xba\xac", 3, false, "\xe6\x9d\xb1" ELLIPSIS, 3);
    assert_shown_cut("\xe6\x9d\xb1\xe4\xba\xac", 2, false, ELLIPSIS, 1);
    assert_shown_cut("ab\033cd", 5, false, "ab" ELLIPSIS, 3);
}

/* Columns of what may be shown as it is; fails on what may not. */
static size_t measure(const struct text *text)
{
    size_t columns = 0, used;

    for (size_t i = 0; i < text->length; i += used) {
        uint32_t code = utf8_decode(text->data + i, text->length - i, &used);
        int width = wcwidth((wchar_t)code);

        assert_true(width > 0);
        columns += (size_t)width;
    }
    return columns;
}

static void test_terminal_keeps_to_the_width(UNUSED void **state)
{
    uint32_t random = 7;

    for (int round = 0; round < 20000; round++) {
        _cleanup_(text_clear)
        struct text out = { 0 };
        char bytes[40];
        size_t width = (size_t)round % 23, used;

        for (size_t i = 0; i < sizeof(bytes); i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(random >> 24);
        }
        used = escape_terminal(&out, bytes, (size_t)round % sizeof(bytes), width, round & 1);
        assert_int_equal(used, measure(&out));
        assert_true(!width || used <= width);
    }
}

/* The charset is looked at once, so another one needs a process of its own. */
static void test_other_charset(UNUSED void **state)
{
    _cleanup_(text_clear)
    struct text out = { 0 };
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        bool right = setlocale(LC_CTYPE, "C") &&
                     escape_terminal(&out, "gr\xc3\xbc", 4, 0, false) == 8 &&
                     memcmp(out.data, "gr\\u{fc}", 8) == 0;

        out.length = 0;
        right = right && escape_terminal(&out, "container", 9, 5, false) == 5 &&
                memcmp(out.data, "cont~", 5) == 0;
        text_clear(&out);
        _exit(right ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_charset), /* first: before a charset has been looked at */
        cmocka_unit_test(test_json_keeps_plain_text),
        cmocka_unit_test(test_json_escapes),
        cmocka_unit_test(test_json_replaces_what_is_not_utf8),
        cmocka_unit_test(test_json_is_always_parsed),
        cmocka_unit_test(test_terminal_shows_harmlessly),
        cmocka_unit_test(test_terminal_cuts),
        cmocka_unit_test(test_terminal_keeps_to_the_width),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return EXIT_FAILURE;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
