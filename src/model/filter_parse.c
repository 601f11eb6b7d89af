/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was written. */
#include "src/model/filter_private.h"

#include <ctype.h>
#include <errno.h>

#include "src/base/near_word.h"
#include "src/base/text.h"
#include "src/model/capability.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* As written in front of a value; of two that begin alike the longer one first. */
static const struct spelling {
    const char *text;
    enum filter_operator relation;
} spellings[] = {
    { ":!~", FILTER_MATCHES_NOT }, { ":!", FILTER_IS_NOT },  { ":~", FILTER_MATCHES },
    { ":>=", FILTER_AT_LEAST },    { ":>", FILTER_MORE },    { ":<=", FILTER_AT_MOST },
    { ":<", FILTER_LESS },         { ":", FILTER_IS },       { "==", FILTER_IS },
    { "=~", FILTER_MATCHES },      { "=", FILTER_IS },       { "!=", FILTER_IS_NOT },
    { "!~", FILTER_MATCHES_NOT },  { "~", FILTER_MATCHES },  { ">=", FILTER_AT_LEAST },
    { ">", FILTER_MORE },          { "<=", FILTER_AT_MOST }, { "<", FILTER_LESS },
};

const char *filter_operator_text(enum filter_operator relation)
{
    size_t i = 0;

    while (spellings[i].relation != relation)
        i++;
    return spellings[i].text;
}

static bool is_number(enum value_kind kind)
{
    return kind == VALUE_UNSIGNED || kind == VALUE_HEX || kind == VALUE_TIME;
}

bool filter_has_operator(enum value_kind kind, enum filter_operator relation)
{
    if (relation == FILTER_IS || relation == FILTER_IS_NOT)
        return true;
    if (relation == FILTER_MATCHES || relation == FILTER_MATCHES_NOT)
        return !is_number(kind) && kind != VALUE_BOOL;
    return is_number(kind);
}

int filter_term_add(struct filter_term *term, const char *text, size_t length, uint64_t number)
{
    struct filter_operand *operands =
        reallocarray(term->operands, term->operand_count + 1, sizeof(*operands));
    char *copy = strndup(text, length);

    if (operands)
        term->operands = operands;
    if (!operands || !copy) {
        free(copy);
        return -ENOMEM;
    }
    operands[term->operand_count++] = (struct filter_operand){ .text = copy, .number = number };
    return 0;
}

/* Takes the term. */
static int add_term(struct filter *filter, struct filter_term *term, struct error *error)
{
    struct filter_term *terms = reallocarray(filter->terms, filter->count + 1, sizeof(*terms));

    if (!terms) {
        filter_term_clear(term);
        return error_set(error, -ENOMEM, "out of memory");
    }
    filter->terms = terms;
    terms[filter->count++] = *term;
    return 0;
}

/* -------- values -------- */

static int bad_word(const struct field_words *words, const char *text, size_t length,
                    struct error *error)
{
    struct near_word near_word = { .word = text, .length = length };

    for (size_t i = 0; words->word(i); i++)
        near_word_offer(&near_word, words->word(i));
    if (near_word.best)
        return error_set(error, -EINVAL, "unknown %s '%.*s'; did you mean %s?", words->what,
                         (int)MIN(length, 100), text, near_word.best);
    return error_set(error, -EINVAL, "unknown %s '%.*s': %s", words->what, (int)MIN(length, 100),
                     text, words->usual);
}

/* Decimal, or hexadecimal with 0x. */
static int read_number(const struct field *field, const char *text, size_t length,
                       uint64_t *ret_number, struct error *error)
{
    bool is_hex = length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t number = 0;

    for (size_t i = is_hex ? 2 : 0; i < length; i++) {
        unsigned char digit = (unsigned char)text[i];

        if (is_hex ? !isxdigit(digit) : !isdigit(digit))
            return error_set(error, -EINVAL, "%s is a number, which '%.*s' is not", field->name,
                             (int)MIN(length, 100), text);
        digit = (unsigned char)(isdigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        if (__builtin_mul_overflow(number, is_hex ? 16 : 10, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return error_set(error, -EINVAL, "%.*s is too large a number", (int)MIN(length, 100),
                             text);
    }
    *ret_number = number;
    return 0;
}

static int read_truth(const struct field *field, const char *text, size_t length,
                      uint64_t *ret_number, struct error *error)
{
    static const char *const words[] = { "false", "true" };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strlen(words[i]) != length || strncasecmp(words[i], text, length) != 0)
            continue;
        *ret_number = i;
        return 0;
    }
    return error_set(error, -EINVAL, "%s is true or false, not '%.*s'", field->name,
                     (int)MIN(length, 100), text);
}

/* An empty value, which stands for none, is one of any field; more than it there cannot be. */
static int add_operand(struct filter_term *term, const char *text, size_t length,
                       struct error *error)
{
    const struct field *field = term->field;
    uint64_t number = 0;
    unsigned int capability;
    int r = 0;

    if (!length && term->relation != FILTER_IS && term->relation != FILTER_IS_NOT)
        return error_set(error, -EINVAL, "here the value of %s is missing", field->name);
    if (length && field->words) {
        const char *word = field->words->spell(text, length);

        if (!word)
            return bad_word(field->words, text, length, error);
        if (field->kind == VALUE_SET && capability_parse(text, length, &capability) >= 0)
            number = capability;
        text = word;
        length = strlen(word);
    } else if (length && is_number(field->kind)) {
        r = read_number(field, text, length, &number, error);
    } else if (length && field->kind == VALUE_BOOL) {
        r = read_truth(field, text, length, &number, error);
    }
    if (r >= 0 && filter_term_add(term, text, length, number) < 0)
        r = error_set(error, -ENOMEM, "out of memory");
    return r;
}

static int add_regex(struct filter_term *term, const char *text, struct error *error)
{
    char reason[128];
    int r;

    if (!*text)
        return error_set(error, -EINVAL, "here a regular expression is missing");
    r = regcomp(&term->regex, text, REG_EXTENDED | REG_NOSUB);
    if (r == 0)
        return 0;
    (void)regerror(r, &term->regex, reason, sizeof(reason));
    return error_set(error, -EINVAL, "'%.100s' is no regular expression: %s", text, reason);
}

/* Takes what is in `term`, but for a regular expression that is none. */
static int finish_term(struct filter *filter, struct filter_term *term, const char *text,
                       size_t length, struct error *error)
{
    bool is_regex = term->relation == FILTER_MATCHES || term->relation == FILTER_MATCHES_NOT;
    int r = is_regex ? add_regex(term, text, error) : add_operand(term, text, length, error);

    if (r >= 0)
        return add_term(filter, term, error);
    if (is_regex)
        term->relation = FILTER_IS; /* nothing was compiled */
    filter_term_clear(term);
    return r;
}

/* -------- expressions -------- */

static const struct spelling *find_operator(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
        if (strncmp(text, spellings[i].text, strlen(spellings[i].text)) == 0)
            return &spellings[i];
    }
    return NULL;
}

static int bad_operator(const struct field *field, struct error *error)
{
    char known[64] = "";
    size_t length = 0;

    for (size_t i = 0; i < FILTER_OPERATORS; i++) {
        if (filter_has_operator(field->kind, (enum filter_operator)i) && length < sizeof(known))
            length += (size_t)snprintf(known + length, sizeof(known) - length, " %s",
                                       filter_operator_text((enum filter_operator)i));
    }
    return error_set(error, -EINVAL, "after %s comes one of%s", field->name, known);
}

/* Up to the next comma, without the backslash in front of those that are the value's own. */
static const char *take_value(const char *at, struct text *value)
{
    for (; *at && *at != ','; at++) {
        if (*at == '\\' && at[1] == ',')
            at++;
        else if (*at == '\\' && at[1])
            text_add_char(value, *at++);
        text_add_char(value, *at);
    }
    text_add_char(value, '\0');
    return at;
}

/* One term from *at on, which is moved behind it, or to what is wrong. */
static int parse_term(struct filter *filter, const char **at, struct error *error)
{
    size_t length = strspn(*at, NAME_LETTERS);
    struct filter_term term = { .field = field_find(filter->table, *at, length) };
    const struct spelling *spelling;
    struct text value = { 0 };
    const char *end;
    int r;

    if (!length)
        return error_set(error, -EINVAL, "here the name of a field is missing");
    if (!term.field)
        return field_unknown(filter->table, *at, length, error);
    *at += length;
    spelling = find_operator(*at);
    if (!spelling || !filter_has_operator(term.field->kind, spelling->relation))
        return bad_operator(term.field, error);
    *at += strlen(spelling->text);
    term.relation = spelling->relation;
    end = take_value(*at, &value);
    r = value.failed ? error_set(error, -ENOMEM, "out of memory")
                     : finish_term(filter, &term, value.data, value.length - 1, error);
    text_clear(&value);
    if (r >= 0)
        *at = end;
    return r;
}

/* From 1 on; what is no first byte of a character is none. */
static size_t character(const char *text, const char *at)
{
    size_t count = 1;

    for (; text < at; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

int filter_add(struct filter *filter, const char *option, const char *expression,
               struct error *error)
{
    const char *at = expression;
    int r;

    for (;; at++) {
        r = parse_term(filter, &at, error);
        if (r < 0)
            return error_prefix(error, "%s '%.100s', character %zu", option, expression,
                                character(expression, at));
        if (!*at)
            return 0;
    }
}

int filter_add_words(struct filter *filter, const char *option, const char *field,
                     const char *const *words, size_t count, struct error *error)
{
    struct filter_term any = { .field = field_find(filter->table, field, strlen(field)) };
    int r = 0;

    for (size_t i = 0; i < count && r >= 0; i++) {
        const char *word = words[i] + (words[i][0] == '!');
        struct filter_term none = { .field = any.field, .relation = FILTER_IS_NOT };

        if (!*word)
            r = error_set(error, -EINVAL, "here the value of %s is missing", field);
        else if (word == words[i])
            r = add_operand(&any, word, strlen(word), error);
        else
            r = finish_term(filter, &none, word, strlen(word), error);
    }
    if (r >= 0 && any.operand_count)
        return add_term(filter, &any, error);
    filter_term_clear(&any);
    return r < 0 ? error_prefix(error, "%s", option) : 0;
}
