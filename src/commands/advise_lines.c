/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of `trace capabilities -o json`, one object each. */
#include "src/commands/advise_replay.h"

#include <cjson/cJSON.h>
#include <errno.h>

#include "src/model/capability.h"
#include "src/model/loss.h"
#include "src/model/record_read.h"

#define LINE_MAX_BYTES (1 << 20)          /* of user stacks and labels, too */
#define EXACT_MAX      9007199254740992.0 /* a double is exact up to here */

struct lines {
    struct replay *replay;
    const char *name; /* of the file */
    size_t number;    /* of the line */
};

/* -------- values -------- */

/* Names of capabilities; of anything else no kind that a reader takes. */
static struct value set_of(const cJSON *array)
{
    struct value set = { .kind = VALUE_SET };
    const cJSON *item;
    unsigned int number;

    cJSON_ArrayForEach (item, array) {
        if (!cJSON_IsString(item) ||
            capability_parse(item->valuestring, strlen(item->valuestring), &number) < 0)
            return (struct value){ .kind = VALUE_STACK };
        set.number |= UINT64_C(1) << number;
    }
    return set;
}

static struct value number_of(double number)
{
    if (number < 0 || number > EXACT_MAX || number != (double)(uint64_t)number)
        return (struct value){ .kind = VALUE_STACK };
    return value_unsigned((uint64_t)number);
}

static struct value value_of(const cJSON *item)
{
    if (cJSON_IsString(item))
        return value_text(item->valuestring);
    if (cJSON_IsNumber(item))
        return number_of(item->valuedouble);
    if (cJSON_IsBool(item))
        return value_bool(cJSON_IsTrue(item));
    if (cJSON_IsArray(item))
        return set_of(item);
    return cJSON_IsNull(item) ? value_none() : (struct value){ .kind = VALUE_STACK };
}

static bool get(void *userdata, const struct field *field, struct value *ret_value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(userdata, field->json);

    if (item)
        *ret_value = value_of(item);
    return item != NULL;
}

/* -------- lines -------- */

static int say(const struct lines *lines, const char *what, const char *field, struct error *error)
{
    return error_set(error, -EBADMSG, "line %zu of %s %s%s; trace capabilities -o json writes them",
                     lines->number, lines->name, what, field);
}

static int take_row(struct lines *lines, cJSON *row, struct error *error)
{
    const struct record_source source = { .get = get, .userdata = row };
    const struct field *field;
    struct record_copy copy;
    int r = record_read(&source, &copy, &field);

    if (r == -ENOMEM)
        return error_set(error, r, "out of memory");
    if (r == -ENOENT)
        return say(lines, "is no row of this version: it has no ", field->json, error);
    if (r < 0)
        return say(lines, "is no row: it has a strange value of ", field->json, error);
    replay_add(lines->replay, &copy, 1);
    record_copy_clear(&copy);
    return 0;
}

/* What tells a row from a loss, and from anything else. */
static int take_object(struct lines *lines, cJSON *row, struct error *error)
{
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "type"));
    double count;

    if (!type)
        return say(lines, "is no row of this version: it has no ", "type", error);
    if (strcmp(type, "normal") == 0)
        return take_row(lines, row, error);
    if (strcmp(type, "lost") != 0)
        return say(lines, "is of an unknown type: ", type, error);
    count = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(row, "count"));
    lines->replay->lost += count >= 1 && count < EXACT_MAX ? (uint64_t)count : 1;
    return 0;
}

static int take_line(struct lines *lines, const char *line, struct error *error)
{
    cJSON *row;
    int r;

    if (!line[strspn(line, " \t\r\n")])
        return 0;
    row = cJSON_ParseWithOpts(line, NULL, true);
    if (cJSON_IsObject(row))
        r = take_object(lines, row, error);
    else if (strchr(line, '\n'))
        r = say(lines, "is no JSON object", "", error);
    else
        r = say(lines, "is torn: it ends in the middle", "", error);
    cJSON_Delete(row);
    return r;
}

static int read_all(struct lines *lines, FILE *file, char *line, struct error *error)
{
    int r = 0;

    while (r >= 0 && fgets(line, LINE_MAX_BYTES, file)) {
        lines->number++;
        if (strlen(line) == LINE_MAX_BYTES - 1 && !strchr(line, '\n'))
            return say(lines, "is longer than a row can be", "", error);
        r = take_line(lines, line, error);
    }
    if (r >= 0 && ferror(file))
        return error_set(error, -EIO, "cannot read %s", lines->name);
    return r;
}

int replay_lines(struct replay *replay, const char *path, struct error *error)
{
    bool is_standard = strcmp(path, "-") == 0;
    struct lines lines = { .replay = replay, .name = is_standard ? "standard input" : path };
    FILE *file = is_standard ? stdin : fopen(path, "re");
    char *line = malloc(LINE_MAX_BYTES);
    int r;

    if (!file)
        r = error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
    else
        r = line ? read_all(&lines, file, line, error) : error_set(error, -ENOMEM, "out of memory");
    free(line);
    if (file && !is_standard)
        (void)fclose(file);
    return r == -EINVAL ? -EBADMSG : r;
}
