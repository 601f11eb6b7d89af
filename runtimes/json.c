/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtimes/json.h"

void json_free(cJSON **json)
{
    cJSON_Delete(*json);
    *json = NULL;
}

const char *json_text(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

uint64_t json_number(const cJSON *object, const char *key, uint64_t max)
{
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return number > 0 && number <= (double)max ? (uint64_t)number : 0;
}

int json_each_text(const cJSON *object, json_visitor visit, struct container *container)
{
    if (!cJSON_IsObject(object))
        return 0;
    const cJSON *member;
    cJSON_ArrayForEach (member, object) {
        int r = cJSON_IsString(member) && member->string[0]
                    ? visit(container, member->string, member->valuestring)
                    : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int json_fill(struct container *container, const cJSON *object, const struct json_field *fields,
              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char **text = container_text_at(container, fields[i].offset);
        const char *value = json_text(object, fields[i].key);
        int r = !*text && value && value[0] ? container_set_text(text, value) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}
