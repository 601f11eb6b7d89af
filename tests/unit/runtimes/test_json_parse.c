/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/json_parse.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static void test_lone_surrogates(UNUSED void **state)
{
    static const struct {
        const char *json, *expected; /* NULL: refused */
    } rows[] = {
        { "[\"plain\"]", "plain" },
        { "[\"\\ud83d\\ude00\"]", "\xf0\x9f\x98\x80" },
        { "[\"a\\ud800b\"]", "a" BAD "b" },
        { "[\"a\\uDC00b\"]", "a" BAD "b" },
        { "[\"\\uDBFF\"]", BAD },
        { "[\"\\ud800\\ud83d\\ude00\"]", BAD "\xf0\x9f\x98\x80" },
        { "[\"\\ud83d\\ude00\\ude00\"]", "\xf0\x9f\x98\x80" BAD },
        { "[\"\\ud800\\n\"]", BAD "\n" },
        { "[\"\\\\ud800\"]", "\\ud800" }, /* a backslash, and letters */
        { "[\"\\\\\\ud800\"]", "\\" BAD },
        { "[\"\\ud7ff\"]", "\xed\x9f\xbf" },
        { "[\"\\ue000\"]", "\xee\x80\x80" },
        { "[\"\\ud80\"]", NULL },
        { "[\"\\ud8", NULL },
        { "[\"\\", NULL },
        { "\\ud800", NULL },
        { "", NULL },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        cJSON *document = json_parse(rows[i].json, strlen(rows[i].json));
        if (rows[i].expected)
            assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(document, 0)),
                                rows[i].expected);
        else
            assert_null(document);
        cJSON_Delete(document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lone_surrogates) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
