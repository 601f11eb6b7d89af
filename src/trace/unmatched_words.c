/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said. Names are strangers' words: bounded, and harmless on a terminal. */
#include "src/base/escape.h"
#include "src/base/kernel_file.h"
#include "src/base/near_word.h"
#include "src/trace/unmatched.h"

#define NAMES_MAX  65536 /* looked at for one that was perhaps meant; all are counted */
#define NAMES_SAID 8
#define NAME_WIDTH 40
#define TEXT_SIZE  400 /* of names that are said, each time that some are */

typedef void (*sayer)(void *userdata, const char *sentence);

/* What there is instead. */
struct names {
    char **words; /* owned, and each of them */
    size_t count, size, total;
};

static void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->words[i]);
    free(names->words);
}

static void names_add(struct names *names, const char *word)
{
    char **grown;

    names->total++;
    if (names->count == NAMES_MAX)
        return;
    if (names->count == names->size) {
        grown = realloc(names->words, (names->size * 2 + 8) * sizeof(*grown));
        if (!grown)
            return;
        names->words = grown;
        names->size = names->size * 2 + 8;
    }
    names->words[names->count] = strdup(word);
    names->count += names->words[names->count] != NULL;
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void names_sort(struct names *names)
{
    if (names->count)
        qsort(names->words, names->count, sizeof(*names->words), compare);
}

static void add_name(struct text *text, const char *name)
{
    (void)escape_terminal(text, name, strlen(name), NAME_WIDTH, true);
}

/* "'wbe' (did you mean 'web'?)"; `ending` is what may be left out at the end of a word. */
static void add_missing(struct text *text, const char *word, const char *ending,
                        const struct names *names)
{
    _cleanup_(free_string)
    char *whole = NULL;
    struct near_word near = { 0 };

    text_add_string(text, "'");
    add_name(text, word);
    text_add_string(text, "'");
    if (asprintf(&whole, "%s%s", word, strchr(word, '.') ? "" : ending) < 0)
        return;
    near.word = whole;
    near.length = strlen(whole);
    for (size_t i = 0; i < names->count; i++)
        near_word_offer(&near, names->words[i]);
    if (!near.best)
        return;
    text_add_string(text, " (did you mean '");
    add_name(text, near.best);
    text_add_string(text, "'?)");
}

/* "; running: admin, web" */
static void add_running(struct text *text, const struct names *names)
{
    size_t said = 0, begin = text->length;

    if (!names->total) {
        text_add_string(text, "; none is running");
        return;
    }
    text_add_string(text, "; running: ");
    while (said < names->count && said < NAMES_SAID && text->length - begin < TEXT_SIZE) {
        text_add_string(text, said ? ", " : "");
        add_name(text, names->words[said++]);
    }
    if (said == names->total)
        return;
    text_add_string(text, " and ");
    text_add_unsigned(text, names->total - said);
    text_add_string(text, " more");
}

static void say_text(struct text *text, sayer say, void *userdata)
{
    text_add_char(text, '\0');
    if (!text->failed)
        say(userdata, text->data);
    text_clear(text);
}

/* -------- containers -------- */

static bool is_running(const struct unmatched_options *options, const struct member *member)
{
    return member->container && member->top_cgroup && !member->gone && !member->candidate &&
           (options->all || !member->container->sandbox);
}

/* Whether one runs that is called so or, with NULL, that is wanted. */
static bool is_there(const struct unmatched_options *options, const char *name)
{
    const struct member *member;
    size_t at = 0;

    while ((member = registry_next(options->registry, &at))) {
        if (is_running(options, member) && !member->unit &&
            (name ? match_name(member->container, name)
                  : match_container(options->match, member->container)))
            return true;
    }
    return false;
}

static void find_containers(const struct unmatched_options *options, struct names *names)
{
    char short_id[CONTAINER_SHORT_ID + 1];
    const struct member *member;
    size_t at = 0;

    while ((member = registry_next(options->registry, &at))) {
        if (is_running(options, member) && !member->unit)
            names_add(names, container_display_name(member->container, short_id));
    }
    names_sort(names);
}

/* Returns whether any is missing. */
static bool explain_names(const struct unmatched_options *options, const struct names *names,
                          sayer say, void *userdata)
{
    struct text text = { 0 };

    for (size_t i = 0; i < options->match->name_count; i++) {
        const char *name = options->match->names[i];

        if (name[0] == '!' || is_there(options, name))
            continue;
        if (text.length > TEXT_SIZE)
            break;
        text_add_string(&text, text.length ? " or " : "no container is called ");
        add_missing(&text, name, "", names);
    }
    if (!text.length)
        return false;
    text_add_string(&text, " yet");
    add_running(&text, names);
    say_text(&text, say, userdata);
    return true;
}

/* As it was typed. */
static void add_selector(struct text *text, const struct match_selector *selector)
{
    text_add_string(text, selector->negated && !selector->value ? "!" : "");
    (void)escape_terminal(text, selector->key, selector->key_length, NAME_WIDTH, true);
    if (!selector->value)
        return;
    text_add_string(text, selector->negated ? "!=" : "=");
    add_name(text, selector->value);
}

static void explain_selectors(const struct unmatched_options *options, const struct names *names,
                              sayer say, void *userdata)
{
    const struct match *match = options->match;
    struct text text = { 0 };

    if (!match->selector_count || is_there(options, NULL))
        return;
    text_add_string(&text, match->name_count ? "no container that -c allows matches --selector "
                                             : "no container matches --selector ");
    for (size_t i = 0; i < match->selector_count && text.length < TEXT_SIZE; i++) {
        text_add_string(&text, i ? "," : "");
        add_selector(&text, &match->selectors[i]);
    }
    text_add_string(&text, " yet");
    add_running(&text, names);
    say_text(&text, say, userdata);
}

static void explain_containers(const struct unmatched_options *options, sayer say, void *userdata)
{
    struct names names = { 0 };

    find_containers(options, &names);
    if (!explain_names(options, &names, say, userdata))
        explain_selectors(options, &names, say, userdata);
    names_clear(&names);
}

/* -------- units -------- */

static const char unit_end[] = ".service";

/* "nginx" or "nginx.service"; of a user's manager with "user/1000/" in front, which is so in the
 * name as well. */
static bool is_unit(const char *wanted, const char *name)
{
    size_t length = strlen(wanted);

    return strncmp(wanted, name, length) == 0 &&
           (!name[length] || strcmp(name + length, unit_end) == 0);
}

static bool has_unit(const struct registry *registry, const char *wanted)
{
    const struct member *member;
    size_t at = 0;

    while ((member = registry_next(registry, &at))) {
        if (member->unit && member->top_cgroup && !member->gone && member->container &&
            member->container->name && is_unit(wanted, member->container->name))
            return true;
    }
    return false;
}

/* Parents come first, and what is below a unit is the unit's. */
static int visit_unit(void *userdata, UNUSED uint64_t id, const char *path)
{
    struct names *names = userdata;
    size_t length;
    const char *unit = cgroup_path_unit(path, strlen(path), &length);
    _cleanup_(free_string)
    char *word = unit && !unit[length] ? strdup(unit) : NULL;

    if (word)
        names_add(names, word);
    return 0;
}

static void explain_units(const struct unmatched_options *options, sayer say, void *userdata)
{
    const struct registry *registry = options->registry;
    struct names names = { 0 };
    struct text text = { 0 };
    bool walked = false;

    for (size_t i = 0; i < options->unit_count && text.length < TEXT_SIZE; i++) {
        if (has_unit(registry, options->units[i]))
            continue;
        if (!walked) /* the system's own: whatever users have made is not worth a walk */
            (void)cgroup_tree_walk(registry->tree, "/system.slice", visit_unit, &names);
        walked = true;
        text_add_string(&text, text.length ? " or " : "there is no cgroup yet of unit ");
        add_missing(&text, options->units[i], unit_end, &names);
    }
    if (text.length) {
        names_sort(&names);
        add_running(&text, &names);
        say_text(&text, say, userdata);
    }
    names_clear(&names);
}

/* -------- processes -------- */

/* The process whose thread it is; 0: there is none. */
static unsigned long process_of(uint32_t pid)
{
    char path[64], status[1024];
    const char *line;

    (void)snprintf(path, sizeof(path), "/proc/%u/status", pid);
    line = kernel_file_read(path, status, sizeof(status)) ? strstr(status, "\nTgid:") : NULL;
    return line ? strtoul(line + strlen("\nTgid:"), NULL, 10) : 0;
}

/* NULL: it has ended, or nothing is known of its cgroup. */
static const struct member *member_of(struct registry *registry, pid_t pid)
{
    _cleanup_(free_string)
    char *path = NULL;
    uint64_t id;

    if (cgroup_tree_of_process(registry->tree, pid, &path) < 0 ||
        cgroup_tree_id(registry->tree, path, &id) < 0)
        return NULL;
    return registry_resolve(registry, id);
}

static void explain_place(const struct unmatched_options *options, struct text *text)
{
    const struct member *member = member_of(options->registry, (pid_t)options->pid);
    char short_id[CONTAINER_SHORT_ID + 1];

    if (!member || member->candidate)
        return;
    if (registry_is_host(options->registry, member)) {
        if (!options->host)
            text_add_string(text, " is in no container: add --host");
    } else if (member->naming.state == NAMING_DONE && !member->use.wanted) {
        text_add_string(text, " is in '");
        add_name(text, container_display_name(member->container, short_id));
        text_add_string(text, "', which the other options leave out");
    }
}

static void explain_process(const struct unmatched_options *options, sayer say, void *userdata)
{
    unsigned long process = process_of(options->pid);
    struct text text = { 0 };
    size_t begin;

    text_add_string(&text, process ? "process " : "there is no process ");
    text_add_unsigned(&text, options->pid);
    begin = text.length;
    if (process && process != options->pid) {
        text_add_string(&text, " is a thread: use --pid ");
        text_add_unsigned(&text, process);
    } else if (process) {
        explain_place(options, &text);
    }
    if (process && text.length == begin)
        text_clear(&text);
    else
        say_text(&text, say, userdata);
}

void unmatched_explain(const struct unmatched_options *options, sayer say, void *userdata)
{
    if (options->match->name_count || options->match->selector_count)
        explain_containers(options, say, userdata);
    if (options->unit_count)
        explain_units(options, say, userdata);
    if (options->pid)
        explain_process(options, say, userdata);
}
