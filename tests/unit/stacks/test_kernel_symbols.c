/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/kernel_symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool parse(const char *line, struct kernel_symbol_line *symbol)
{
    return kernel_symbol_parse(line, strlen(line), symbol);
}

static void test_line(void **state)
{
    struct kernel_symbol_line symbol;

    (void)state;
    assert_true(parse("ffffffff81000a10 T cap_capable", &symbol));
    assert_int_equal(symbol.address, 0xffffffff81000a10);
    assert_int_equal(symbol.name_length, strlen("cap_capable"));
    assert_memory_equal(symbol.name, "cap_capable", symbol.name_length);
    assert_int_equal(symbol.module_length, 0);
    assert_true(parse("ffffffffc0001000 t ovl_open\t[overlay]", &symbol));
    assert_int_equal(symbol.name_length, strlen("ovl_open"));
    assert_int_equal(symbol.module_length, strlen("overlay"));
    assert_memory_equal(symbol.module, "overlay", symbol.module_length);
}

static void test_no_function(void **state)
{
    static const char *const lines[] = {
        "",
        "ffffffff81000000",
        "ffffffff81000000 T",
        "ffffffff81000000 T ",
        "ffffffff81000000 D jiffies",
        "ffffffff8100000g T name",
        "ffffffff810000001 T name",
        " T name",
    };
    struct kernel_symbol_line symbol;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        assert_false(parse(lines[i], &symbol));
}

/* This kernel's own; a user without powers sees no addresses, and is told so. */
static void test_this_kernel(void **state)
{
    static const char name[] = "cap_capable";
    struct kernel_symbols *symbols = NULL;
    struct kernel_symbol_line symbol;
    char line[1024], text[64], small[8];
    struct error error = { 0 };
    uint64_t address = 0;
    FILE *file = fopen("/proc/kallsyms", "re");
    int r;

    (void)state;
    if (!file)
        skip(); /* a kernel without CONFIG_KALLSYMS */
    while (fgets(line, sizeof(line), file)) {
        size_t length = strcspn(line, "\n");

        if (kernel_symbol_parse(line, length, &symbol) && symbol.name_length == strlen(name) &&
            memcmp(symbol.name, name, strlen(name)) == 0)
            address = symbol.address;
    }
    (void)fclose(file);
    r = kernel_symbols_new(&symbols, &error);
    if (!address) {
        assert_int_equal(r, -EPERM);
        assert_null(symbols);
        return;
    }
    assert_int_equal(r, 0);
    assert_int_equal(kernel_symbols_format(symbols, address, text, sizeof(text)), 15);
    assert_string_equal(text, "cap_capable+0x0");
    (void)kernel_symbols_format(symbols, address + 0x1f, text, sizeof(text));
    assert_memory_equal(text, "cap_capable+0x", strlen("cap_capable+0x"));
    assert_int_equal(kernel_symbols_format(symbols, 1, text, sizeof(text)), 3);
    assert_string_equal(text, "0x1");
    assert_int_equal(kernel_symbols_format(symbols, address, small, sizeof(small)), 7);
    assert_string_equal(small, "cap_cap");
    kernel_symbols_free(&symbols);
    assert_null(symbols);
    kernel_symbols_free(&symbols);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_no_function),
        cmocka_unit_test(test_this_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
