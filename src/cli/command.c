/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/cli/command.h"

#include <errno.h>
#include <limits.h>

#include "src/base/help.h"
#include "src/base/log.h"
#include "src/base/near_word.h"
#include "src/cli/option_value.h"

#define NAME_SIZE 64

/* Whether `name` has two words and the first is `group`; the second in *ret_rest. */
static bool is_in_group(const char *name, const char *group, const char **ret_rest)
{
    size_t length = strlen(group);

    if (strncmp(name, group, length) != 0 || name[length] != ' ')
        return false;
    *ret_rest = name + length + 1;
    return true;
}

static bool is_group(const char *word)
{
    const char *rest;

    for (const struct command *const *command = commands; *command; command++)
        if (is_in_group((*command)->name, word, &rest))
            return true;
    return false;
}

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

/* The command of one or two words; *ret_words says how many. */
static const struct command *find_by_words(int count, char **words, int *ret_words)
{
    const struct command *command;
    char name[NAME_SIZE];

    if (count >= 2 && words[1][0] != '-') {
        (void)snprintf(name, sizeof(name), "%s %s", words[0], words[1]);
        command = command_find(name);
        if (command) {
            *ret_words = 2;
            return command;
        }
    }
    *ret_words = 1;
    return count >= 1 ? command_find(words[0]) : NULL;
}

static int point_to_help(const char *command)
{
    (void)fprintf(stderr, "Try 'local-gadget %s%s--help'.\n", command, *command ? " " : "");
    return EXIT_STATUS_USAGE;
}

static bool is_help_option(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
}

/* The command that was meant by `typed`: its whole name, or one word of it, written nearly so.
 * NULL: none is near. */
static const char *nearest_command(const char *typed)
{
    struct near_word near_word = { .word = typed, .length = strlen(typed) };
    const char *nearest = NULL;
    char first[NAME_SIZE];

    for (const struct command *const *command = commands; *command; command++) {
        const char *name = (*command)->name, *space = strchr(name, ' ');
        unsigned int before = nearest ? near_word.distance : UINT_MAX;

        near_word_offer(&near_word, name);
        if (space) {
            (void)snprintf(first, sizeof(first), "%.*s", (int)(space - name), name);
            near_word_offer(&near_word, first);
            near_word_offer(&near_word, space + 1);
        }
        if (near_word.best && near_word.distance < before)
            nearest = name;
    }
    return nearest;
}

/* `words` are no command; the first is no option. */
static int unknown_command(int count, char **words)
{
    bool two = count >= 2 && words[1][0] != '-';
    const char *nearest = NULL;
    char typed[NAME_SIZE];

    if (two) {
        (void)snprintf(typed, sizeof(typed), "%s %s", words[0], words[1]);
        nearest = nearest_command(typed);
    }
    if (!nearest && !is_group(words[0]))
        nearest = nearest_command(words[0]);
    (void)snprintf(typed, sizeof(typed), "%s%s%s", words[0], two ? " " : "", two ? words[1] : "");
    if (nearest)
        log_error("unknown command '%s'; did you mean '%s'?", typed, nearest);
    else
        log_error("unknown command '%s'", typed);
    return point_to_help("");
}

/* Words that name no command: a group alone, an option too early, or a slip of the pen. */
static int explain(int count, char **words)
{
    struct help help = help_for(stdout);

    if (words[0][0] == '-') {
        log_error("unknown option %.100s before the command; options come after it", words[0]);
        return point_to_help("");
    }
    if (!is_group(words[0]) || (count > 1 && words[1][0] != '-'))
        return unknown_command(count, words);
    if (count > 1 && !is_help_option(words[1])) {
        log_error("'%s' is half the name of a command; options come after the whole", words[0]);
        return point_to_help(words[0]);
    }
    command_print_group(words[0], &help);
    return EXIT_STATUS_DONE;
}

static void unexpected_word(const struct command *command, const char *word, struct error *error)
{
    const char *hint = command->takes_command ? "; a command to be run comes after --" : "";
    bool truth;

    if (option_value_bool(word, &truth) == 0)
        (void)error_set(error, -EINVAL,
                        "unexpected word '%.100s'; a flag is set with --name=%.100s", word, word);
    else
        (void)error_set(error, -EINVAL, "unexpected word '%.100s'%s", word, hint);
}

/* Where the words of our own end: at the "--" before a command to be run. No option takes that for
 * its value. */
static int count_own(const struct command *command, int count, char **words)
{
    int own = 0;

    while (own < count && !(command->takes_command && strcmp(words[own], "--") == 0))
        own++;
    return own;
}

/* Parses and runs. `words` begins at the last word of the command's name. */
static int run_command(const struct command *command, int count, char **words, void *values,
                       struct error *error)
{
    const struct option_row *help_row = option_find(command->options, "help", strlen("help"));
    int own = count_own(command, count, words), operand, r;

    if (command->defaults)
        command->defaults(values);
    r = option_parse(command->options, own, words, values, &operand, error);
    if (r < 0)
        return r == -ENOMEM ? EXIT_STATUS_FAILURE : EXIT_STATUS_USAGE;
    if (help_row && *(bool *)((char *)values + help_row->offset)) {
        struct help help = help_for(stdout);

        command_print_help(command, &help);
        return EXIT_STATUS_DONE;
    }
    if (own - operand > command->max_operands) {
        unexpected_word(command, words[operand + command->max_operands], error);
        return EXIT_STATUS_USAGE;
    }
    if (own + 1 == count) {
        (void)error_set(error, -EINVAL, "after -- comes the command to be run");
        return EXIT_STATUS_USAGE;
    }
    if (own < count)
        operand = own + 1;
    return command->run(values, count - operand, words + operand, error);
}

static int call(const struct command *command, int count, char **words)
{
    struct error error = { 0 };
    void *values = calloc(1, command->values_size);
    bool is_run = count_own(command, count, words) < count;
    int status;

    if (!values) {
        log_error("out of memory");
        return EXIT_STATUS_FAILURE;
    }
    status = run_command(command, count, words, values, &error);
    option_clear(command->options, values);
    free(values);

    if (error.message[0])
        log_error("%s", error.message);
    else
        return status; /* which may be that of a command */
    if (status == EXIT_STATUS_USAGE)
        (void)point_to_help(command->name);
    return is_run && status <= EXIT_STATUS_USAGE ? EXIT_STATUS_OURS : status;
}

static int help_about(int count, char **words)
{
    struct help help = help_for(stdout);
    const struct command *command;
    int used;

    if (count == 0 || is_help_option(words[0])) {
        command_print_overview(&help);
        return EXIT_STATUS_DONE;
    }
    command = find_by_words(count, words, &used);
    if (!command)
        return explain(count, words);
    command_print_help(command, &help);
    return EXIT_STATUS_DONE;
}

/* docker and inspektor-gadget take it in front of the command: there it is moved behind. */
static bool is_verbose_option(const char *word)
{
    return strcmp(word, "-v") == 0 || strcmp(word, "--verbose") == 0;
}

static int dispatch(int count, char **words)
{
    const struct command *command;
    int used;

    if (count == 0 || is_help_option(words[0]))
        return help_about(0, NULL);
    if (strcmp(words[0], "help") == 0)
        return help_about(count - 1, words + 1);
    if (strcmp(words[0], "--version") == 0)
        words[0] += strlen("--");
    if (count > 1 && is_verbose_option(words[0])) {
        char *option = words[0];

        if (find_by_words(count - 1, words + 1, &used)) {
            memmove(words, words + 1, (size_t)used * sizeof(*words));
            words[used] = option;
        }
    }
    command = find_by_words(count, words, &used);
    if (!command)
        return explain(count, words);
    return call(command, count - used + 1, words + used - 1);
}

int command_main(int argc, char **argv)
{
    int status = dispatch(argc > 0 ? argc - 1 : 0, argv + 1);

    /* Help and versions go through stdio; data does not, and is checked where it is written. */
    if (fflush(stdout) != 0 && errno != EPIPE && status == EXIT_STATUS_DONE) {
        log_error("cannot write to standard output: %s", strerror(errno));
        status = EXIT_STATUS_FAILURE;
    }
    return status;
}
