/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/base/escape.h"

#include <langinfo.h>
#include <wchar.h>

#define REPLACEMENT 0xfffdU
#define HIGH_BITS   UINT64_C(0x8080808080808080)

uint32_t utf8_decode(const char *bytes, size_t length, size_t *ret_length)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)bytes[0];
    size_t count = first < 0x80   ? 1
                   : first < 0xc2 ? 0
                   : first < 0xe0 ? 2
                   : first < 0xf0 ? 3
                   : first < 0xf5 ? 4
                                  : 0;
    uint32_t code;

    *ret_length = 1;
    if (count == 1)
        return first;
    if (count == 0 || count > length)
        return REPLACEMENT;
    code = first & (0x7fU >> count);
    for (size_t i = 1; i < count; i++) {
        unsigned char next = (unsigned char)bytes[i];

        if ((next & 0xc0) != 0x80)
            return REPLACEMENT;
        code = code << 6 | (next & 0x3f);
    }
    if (code < smallest[count] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return REPLACEMENT;
    *ret_length = count;
    return code;
}

/* -------- JSON -------- */

static void add_unicode_escape(struct text *out, uint32_t code)
{
    static const char hex[] = "0123456789abcdef";
    char escape[] = {
        '\\', 'u', hex[code >> 12 & 15], hex[code >> 8 & 15], hex[code >> 4 & 15], hex[code & 15]
    };

    text_add(out, escape, sizeof(escape));
}

/* Needs no escape: printable ASCII but for the quote and the backslash. */
static bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;

    return (unsigned char)(byte - 0x20) < 0x5f && byte != '"' && byte != '\\';
}

/* Controls, line ends that only some readers know, and what YAML does not take as it is. */
static bool needs_number(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           code == 0xfeff || code == 0xfffe || code == 0xffff;
}

static size_t escape_json_special(struct text *out, const char *bytes, size_t length)
{
    size_t used;
    uint32_t code = utf8_decode(bytes, length, &used);

    if (code == '"' || code == '\\') {
        text_add_char(out, '\\');
        text_add_char(out, (char)code);
    } else if (code == '\n') {
        text_add(out, "\\n", 2);
    } else if (code == '\t') {
        text_add(out, "\\t", 2);
    } else if (needs_number(code)) {
        add_unicode_escape(out, code);
    } else if (code == REPLACEMENT) {
        text_add(out, "\xef\xbf\xbd", 3);
    } else {
        text_add(out, bytes, used);
    }
    return used;
}

/* Some high bit is set where a byte is none of printable ASCII. A borrow may set more of them above
 * that one, never fewer. */
static uint64_t unprintable(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101;

    return word | (word - 0x20 * ones) | ((word ^ (0x7f * ones)) - ones);
}

/* Likewise, or needs a backslash. */
static bool has_special(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t quote = word ^ ('"' * ones), backslash = word ^ ('\\' * ones);

    return (unprintable(word) | (quote - ones) | (backslash - ones)) & HIGH_BITS;
}

/* How many bytes at the start need no escape: eight at a time while that goes. */
static size_t plain_prefix(const char *bytes, size_t length)
{
    size_t plain = 0;
    uint64_t word;

    for (; length - plain >= sizeof(word); plain += sizeof(word)) {
        memcpy(&word, bytes + plain, sizeof(word));
        if (has_special(word))
            break;
    }
    while (plain < length && is_plain(bytes[plain]))
        plain++;
    return plain;
}

void escape_json(struct text *out, const char *bytes, size_t length)
{
    while (length) {
        size_t plain = plain_prefix(bytes, length);

        text_add(out, bytes, plain);
        bytes += plain;
        length -= plain;
        if (length) {
            size_t used = escape_json_special(out, bytes, length);

            bytes += used;
            length -= used;
        }
    }
}

/* -------- terminals -------- */

/* Printable ASCII from end to end, as nearly all text is: a column for each byte. */
static bool is_printable(const char *bytes, size_t length)
{
    uint64_t word;

    for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        if (unprintable(word) & HIGH_BITS)
            return false;
    }
    for (; length; bytes++, length--) {
        if ((unsigned char)(*bytes - 0x20) >= 0x5f)
            return false;
    }
    return true;
}

static bool is_utf8_locale(void)
{
    static int known = -1;

    if (known < 0)
        known = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return known;
}

/* Characters that change how others are shown, or are not shown themselves. */
static bool is_deceptive(uint32_t code)
{
    return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0xad ||
           (code >= 0xe0000 && code <= 0xe0fff) || (code >= 0xfe00 && code <= 0xfe0f) ||
           code == 0x61c || code == 0x115f || code == 0x1160 || code == 0x2800 || code == 0x3164 ||
           code == 0xffa0 || (code >= 0xfff9 && code <= 0xfffb);
}

/* One character as it is shown, at most 12 bytes; returns its columns. */
static size_t show_character(char shown[static 16], size_t *ret_bytes, const char *bytes,
                             size_t length, size_t *ret_used)
{
    uint32_t code = utf8_decode(bytes, length, ret_used);
    int width;

    if (code == REPLACEMENT && *ret_used == 1) {
        *ret_bytes = (size_t)snprintf(shown, 16, "\\x%02x", (unsigned char)bytes[0]);
        return *ret_bytes;
    }
    if (code < 0x20 || code == 0x7f) {
        *ret_bytes = (size_t)snprintf(shown, 16, "\\x%02x", code);
        return *ret_bytes;
    }
    width = code < 0x7f ? 1 : wcwidth((wchar_t)code);
    if (code >= 0x7f && (!is_utf8_locale() || width <= 0 || is_deceptive(code))) {
        *ret_bytes = (size_t)snprintf(shown, 16, "\\u{%x}", code);
        return *ret_bytes;
    }
    memcpy(shown, bytes, *ret_used);
    *ret_bytes = *ret_used;
    return (size_t)width;
}

static size_t columns_of(const char *bytes, size_t length)
{
    size_t columns = 0, shown_bytes, used;
    char shown[16];

    for (; length; bytes += used, length -= used)
        columns += show_character(shown, &shown_bytes, bytes, length, &used);
    return columns;
}

/* As many characters from the start as fit into `width`; returns the columns used. */
static size_t add_head(struct text *out, const char *bytes, size_t length, size_t width)
{
    size_t columns = 0, shown_bytes, used;
    char shown[16];

    for (; length; bytes += used, length -= used) {
        size_t more = show_character(shown, &shown_bytes, bytes, length, &used);

        if (columns + more > width)
            break;
        text_add(out, shown, shown_bytes);
        columns += more;
    }
    return columns;
}

/* As many characters up to the end as fit into `width`. */
static size_t add_tail(struct text *out, const char *bytes, size_t length, size_t width)
{
    size_t columns = columns_of(bytes, length), shown_bytes, used;
    char shown[16];

    while (length && columns > width) {
        columns -= show_character(shown, &shown_bytes, bytes, length, &used);
        bytes += used;
        length -= used;
    }
    return add_head(out, bytes, length, width);
}

void escape_json_quoted(struct text *out, const char *bytes, size_t length)
{
    text_add_char(out, '"');
    escape_json(out, bytes, length);
    text_add_char(out, '"');
}

size_t escape_terminal(struct text *out, const char *bytes, size_t length, size_t width,
                       bool cut_in_middle)
{
    const char *ellipsis = is_utf8_locale() ? "\xe2\x80\xa6" : "~";
    size_t room, columns;

    if ((!width || length <= width) && is_printable(bytes, length)) {
        text_add(out, bytes, length);
        return length;
    }
    if (!width)
        return add_head(out, bytes, length, SIZE_MAX);
    if (columns_of(bytes, length) <= width)
        return add_head(out, bytes, length, width);
    room = width - 1;
    columns = add_head(out, bytes, length, cut_in_middle ? room - room / 2 : room);
    text_add_string(out, ellipsis);
    columns++;
    if (cut_in_middle)
        columns += add_tail(out, bytes, length, width - columns);
    return columns;
}
