/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/systemd_unit.h"

size_t systemd_unit_good_length(const char *word)
{
    static const char user[] = "user/", digits[] = "0123456789";
    const char *name = word;

    if (strncmp(word, user, strlen(user)) == 0) {
        name += strlen(user);
        name += strspn(name, digits);
        name = name[-1] != '/' && *name == '/' ? name + 1 : word;
    }
    return (size_t)(name - word) + strspn(name,
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789:-_.\\@");
}

static bool ends_in(struct unit_name name, const char *ending)
{
    size_t length = strlen(ending);

    return name.length > length && memcmp(name.text + name.length - length, ending, length) == 0;
}

static bool is_unit(struct unit_name name)
{
    static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (ends_in(name, kinds[i]))
            return true;
    }
    return false;
}

/* The next component of *path, which is advanced behind it. */
static struct unit_name take_component(const char **path)
{
    struct unit_name name = { .text = *path + strspn(*path, "/") };

    name.length = strcspn(name.text, "/");
    *path = name.text + name.length;
    return name;
}

/* The first unit, behind slices only; *path is advanced behind it. */
static struct unit_name take_unit(const char **path)
{
    struct unit_name name;

    do {
        name = take_component(path);
    } while (ends_in(name, ".slice"));
    if (!is_unit(name))
        return (struct unit_name){ 0 };
    if (name.text[0] == '_') { /* systemd's escape of names that the kernel uses itself */
        name.text++;
        name.length--;
    }
    return name;
}

struct unit_name systemd_unit(const char *path)
{
    return take_unit(&path);
}

struct unit_name systemd_user_unit(const char *path)
{
    struct unit_name manager = take_unit(&path);

    if (manager.length < 5 || memcmp(manager.text, "user@", 5) != 0)
        return (struct unit_name){ 0 };
    return take_unit(&path);
}
