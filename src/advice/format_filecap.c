/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setcap(8) for the files of the programs that asked: with these a user who is not root may do it,
 * where no option of an engine reaches him. Whoever may execute the file may do it then; so what
 * runs whatever it is told gets none.
 */
#include "src/advice/format_private.h"

static const char *const interpreters[] = {
    "ash",  "bash", "busybox", "coreutils", "dash", "env", "java", "ksh",    "lua",
    "mksh", "node", "perl",    "php",       "ruby", "sh",  "su",   "toybox", "zsh",
};

/* "python3.11" is python3, too. */
static bool runs_anything(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    if (strncmp(name, "python", 6) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(interpreters); i++) {
        if (strcmp(name, interpreters[i]) == 0)
            return true;
    }
    return false;
}

static bool has_asked(const struct evidence *evidence, const char *comm)
{
    for (size_t i = 0; evidence && i < evidence->example_count; i++) {
        if (strncmp(evidence->examples[i].comm, comm, EVENT_COMM_SIZE) == 0)
            return true;
    }
    return false;
}

/* What a file of the container needs, under whichever names it ran. */
static uint64_t set_of(const struct advice *advice, uint64_t wanted, const char *path)
{
    const struct circumstances *about = advice->circumstances;
    uint64_t set = 0;

    for (size_t i = 0; i < about->program_count; i++) {
        if (strcmp(about->programs[i].path, path) != 0)
            continue;
        for (unsigned int j = 0; j < CAPABILITY_MAX; j++) {
            if (wanted >> j & 1 && has_asked(advice->subject->evidence[j], about->programs[i].comm))
                set |= UINT64_C(1) << j;
        }
    }
    return set;
}

static bool is_plain(const char *path)
{
    return path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "/._+-@:")] == '\0';
}

/* For a shell; what a terminal would not show as it is, is not to be pasted. */
static void add_line(struct text *out, const char *path, uint64_t set)
{
    static const struct set_style style = { "cap_", "", ",", true };
    static const struct set_style names = { "", "", " ", false };

    if (!is_plain(path) || runs_anything(path)) {
        text_add_string(out, "# not for ");
        format_foreign(out, path);
        text_add_string(out, is_plain(path) ? ", which does whatever it is told: "
                                            : ", which has a strange name: ");
        format_set(out, set, &names);
        text_add_char(out, '\n');
        return;
    }
    text_add_string(out, "setcap ");
    format_set(out, set, &style);
    text_add_string(out, "+ep ");
    text_add_string(out, path);
    text_add_char(out, '\n');
}

static bool is_first(const struct circumstances *about, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(about->programs[i].path, about->programs[at].path) == 0)
            return false;
    }
    return true;
}

static void add_rest(struct text *out, const char *what, uint64_t set)
{
    static const struct set_style names = { "", "", " ", false };

    if (!set)
        return;
    text_add_string(out, what);
    format_set(out, set, &names);
    text_add_char(out, '\n');
}

/* What is not in the bounding set, no file gives. */
static void add_bounding(struct text *out, uint64_t all)
{
    text_add_string(out, "# and start the container with ");
    format_flags(out, all);
    text_add_char(out, '\n');
}

void format_filecap(struct text *out, const struct advice *advice, UNUSED bool explain)
{
    const struct circumstances *about = advice->circumstances;
    uint64_t all = advice->need | advice->unreached, rest = all & ~advice->files;

    for (size_t i = 0; i < about->program_count; i++) {
        uint64_t set = is_first(about, i) ? set_of(advice, all, about->programs[i].path) : 0;

        if (set)
            add_line(out, about->programs[i].path, set);
        rest &= ~set;
    }
    add_rest(out, "# programs whose files were not seen need ", rest);
    add_rest(out, "# files of programs have already ", advice->files);
    if (!all)
        text_add_string(out, "# no file needs any capability\n");
    else if (strcmp(about->runtime, "systemd") != 0 && strcmp(about->runtime, "command") != 0)
        add_bounding(out, all);
}
