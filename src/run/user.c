/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/run/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

/* As many as the kernel takes, see NGROUPS_MAX of linux/limits.h. */
#define GROUPS_MAX 65536

void run_user_clear(struct run_user *user)
{
    free_string(&user->name);
    free_string(&user->home);
    free(user->groups);
    user->groups = NULL;
}

/* A number of a user or a group; the highest means "none" to the kernel. */
static bool parse_id(const char *text, uint32_t *ret_id)
{
    uint64_t id = 0;

    for (const char *c = text; *c; c++) {
        if (*c < '0' || *c > '9' || id > UINT32_MAX)
            return false;
        id = id * 10 + (uint64_t)(*c - '0');
    }
    *ret_id = (uint32_t)id;
    return *text && id < UINT32_MAX;
}

static int out_of_memory(struct error *error)
{
    return error_set(error, -ENOMEM, "out of memory");
}

/* All groups of a user, `gid` among them. */
static int list_groups(const char *name, struct run_user *user, struct error *error)
{
    int count = 64;

    for (;;) {
        int size = count;
        gid_t *groups = reallocarray(user->groups, (size_t)size, sizeof(*groups));

        if (!groups)
            return out_of_memory(error);
        user->groups = groups;
        if (getgrouplist(name, user->gid, groups, &count) >= 0)
            break;
        if (size >= GROUPS_MAX)
            return error_set(error, -E2BIG, "user '%s' is in too many groups", name);
        count = MIN(MAX(count, 2 * size), GROUPS_MAX);
    }
    user->group_count = (size_t)count;
    return 0;
}

/* A number that the user database does not know is in no group but `gid`. */
static int only_group(struct run_user *user, struct error *error)
{
    user->groups = calloc(1, sizeof(*user->groups));
    if (!user->groups)
        return out_of_memory(error);
    user->groups[0] = user->gid;
    user->group_count = 1;
    return 0;
}

/* `entry` NULL: the database has none. */
static int fill(struct run_user *user, const struct passwd *entry, struct error *error)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%u", user->uid);
    user->name = strdup(entry ? entry->pw_name : number);
    user->home = strdup(entry && entry->pw_dir[0] ? entry->pw_dir : "/");
    if (!user->name || !user->home)
        return out_of_memory(error);
    return entry ? list_groups(user->name, user, error) : only_group(user, error);
}

/* The database's own storage, which the next question overwrites. */
static const struct passwd *find_user(const char *name, uid_t *ret_uid)
{
    const struct passwd *entry = getpwnam(name);
    uint32_t uid;

    if (!entry) {
        if (!parse_id(name, &uid))
            return NULL;
        *ret_uid = uid;
        return getpwuid(uid);
    }
    *ret_uid = entry->pw_uid;
    return entry;
}

static int find_group(const char *name, gid_t *ret_gid, struct error *error)
{
    const struct group *entry = getgrnam(name);
    uint32_t gid;

    if (entry)
        *ret_gid = entry->gr_gid;
    else if (parse_id(name, &gid))
        *ret_gid = gid;
    else
        return error_set(error, -EINVAL, "there is no group '%.100s'", name);
    return 0;
}

static int choose_by_name(const char *text, struct run_user *user, struct error *error)
{
    _cleanup_(free_string)
    char *name = strdup(text);
    const struct passwd *entry;
    char *group = name ? strchr(name, ':') : NULL;
    int r;

    if (!name)
        return out_of_memory(error);
    if (group)
        *group++ = '\0';
    if (!*name || (group && !*group))
        return error_set(error, -EINVAL, "--user takes NAME or NAME:GROUP, not '%.100s'", text);
    if (geteuid() != 0)
        return error_set(error, -EINVAL, "--user %.100s: only root can run a command as another",
                         text);
    user->uid = (uid_t)-1;
    if (group) { /* first, as it may overwrite what the user database has said */
        r = find_group(group, &user->gid, error);
        if (r < 0)
            return r;
    }
    entry = find_user(name, &user->uid);
    if (!entry && user->uid == (uid_t)-1)
        return error_set(error, -EINVAL, "there is no user '%.100s'", name);
    if (!entry && !group)
        return error_set(error, -EINVAL,
                         "nothing is known of user %s: say its group, too, as in --user %s:%s",
                         name, name, name);
    if (!group)
        user->gid = entry->pw_gid;
    user->other = true;
    return fill(user, entry, error);
}

/* What sudo(8) says of its caller; `gid` NULL: the user database has to know. */
static int choose_by_number(const char *uid, const char *gid, struct run_user *user,
                            struct error *error)
{
    const struct passwd *entry;
    uint32_t number = 0;

    if (!parse_id(uid, &user->uid) || (gid && !parse_id(gid, &number)))
        return error_set(error, -EINVAL,
                         "SUDO_UID or SUDO_GID is no number: say --user NAME, or --as-root");
    entry = getpwuid(user->uid);
    if (!gid && !entry)
        return error_set(error, -EINVAL,
                         "nothing is known of user %s of SUDO_UID: say --user NAME:GROUP, or "
                         "--as-root",
                         uid);
    user->gid = gid ? number : entry->pw_gid;
    user->other = user->by_sudo = user->uid != 0;
    return fill(user, entry, error);
}

int run_user_choose(const char *user, bool as_root, struct run_user *ret_user, struct error *error)
{
    const char *sudo_uid = getenv("SUDO_UID");
    _cleanup_(run_user_clear)
    struct run_user chosen = { .uid = getuid(), .gid = getgid() };
    int r;

    if (as_root && user)
        return error_set(error, -EINVAL, "--as-root and --user exclude each other");
    if (as_root && geteuid() != 0)
        return error_set(error, -EINVAL, "--as-root: we are not root");
    if (user)
        r = choose_by_name(user, &chosen, error);
    else if (!as_root && geteuid() == 0 && sudo_uid && *sudo_uid)
        r = choose_by_number(sudo_uid, getenv("SUDO_GID"), &chosen, error);
    else
        r = fill(&chosen, getpwuid(chosen.uid), error);
    if (r < 0)
        return r;
    *ret_user = chosen;
    chosen = (struct run_user){ 0 };
    return 0;
}

/* Programs should not take themselves for run by root in a user's name. */
static int set_environment(const struct run_user *user)
{
    static const char *const of_sudo[] = { "SUDO_UID", "SUDO_GID", "SUDO_USER", "SUDO_COMMAND" };

    for (size_t i = 0; i < ARRAY_SIZE(of_sudo); i++)
        (void)unsetenv(of_sudo[i]);
    if (setenv("HOME", user->home, 1) < 0 || setenv("USER", user->name, 1) < 0 ||
        setenv("LOGNAME", user->name, 1) < 0)
        return -errno;
    return 0;
}

int run_user_become(const struct run_user *user)
{
    if (!user->other)
        return 0;
    if (setgroups(user->group_count, user->groups) < 0 ||
        setresgid(user->gid, user->gid, user->gid) < 0 ||
        setresuid(user->uid, user->uid, user->uid) < 0)
        return -errno;
    return set_environment(user);
}
