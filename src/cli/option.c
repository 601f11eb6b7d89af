/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/option.h"

#include <errno.h>

#include "src/base/near_word.h"
#include "src/cli/option_value.h"

struct parser {
    const struct option_table *table;
    int argc;
    char **argv;
    int index; /* of the word that is looked at */
    void *values;
    struct error *error;
};

/* Reads `text` into the row's variable. */
typedef int (*option_store)(const struct option_row *row, const char *text, void *variable,
                            struct error *error);

const struct option_row *option_find(const struct option_table *table, const char *name,
                                     size_t length)
{
    for (size_t i = 0; i < table->count; i++)
        if (strncmp(table->rows[i].name, name, length) == 0 && !table->rows[i].name[length])
            return &table->rows[i];
    return NULL;
}

static const struct option_row *find_letter(const struct option_table *table, char letter)
{
    for (size_t i = 0; i < table->count; i++)
        if (letter && table->rows[i].letter == letter)
            return &table->rows[i];
    return NULL;
}

static int unknown_option(const struct parser *parser, const char *name, size_t length)
{
    struct near_word near_word = { .word = name, .length = length };

    for (size_t i = 0; i < parser->table->count; i++) {
        if (!parser->table->rows[i].hidden)
            near_word_offer(&near_word, parser->table->rows[i].name);
    }
    if (near_word.best)
        return error_set(parser->error, -EINVAL, "unknown option --%.*s; did you mean --%s?",
                         (int)MIN(length, 100), name, near_word.best);
    return error_set(parser->error, -EINVAL, "unknown option --%.*s", (int)MIN(length, 100), name);
}

static int bad_choice(const struct option_row *row, const char *text, struct error *error)
{
    struct near_word near_word = { .word = text, .length = strlen(text) };
    char known[256] = "";
    size_t length = 0;

    for (const char *const *choice = row->choices; *choice; choice++) {
        near_word_offer(&near_word, *choice);
        if (length < sizeof(known))
            length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s",
                                       length ? ", " : "", *choice);
    }
    if (near_word.best)
        return error_set(error, -EINVAL, "--%s does not know '%.100s'; did you mean %s?", row->name,
                         text, near_word.best);
    return error_set(error, -EINVAL, "--%s does not know '%.100s', only: %s", row->name, text,
                     known);
}

/* Replaces *text by the choice that it spells. */
static int choose(const struct option_row *row, const char **text, struct error *error)
{
    if (!row->choices)
        return 0;
    for (const char *const *choice = row->choices; *choice; choice++) {
        size_t length = strlen(*choice);

        if (strcasecmp(*choice, *text) == 0) {
            *text = *choice;
            return 0;
        }
        if ((*choice)[length - 1] == '=' && strncasecmp(*choice, *text, length) == 0)
            return 0;
    }
    return bad_choice(row, *text, error);
}

static int store_flag(const struct option_row *row, const char *text, void *variable,
                      struct error *error)
{
    if (option_value_bool(text, variable) < 0)
        return error_set(error, -EINVAL, "--%s takes true or false, not '%.100s'", row->name, text);
    return 0;
}

static int store_text(const struct option_row *row, const char *text, void *variable,
                      struct error *error)
{
    int r;

    r = choose(row, &text, error);
    if (r < 0)
        return r;
    *(const char **)variable = text;
    return 0;
}

static int list_add_word(struct option_list *list, const char *word)
{
    const char **words;

    words = reallocarray(list->words, list->count + 1, sizeof(*words));
    if (!words)
        return -ENOMEM;
    list->words = words;
    words[list->count++] = word;
    return 0;
}

/* Takes `copy`, also on failure. */
static int list_keep_copy(struct option_list *list, char *copy)
{
    char **copies;

    copies = reallocarray(list->copies, list->copy_count + 1, sizeof(*copies));
    if (!copies) {
        free(copy);
        return -ENOMEM;
    }
    list->copies = copies;
    copies[list->copy_count++] = copy;
    return 0;
}

static int store_list(const struct option_row *row, const char *text, void *variable,
                      struct error *error)
{
    struct option_list *list = variable;
    char *rest, *copy = strdup(text);
    int r;

    if (!copy)
        return error_set(error, -ENOMEM, "out of memory");
    rest = copy;
    r = list_keep_copy(list, copy);
    while (r == 0 && rest) {
        const char *word = strsep(&rest, ",");

        if (!*word)
            return error_set(error, -EINVAL, "--%s has an empty word in '%.100s'", row->name, text);
        r = choose(row, &word, error);
        if (r < 0)
            return r;
        r = list_add_word(list, word);
    }
    return r < 0 ? error_set(error, r, "out of memory") : 0;
}

static int store_repeated(UNUSED const struct option_row *row, const char *text, void *variable,
                          struct error *error)
{
    return list_add_word(variable, text) < 0 ? error_set(error, -ENOMEM, "out of memory") : 0;
}

static int store_duration(const struct option_row *row, const char *text, void *variable,
                          struct error *error)
{
    int r = option_value_duration(text, variable);

    if (r == -ERANGE)
        return error_set(error, r, "--%s: '%.100s' is too long a time", row->name, text);
    if (r < 0)
        return error_set(error, r, "--%s takes a time such as 10, 1.5s, 500ms or 2m, not '%.100s'",
                         row->name, text);
    return 0;
}

static int store_size(const struct option_row *row, const char *text, void *variable,
                      struct error *error)
{
    int r = option_value_size(text, variable);

    if (r == -ERANGE)
        return error_set(error, r, "--%s: '%.100s' is too large", row->name, text);
    if (r < 0)
        return error_set(error, r, "--%s takes a size such as 65536, 64K or 16M, not '%.100s'",
                         row->name, text);
    return 0;
}

static int store_unsigned(const struct option_row *row, const char *text, void *variable,
                          struct error *error)
{
    int r = option_value_unsigned(text, variable);

    if (r == -ERANGE)
        return error_set(error, r, "--%s: '%.100s' is too large", row->name, text);
    if (r < 0)
        return error_set(error, r, "--%s takes a number, not '%.100s'", row->name, text);
    return 0;
}

static const option_store stores[] = {
    [OPTION_FLAG] = store_flag,         [OPTION_TEXT] = store_text,
    [OPTION_LIST] = store_list,         [OPTION_REPEATED] = store_repeated,
    [OPTION_DURATION] = store_duration, [OPTION_SIZE] = store_size,
    [OPTION_UNSIGNED] = store_unsigned,
};

/* What is no number that the option takes, but meant as one: better said so. */
static bool is_negative(const struct option_row *row, const char *word)
{
    return strchr("0123456789.", word[1]) &&
           (row->kind == OPTION_DURATION || row->kind == OPTION_SIZE ||
            row->kind == OPTION_UNSIGNED);
}

/* `text` is what was joined to the option, NULL: nothing; then the next word is taken. */
static int take_value(struct parser *parser, const struct option_row *row, const char *text)
{
    if (!text && row->kind == OPTION_FLAG)
        text = "true";
    if (!text) {
        const char *next =
            parser->index + 1 < parser->argc ? parser->argv[parser->index + 1] : NULL;

        if (!next)
            return error_set(parser->error, -EINVAL, "--%s needs a value%s%s", row->name,
                             row->argument ? ": " : "", row->argument ? row->argument : "");
        if (next[0] == '-' && next[1] && !is_negative(row, next))
            return error_set(parser->error, -EINVAL,
                             "--%s needs a value before '%.100s'; one that begins with a dash is "
                             "written --%s=-...",
                             row->name, next, row->name);
        parser->index++;
        text = next;
    }
    if (!*text)
        return error_set(parser->error, -EINVAL, "the value of --%s is empty", row->name);
    return stores[row->kind](row, text, (char *)parser->values + row->offset, parser->error);
}

/* `word` is without its two dashes. */
static int take_long(struct parser *parser, const char *word)
{
    size_t length = strcspn(word, "=");
    const struct option_row *row = option_find(parser->table, word, length);

    if (!row)
        return unknown_option(parser, word, length);
    return take_value(parser, row, word[length] ? word + length + 1 : NULL);
}

/* `word` is without its dash: flags may stand together, "-vh"; values may be joined, "-ojson" and
 * "-o=json". */
static int take_letters(struct parser *parser, const char *word)
{
    size_t length = strcspn(word, "=");

    if (length > 1 && option_find(parser->table, word, length))
        return error_set(parser->error, -EINVAL, "unknown option -%.*s; did you mean --%.*s?",
                         (int)length, word, (int)length, word);
    for (; *word; word++) {
        const struct option_row *row = find_letter(parser->table, *word);
        const char *rest = word + 1;
        int r;

        if (!row)
            return error_set(parser->error, -EINVAL, "unknown option -%c", *word);
        if (*rest == '=')
            return take_value(parser, row, rest + 1);
        if (row->kind != OPTION_FLAG)
            return take_value(parser, row, *rest ? rest : NULL);
        r = take_value(parser, row, NULL);
        if (r < 0)
            return r;
    }
    return 0;
}

int option_parse(const struct option_table *table, int argc, char **argv, void *values,
                 int *ret_operand, struct error *error)
{
    struct parser parser = {
        .table = table, .argc = argc, .argv = argv, .index = 1, .values = values, .error = error
    };
    bool only_operands = false;
    int operands = 0, r;

    for (; parser.index < argc; parser.index++) {
        char *word = argv[parser.index];

        if (only_operands || word[0] != '-' || !word[1]) {
            argv[1 + operands++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else {
            r = word[1] == '-' ? take_long(&parser, word + 2) : take_letters(&parser, word + 1);
            if (r < 0)
                return r;
        }
    }
    if (operands > 0)
        memmove(argv + argc - operands, argv + 1, (size_t)operands * sizeof(*argv));
    *ret_operand = argc - operands;
    return 0;
}

void option_clear(const struct option_table *table, void *values)
{
    for (size_t i = 0; i < table->count; i++) {
        struct option_list *list;

        if (table->rows[i].kind != OPTION_LIST && table->rows[i].kind != OPTION_REPEATED)
            continue;
        list = (void *)((char *)values + table->rows[i].offset);
        for (size_t copy = 0; copy < list->copy_count; copy++)
            free(list->copies[copy]);
        free(list->copies);
        free(list->words);
        *list = (struct option_list){ 0 };
    }
}
