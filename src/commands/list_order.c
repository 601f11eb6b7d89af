/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/list_order.h"

#include <errno.h>

static int add_key(struct list_order *order, const struct field_table *table, const char *word,
                   struct error *error)
{
    bool down = word[0] == '-';
    const char *name = word + down;
    const struct field *field = field_find(table, name, strlen(name));

    if (!field)
        return field_unknown(table, name, strlen(name), error);
    if (field->kind == VALUE_LABELS)
        return error_set(error, -EINVAL, "%s have no order", field->name);
    order->keys[order->count++] = (struct list_order_key){ .field = field, .down = down };
    return 0;
}

int list_order_init(struct list_order *order, const struct field_table *table,
                    const char *const *words, size_t count, struct error *error)
{
    int r = 0;

    *order = (struct list_order){ .keys = calloc(MAX(count, (size_t)1), sizeof(*order->keys)) };
    if (!order->keys)
        return error_set(error, -ENOMEM, "out of memory");
    for (size_t i = 0; i < count && r >= 0; i++)
        r = add_key(order, table, words[i], error);
    return r < 0 ? error_prefix(error, "--sort") : 0;
}

void list_order_clear(struct list_order *order)
{
    free(order->keys);
    *order = (struct list_order){ 0 };
}

static int compare_text(const struct value *left, const struct value *right)
{
    int order = memcmp(left->text, right->text, MIN(left->length, right->length));

    return order ? order : (left->length > right->length) - (left->length < right->length);
}

static int compare_values(const struct value *left, const struct value *right)
{
    switch (left->kind) {
    case VALUE_TEXT:
        return compare_text(left, right);
    case VALUE_BOOL:
        return left->truth - right->truth;
    default:
        return (left->number > right->number) - (left->number < right->number);
    }
}

int list_order_compare(const struct list_order *order, const void *left, const void *right)
{
    int result = 0;

    for (size_t i = 0; i < order->count && result == 0; i++) {
        const struct list_order_key *key = &order->keys[i];
        const struct value a = key->field->get(left), b = key->field->get(right);

        if (a.kind == VALUE_NONE || b.kind == VALUE_NONE)
            result = (a.kind == VALUE_NONE) - (b.kind == VALUE_NONE);
        else
            result = compare_values(&a, &b) * (key->down ? -1 : 1);
    }
    return result;
}
