/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds. */
#include "src/model/filter_private.h"

#include "src/base/text.h"
#include "src/model/capability.h"
#include "src/model/container.h"

void filter_term_clear(struct filter_term *term)
{
    for (size_t i = 0; i < term->operand_count; i++)
        free(term->operands[i].text);
    free(term->operands);
    if (term->relation == FILTER_MATCHES || term->relation == FILTER_MATCHES_NOT)
        regfree(&term->regex);
    *term = (struct filter_term){ 0 };
}

void filter_clear(struct filter *filter)
{
    for (size_t i = 0; i < filter->count; i++)
        filter_term_clear(&filter->terms[i]);
    free(filter->terms);
    *filter = (struct filter){ 0 };
}

static bool is_text(const char *text, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(text, wanted, length) == 0;
}

static bool label_is(const struct label *label, const char *wanted)
{
    size_t length = strlen(label->key);

    if (strncmp(wanted, label->key, length) != 0)
        return false;
    return !wanted[length] ||
           (wanted[length] == '=' && strcmp(wanted + length + 1, label->value) == 0);
}

/* Of a frame, "function+0x1d", the function is enough. */
static bool frame_is(const char *frame, const char *wanted)
{
    return is_text(frame, strcspn(frame, "+"), wanted) || strcmp(frame, wanted) == 0;
}

static bool is_none(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_TEXT:
        return value->length == 0;
    case VALUE_SET:
        return value->number == 0;
    case VALUE_LABELS:
        return value->label_count == 0;
    case VALUE_STACK:
        return value->frame_count == 0;
    default:
        return false;
    }
}

static bool value_is(const struct value *value, const struct filter_operand *operand)
{
    bool found = false;

    if (is_none(value) || !*operand->text)
        return is_none(value) && !*operand->text;
    switch (value->kind) {
    case VALUE_BOOL:
        return value->truth == (operand->number != 0);
    case VALUE_TEXT:
        return is_text(value->text, value->length, operand->text);
    case VALUE_SET:
        return value->number >> (operand->number & (CAPABILITY_MAX - 1)) & 1;
    case VALUE_LABELS:
        for (size_t i = 0; i < value->label_count && !found; i++)
            found = label_is(&value->labels[i], operand->text);
        return found;
    case VALUE_STACK:
        for (size_t i = 0; i < value->frame_count && !found; i++)
            found = frame_is(value->frames[i], operand->text);
        return found;
    default:
        return value->number == operand->number;
    }
}

static bool is_any(const struct value *value, const struct filter_term *term)
{
    for (size_t i = 0; i < term->operand_count; i++) {
        if (value_is(value, &term->operands[i]))
            return true;
    }
    return false;
}

/* Takes what is in `text`. */
static bool text_matches(const regex_t *regex, struct text *text)
{
    bool found;

    text_add_char(text, '\0');
    found = !text->failed && regexec(regex, text->data, 0, NULL, 0) == 0;
    text_clear(text);
    return found;
}

static bool characters_match(const regex_t *regex, const char *characters, size_t length)
{
    struct text text = { 0 };

    text_add(&text, characters, length);
    return text_matches(regex, &text);
}

static bool label_matches(const regex_t *regex, const struct label *label)
{
    struct text text = { 0 };

    text_add_string(&text, label->key);
    text_add_char(&text, '=');
    text_add_string(&text, label->value);
    return text_matches(regex, &text);
}

static bool matches(const struct value *value, const regex_t *regex)
{
    const char *names;
    bool found = false;
    size_t length;

    switch (value->kind) {
    case VALUE_TEXT:
        return characters_match(regex, value->text, value->length);
    case VALUE_SET:
        names = capability_set_names(value->number, &length);
        return characters_match(regex, names, length);
    case VALUE_LABELS:
        for (size_t i = 0; i < value->label_count && !found; i++)
            found = label_matches(regex, &value->labels[i]);
        return found;
    case VALUE_STACK:
        for (size_t i = 0; i < value->frame_count && !found; i++)
            found = characters_match(regex, value->frames[i], strlen(value->frames[i]));
        return found;
    default:
        return false;
    }
}

static bool term_holds(const struct filter_term *term, const void *object)
{
    const struct value value = term->field->get(object);
    uint64_t bound = term->operand_count ? term->operands[0].number : 0;

    if (term->relation == FILTER_IS || term->relation == FILTER_IS_NOT)
        return is_any(&value, term) == (term->relation == FILTER_IS);
    if (term->relation == FILTER_MATCHES || term->relation == FILTER_MATCHES_NOT)
        return matches(&value, &term->regex) == (term->relation == FILTER_MATCHES);
    if (is_none(&value))
        return false;
    switch (term->relation) {
    case FILTER_MORE:
        return value.number > bound;
    case FILTER_AT_LEAST:
        return value.number >= bound;
    case FILTER_LESS:
        return value.number < bound;
    default:
        return value.number <= bound;
    }
}

bool filter_has(const struct filter *filter, unsigned int bases)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (bases & FILTER_BASIS(filter->terms[i].field->basis))
            return true;
    }
    return false;
}

bool filter_holds(const struct filter *filter, const void *object, unsigned int bases)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct filter_term *term = &filter->terms[i];

        if (bases & FILTER_BASIS(term->field->basis) && !term_holds(term, object))
            return false;
    }
    return true;
}
