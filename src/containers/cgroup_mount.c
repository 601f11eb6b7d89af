/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/containers/cgroup_mount.h"

#include <errno.h>

/* Root and mount point are paths of 4096 bytes, of which each may be written as four. */
#define LINE_MAX_LENGTH (40 << 10)

/* -------- mounts -------- */

/* The next word of a line that is split by single spaces. */
static bool next_word(const char **cursor, const char *end, const char **ret_word,
                      size_t *ret_length)
{
    const char *space;

    if (*cursor >= end)
        return false;
    space = memchr(*cursor, ' ', (size_t)(end - *cursor));
    *ret_word = *cursor;
    *ret_length = (size_t)((space ? space : end) - *cursor);
    *cursor = space ? space + 1 : end;
    return true;
}

/* proc(5): space, tab, newline and backslash are written as \040 and so on. */
static char *unescape(const char *text, size_t length)
{
    char *plain = malloc(length + 1), *out = plain;

    if (!plain)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        const char *digits = text + i + 1;

        if (text[i] == '\\' && length - i > 3 && digits[0] >= '0' && digits[0] <= '3' &&
            digits[1] >= '0' && digits[1] <= '7' && digits[2] >= '0' && digits[2] <= '7') {
            *out++ = (char)((digits[0] - '0') << 6 | (digits[1] - '0') << 3 | (digits[2] - '0'));
            i += 3;
        } else {
            *out++ = text[i];
        }
    }
    *out = '\0';
    return plain;
}

/* "36 35 98:0 /root /mount/point rw,noatime master:1 - cgroup2 source rw,options" */
bool cgroup_mount_parse(const char *line, size_t length, struct cgroup_mount *ret_mount)
{
    const char *cursor = line, *end = line + length, *word = NULL, *root = NULL, *point = NULL;
    size_t word_length = 0, root_length = 0, point_length = 0;

    *ret_mount = (struct cgroup_mount){ 0 };
    for (int i = 0; i < 5; i++) {
        if (!next_word(&cursor, end, &word, &word_length))
            return false;
        for (size_t k = 0; i == 0 && k < word_length && word[k] >= '0' && word[k] <= '9'; k++)
            ret_mount->id = ret_mount->id * 10 + (uint64_t)(word[k] - '0');
        if (i == 3) {
            root = word;
            root_length = word_length;
        }
    }
    point = word;
    point_length = word_length;
    do {
        if (!next_word(&cursor, end, &word, &word_length))
            return false;
    } while (word_length != 1 || *word != '-');
    if (!next_word(&cursor, end, &word, &word_length))
        return false;
    if (!(word_length == 6 && memcmp(word, "cgroup", 6) == 0) &&
        !(word_length == 7 && memcmp(word, "cgroup2", 7) == 0))
        return false;
    ret_mount->v2 = word_length == 7;
    if (!next_word(&cursor, end, &word, &word_length) ||
        !next_word(&cursor, end, &word, &word_length))
        return false;
    ret_mount->root = unescape(root, root_length);
    ret_mount->mount_point = unescape(point, point_length);
    ret_mount->options = strndup(word, word_length);
    if (ret_mount->root && ret_mount->mount_point && ret_mount->options)
        return true;
    cgroup_mount_clear(ret_mount);
    return false;
}

void cgroup_mount_clear(struct cgroup_mount *mount)
{
    free_string(&mount->root);
    free_string(&mount->mount_point);
    free_string(&mount->options);
}

/* A line without its newline; *ret_whole: all of it fit. False at the end of the file. */
static bool read_line(FILE *file, char *line, size_t size, size_t *ret_length, bool *ret_whole)
{
    int c;

    if (!fgets(line, (int)size, file))
        return false;
    *ret_length = strlen(line);
    *ret_whole = true;
    if (*ret_length && line[*ret_length - 1] == '\n') {
        (*ret_length)--;
        return true;
    }
    while ((c = getc(file)) != EOF && c != '\n')
        *ret_whole = false;
    return true;
}

static int add_mount(struct cgroup_mounts *mounts, struct cgroup_mount *mount)
{
    struct cgroup_mount *grown = realloc(mounts->items, (mounts->count + 1) * sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    mounts->items = grown;
    mounts->items[mounts->count++] = *mount;
    *mount = (struct cgroup_mount){ 0 };
    return 0;
}

int cgroup_mounts_read(FILE *mountinfo, struct cgroup_mounts *ret_mounts)
{
    _cleanup_(cgroup_mounts_clear)
    struct cgroup_mounts mounts = { 0 };
    _cleanup_(free_string)
    char *line = malloc(LINE_MAX_LENGTH);
    size_t length;
    bool whole;

    if (!line)
        return -ENOMEM;
    while (read_line(mountinfo, line, LINE_MAX_LENGTH, &length, &whole)) {
        _cleanup_(cgroup_mount_clear)
        struct cgroup_mount mount = { 0 };

        if (whole && cgroup_mount_parse(line, length, &mount) && add_mount(&mounts, &mount) < 0)
            return -ENOMEM;
    }
    if (ferror(mountinfo))
        return -EIO;
    *ret_mounts = mounts;
    mounts = (struct cgroup_mounts){ 0 };
    return 0;
}

void cgroup_mounts_clear(struct cgroup_mounts *mounts)
{
    for (size_t i = 0; i < mounts->count; i++)
        cgroup_mount_clear(&mounts->items[i]);
    free(mounts->items);
    *mounts = (struct cgroup_mounts){ 0 };
}

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at; at = strchr(at, ',')) {
        if (*at == ',')
            at++;
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

bool cgroup_mount_is_whole(const char *root)
{
    while (strncmp(root, "/..", 3) == 0)
        root += 3;
    return *root == '\0' || strcmp(root, "/") == 0;
}

const struct cgroup_mount *cgroup_mounts_choose(struct cgroup_mounts *mounts,
                                                const char *controller, const char *own_path,
                                                cgroup_mount_look look, void *userdata)
{
    const struct cgroup_mount *best = NULL;
    int best_score = 0;

    for (size_t i = 0; i < mounts->count; i++) {
        struct cgroup_mount *mount = &mounts->items[i];
        _cleanup_(free_string)
        char *path = NULL;
        int r, score;

        if (controller ? mount->v2 || !has_word(mount->options, controller) : !mount->v2)
            continue;
        (void)cgroup_path_normalise(mount->root, own_path, strlen(own_path), &path);
        r = look(userdata, mount, path);
        mount->usable = r >= 0;
        score = (cgroup_mount_is_whole(mount->root) ? 2 : 0) + (r > 0 ? 1 : 0);
        if (r < 0 || score < best_score)
            continue;
        best = mount;
        best_score = score;
    }
    return best;
}

/* -------- processes -------- */

static bool next_line(const char **cursor, const char *end, const char **ret_line,
                      size_t *ret_length)
{
    const char *newline;

    if (*cursor >= end)
        return false;
    newline = memchr(*cursor, '\n', (size_t)(end - *cursor));
    *ret_line = *cursor;
    *ret_length = (size_t)((newline ? newline : end) - *cursor);
    *cursor = newline ? newline + 1 : end;
    return true;
}

/* "8:pids:/docker/0123", "0::/user.slice" */
static bool cgroup_line_matches(const char *line, size_t length, const char *controller,
                                const char **ret_path, uint32_t *ret_hierarchy_id)
{
    const char *end = line + length, *list, *path;
    char word[256];
    uint32_t number = 0;

    for (list = line; list < end && *list >= '0' && *list <= '9'; list++)
        number = number * 10 + (uint32_t)(*list - '0');
    if (list == line || list - line > 9 || list == end || *list != ':')
        return false;
    list++;
    path = memchr(list, ':', (size_t)(end - list));
    if (!path || (size_t)(path - list) >= sizeof(word) || path + 1 == end || path[1] != '/')
        return false;
    memcpy(word, list, (size_t)(path - list));
    word[path - list] = '\0';
    if (controller ? !has_word(word, controller) : number != 0 || *word)
        return false;
    *ret_path = path + 1;
    *ret_hierarchy_id = number;
    return true;
}

bool cgroup_file_find(const char *text, size_t length, const char *controller,
                      const char **ret_path, size_t *ret_path_length, uint32_t *ret_hierarchy_id)
{
    const char *cursor = text, *line;
    size_t line_length;

    while (next_line(&cursor, text + length, &line, &line_length)) {
        if (!cgroup_line_matches(line, line_length, controller, ret_path, ret_hierarchy_id))
            continue;
        *ret_path_length = line_length - (size_t)(*ret_path - line);
        return true;
    }
    return false;
}

/* -------- paths -------- */

bool cgroup_path_is_deleted(const char *path, size_t length)
{
    static const char suffix[] = " (deleted)";
    size_t suffix_length = sizeof(suffix) - 1;

    return length > suffix_length &&
           memcmp(path + length - suffix_length, suffix, suffix_length) == 0;
}

/* Puts a name behind a path, or takes the last one off. False: above the beginning. */
static bool take_name(char *path, size_t *length, const char *name, size_t name_length)
{
    if (name_length == 0 || (name_length == 1 && name[0] == '.'))
        return true;
    if (name_length == 2 && memcmp(name, "..", 2) == 0) {
        const char *slash = memrchr(path, '/', *length);

        *length = slash ? (size_t)(slash - path) : 0;
        return slash != NULL;
    }
    path[(*length)++] = '/';
    memcpy(path + *length, name, name_length);
    *length += name_length;
    return true;
}

int cgroup_path_normalise(const char *root, const char *path, size_t length, char **ret_path)
{
    size_t root_length = strcmp(root, "/") == 0 ? 0 : strlen(root), plain_length = 0;
    _cleanup_(free_string)
    char *plain = NULL;

    if (!length || path[0] != '/')
        return -EINVAL;
    if (cgroup_path_is_deleted(path, length))
        return -ESTALE;
    if (length < root_length || memcmp(path, root, root_length) != 0 ||
        (length > root_length && path[root_length] != '/'))
        return -EXDEV;
    plain = malloc(length + 2);
    if (!plain)
        return -ENOMEM;
    for (size_t at = root_length; at < length;) {
        const char *name = path + at + 1;
        const char *slash = memchr(name, '/', length - at - 1);
        size_t name_length = slash ? (size_t)(slash - name) : length - at - 1;

        if (!take_name(plain, &plain_length, name, name_length))
            return -EXDEV;
        at += 1 + name_length;
    }
    if (plain_length == 0)
        plain[plain_length++] = '/';
    plain[plain_length] = '\0';
    *ret_path = TAKE_PTR(plain);
    return 0;
}
