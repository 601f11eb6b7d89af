/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of `trace capabilities -o json`. */
#include <errno.h>

#include "src/commands/advise_replay.h"
#include "src/commands/json_lines.h"
#include "src/model/loss.h"
#include "src/model/record_read.h"

static bool get(void *userdata, const struct field *field, struct value *ret_value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(userdata, field->json);

    if (item)
        *ret_value = json_lines_value(item);
    return item != NULL;
}

static int take_row(struct replay *replay, const struct json_lines *lines, const cJSON *row,
                    struct error *error)
{
    const struct record_source source = { .get = get, .userdata = (void *)(uintptr_t)row };
    const struct field *field;
    struct record_copy copy;
    int r = record_read(&source, &copy, &field);

    if (r == -ENOMEM)
        return error_set(error, r, "out of memory");
    if (r == -ENOENT)
        return json_lines_say(lines, "is no row of this version: it has no ", field->json, error);
    if (r < 0)
        return json_lines_say(lines, "is no row: it has a strange value of ", field->json, error);
    replay_add(replay, &copy, 1);
    record_copy_clear(&copy);
    return 0;
}

/* What tells a row from a loss, and from anything else. */
static int take(void *userdata, const struct json_lines *lines, const cJSON *row,
                struct error *error)
{
    struct replay *replay = userdata;
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, "type"));
    struct value count;

    if (!type)
        return json_lines_say(lines, "is no row of this version: it has no ", "type", error);
    if (strcmp(type, "normal") == 0)
        return take_row(replay, lines, row, error);
    if (strcmp(type, "lost") != 0)
        return json_lines_say(lines, "is of an unknown type: ", type, error);
    count = json_lines_value(cJSON_GetObjectItemCaseSensitive(row, "count"));
    replay->lost += count.kind == VALUE_UNSIGNED ? MAX(count.number, UINT64_C(1)) : 1;
    return 0;
}

int replay_lines(struct replay *replay, const char *path, struct error *error)
{
    struct json_lines lines = {
        .path = path,
        .writer = "trace capabilities -o json",
        .take = take,
        .userdata = replay,
    };

    return json_lines_read(&lines, error);
}
