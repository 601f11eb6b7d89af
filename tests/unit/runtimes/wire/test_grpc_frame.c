/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gRPC's framing and words, with bytes as bad as they come. */
#include "runtimes/wire/grpc_frame.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t two_messages[] = { 0, 0, 0, 0, 3, 'o', 'n', 'e', 0, 0, 0, 0, 0 };

/* However the bytes are cut, the messages are the same. */
static void messages_in_pieces(UNUSED void **state)
{
    for (size_t piece = 1; piece <= sizeof(two_messages); piece++) {
        struct grpc_reader reader = { 0 };
        size_t messages = 0;
        for (size_t at = 0; at < sizeof(two_messages); at += piece) {
            const uint8_t *bytes = two_messages + at;
            size_t length = MIN(piece, sizeof(two_messages) - at);
            int r;
            while ((r = grpc_reader_feed(&reader, &bytes, &length)) == 1) {
                assert_int_equal(reader.length, messages == 0 ? 3 : 0);
                if (messages++ == 0)
                    assert_memory_equal(reader.bytes, "one", 3);
                grpc_reader_next(&reader);
            }
            assert_int_equal(r, 0);
            assert_int_equal(length, 0);
        }
        assert_int_equal(messages, 2);
        assert_false(grpc_reader_is_inside(&reader));
        grpc_reader_clear(&reader);
    }
}

static int feed(struct grpc_reader *reader, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    return grpc_reader_feed(reader, &at, &length);
}

static void announced_but_not_sent(UNUSED void **state)
{
    struct grpc_reader reader = { 0 };
    assert_int_equal(feed(&reader, "\0\x40\0\0\0", 5), -EMSGSIZE); /* 1 GiB */
    reader = (struct grpc_reader){ 0 };
    assert_int_equal(feed(&reader, "\0\x01\0\0\1", 5), -EMSGSIZE); /* 16 MiB and a byte */
    reader = (struct grpc_reader){ 0 };
    assert_int_equal(feed(&reader, "\0\x01\0\0\0x", 6), 0); /* 16 MiB, of which one byte */
    assert_in_range(reader.allocated, 1, 4096);
    assert_true(grpc_reader_is_inside(&reader));
    grpc_reader_clear(&reader);
    assert_int_equal(feed(&reader, "\1\0\0\0\1", 5), -EPROTO); /* compressed */
}

static void prefix(UNUSED void **state)
{
    uint8_t bytes[GRPC_PREFIX_SIZE];
    grpc_prefix_write(bytes, 0x010203);
    assert_memory_equal(bytes, "\0\0\1\2\3", GRPC_PREFIX_SIZE);
}

static void status_numbers(UNUSED void **state)
{
    assert_int_equal(grpc_status_parse("0", 1), 0);
    assert_int_equal(grpc_status_parse("16", 2), 16);
    static const char *const bad[] = { "", "17", "-1", "1x", " 1", "100", "x" };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(grpc_status_parse(bad[i], strlen(bad[i])), -EPROTO);
}

static void check_decoded(const char *text, const char *expected)
{
    char buffer[16];
    grpc_message_decode(text, strlen(text), buffer, sizeof(buffer));
    assert_string_equal(buffer, expected);
}

static void percent_decoding(UNUSED void **state)
{
    check_decoded("a%20b%0Ac%e4", "a b\nc\xe4");
    check_decoded("100%", "100%");
    check_decoded("%", "%");
    check_decoded("%4", "%4");
    check_decoded("%zz%4x", "%zz%4x");
    check_decoded("a%00b", "a?b");
    check_decoded("0123456789abcdefghij", "0123456789abcde");
}

static void words(UNUSED void **state)
{
    struct error error = { 0 };
    assert_int_equal(grpc_status_error(&error, 0, ""), 0);
    assert_int_equal(grpc_status_error(&error, 5, "container \x1b[31m \"x\"\n"), -ENOENT);
    assert_int_equal(strncmp(error.message, "not found: container ", 21), 0);
    assert_null(strchr(error.message, '\x1b'));
    assert_null(strchr(error.message, '\n'));
    assert_int_equal(grpc_status_error(&error, 12, ""), -EOPNOTSUPP);
    for (int status = 1; status <= 16; status++) {
        assert_true(grpc_status_error(&error, status, "") < 0);
        assert_true(error.message[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_in_pieces),
        cmocka_unit_test(announced_but_not_sent),
        cmocka_unit_test(prefix),
        cmocka_unit_test(status_numbers),
        cmocka_unit_test(percent_decoding),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests_name("grpc_frame", tests, NULL, NULL);
}
