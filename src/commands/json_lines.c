/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/json_lines.h"

#include <errno.h>

#include "src/model/capability.h"

#define LINE_BYTES (1 << 20)          /* of user stacks and labels, too */
#define EXACT_MAX  9007199254740992.0 /* a double is exact up to here */

static const struct value strange = { .kind = VALUE_STACK };

static struct value set_of(const cJSON *array)
{
    struct value set = { .kind = VALUE_SET };
    const cJSON *item;
    unsigned int number;

    cJSON_ArrayForEach (item, array) {
        if (!cJSON_IsString(item) ||
            capability_parse(item->valuestring, strlen(item->valuestring), &number) < 0)
            return strange;
        set.number |= UINT64_C(1) << number;
    }
    return set;
}

static struct value number_of(double number)
{
    if (!(number >= 0 && number <= EXACT_MAX) || number != (double)(uint64_t)number)
        return strange;
    return value_unsigned((uint64_t)number);
}

struct value json_lines_value(const cJSON *item)
{
    if (cJSON_IsString(item))
        return value_text(item->valuestring);
    if (cJSON_IsNumber(item))
        return number_of(item->valuedouble);
    if (cJSON_IsBool(item))
        return value_bool(cJSON_IsTrue(item));
    if (cJSON_IsArray(item))
        return set_of(item);
    return cJSON_IsNull(item) ? value_none() : strange;
}

static const char *name_of(const struct json_lines *lines)
{
    return strcmp(lines->path, "-") == 0 ? "standard input" : lines->path;
}

int json_lines_say(const struct json_lines *lines, const char *what, const char *name,
                   struct error *error)
{
    return error_set(error, -EBADMSG, "line %zu of %s %s%s; %s writes them", lines->number,
                     name_of(lines), what, name, lines->writer);
}

static int take_line(const struct json_lines *lines, const char *line, struct error *error)
{
    cJSON *object;
    int r;

    if (!line[strspn(line, " \t\r\n")])
        return 0;
    object = cJSON_ParseWithOpts(line, NULL, true);
    if (cJSON_IsObject(object))
        r = lines->take(lines->userdata, lines, object, error);
    else if (strchr(line, '\n'))
        r = json_lines_say(lines, "is no JSON object", "", error);
    else
        r = json_lines_say(lines, "is torn: it ends in the middle", "", error);
    cJSON_Delete(object);
    return r;
}

static int read_all(struct json_lines *lines, FILE *file, char *line, struct error *error)
{
    int r = 0;

    while (r >= 0 && fgets(line, LINE_BYTES, file)) {
        lines->number++;
        if (strlen(line) == LINE_BYTES - 1 && !strchr(line, '\n'))
            return json_lines_say(lines, "is longer than it can be", "", error);
        r = take_line(lines, line, error);
    }
    if (r >= 0 && ferror(file))
        return error_set(error, -EIO, "cannot read %s", name_of(lines));
    return r;
}

int json_lines_read(struct json_lines *lines, struct error *error)
{
    bool is_standard = strcmp(lines->path, "-") == 0;
    FILE *file = is_standard ? stdin : fopen(lines->path, "re");
    char *line = malloc(LINE_BYTES);
    int r;

    if (!file)
        r = error_set(error, -EIO, "cannot open %s: %s", lines->path, strerror(errno));
    else
        r = line ? read_all(lines, file, line, error) : error_set(error, -ENOMEM, "out of memory");
    free(line);
    if (file && !is_standard)
        (void)fclose(file);
    return r;
}
