/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents of real engines, see tests/fixtures/README.md. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "src/base/macros.h"

/* The whole of tests/fixtures/NAME, owned by the caller. */
UNUSED static char *read_fixture(const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "tests/fixtures/%s", name);
    _cleanup_(close_file)
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    assert_non_null(file);
    assert_true(getdelim(&text, &size, '\0', file) > 0);
    return text;
}
