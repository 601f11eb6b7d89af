/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/commands/advise_profile.h"

#include <errno.h>

#include "src/advice/alternative.h"
#include "src/advice/format.h"
#include "src/commands/json_lines.h"
#include "src/model/record_read.h"
#include "src/model/syscall_name.h"

/* An object as it is read; the first thing that is wrong with it stays. */
struct profile {
    struct advise_subjects *subjects;
    const char *wrong; /* key; NULL: nothing yet */
};

/* -------- values -------- */

static struct value take(struct profile *profile, const cJSON *object, const char *key,
                         enum value_kind kind)
{
    struct value value = json_lines_value(cJSON_GetObjectItemCaseSensitive(object, key));

    if (value.kind != kind && !profile->wrong)
        profile->wrong = key;
    return value.kind == kind ? value : (struct value){ .kind = kind };
}

static bool take_truth(struct profile *profile, const cJSON *object, const char *key)
{
    return take(profile, object, key, VALUE_BOOL).truth;
}

static uint64_t take_number(struct profile *profile, const cJSON *object, const char *key)
{
    return take(profile, object, key, VALUE_UNSIGNED).number;
}

static uint64_t take_set(struct profile *profile, const cJSON *object, const char *key)
{
    return take(profile, object, key, VALUE_SET).number;
}

/* NULL: it is null. */
static const char *take_text(struct profile *profile, const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsString(item) && !cJSON_IsNull(item) && !profile->wrong)
        profile->wrong = key;
    return cJSON_GetStringValue(item);
}

static const cJSON *take_array(struct profile *profile, const cJSON *object, const char *key)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key);

    if (!cJSON_IsArray(array) && !profile->wrong)
        profile->wrong = key;
    return array;
}

/* -------- evidence -------- */

static enum denial denial_named(const char *word)
{
    for (enum denial denial = DENIAL_NONE + 1; word && denial < DENIALS; denial++) {
        if (strcmp(denial_word(denial), word) == 0)
            return denial;
    }
    return DENIAL_NONE;
}

static void take_caller(struct profile *profile, struct evidence *evidence, const cJSON *object)
{
    const char *comm = take_text(profile, object, "comm"),
               *syscall = take_text(profile, object, "syscall"),
               *verdict = take_text(profile, object, "verdict");
    uint64_t count = take_number(profile, object, "count");
    struct evidence_example *example = &evidence->examples[evidence->example_count];
    bool compat = false;

    if (evidence->example_count == EVIDENCE_EXAMPLES_MAX) {
        evidence->more += count;
        return;
    }
    *example = (struct evidence_example){
        .syscall = syscall ? syscall_number(syscall, &compat) : EVENT_NO_SYSCALL,
        .compat = compat,
        .uid = (uint32_t)take_number(profile, object, "euid"),
        .denied = verdict && strcmp(verdict, "Deny") == 0,
        .denial = denial_named(take_text(profile, object, "reason")),
        .count = count,
    };
    (void)snprintf(example->comm, sizeof(example->comm), "%s", comm ? comm : "");
    evidence->example_count++;
}

static void take_uses(struct profile *profile, struct evidence *evidence, const cJSON *object)
{
    const cJSON *checks = cJSON_GetObjectItemCaseSensitive(object, "checks");

    if (!cJSON_IsObject(checks) && !profile->wrong)
        profile->wrong = "checks";
    for (enum use use = 0; use < USES; use++) {
        if (cJSON_HasObjectItem(checks, use_word(use)))
            evidence->uses[use] += take_number(profile, checks, use_word(use));
    }
}

static int take_evidence(struct profile *profile, struct subject *subject, const cJSON *object)
{
    const char *name = take_text(profile, object, "capability");
    unsigned int number = 0;
    struct evidence *evidence;
    const cJSON *caller;

    if (!name || capability_parse(name, strlen(name), &number) < 0) {
        profile->wrong = "capability";
        return 0;
    }
    if (!subject->evidence[number])
        subject->evidence[number] = calloc(1, sizeof(*evidence));
    evidence = subject->evidence[number];
    if (!evidence)
        return -ENOMEM;
    take_uses(profile, evidence, object);
    cJSON_ArrayForEach (caller, take_array(profile, object, "callers"))
        take_caller(profile, evidence, caller);
    evidence->more += take_number(profile, object, "moreCallersChecks");
    evidence->narrower |= take_set(profile, object, "narrower");
    evidence->advisory = alternative_why(number);
    return 0;
}

/* -------- a container -------- */

static void take_subject(struct profile *profile, struct subject *subject, const cJSON *object)
{
    uint64_t level = take_number(profile, object, "namespaceLevel");

    if (!subject->checks || level < subject->level)
        subject->level = (uint32_t)level;
    subject->checks += take_number(profile, object, "checks");
    subject->root = (uint32_t)take_number(profile, object, "rootUid");
    subject->has_root |= take_truth(profile, object, "hasRoot");
    subject->sets_own |= take_truth(profile, object, "capset");
}

static void take_held(struct profile *profile, struct advise_subject *one, const cJSON *object)
{
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(object, "held"))) {
        one->circumstances.held_unknown = true;
        return;
    }
    one->subject.bounding |= take_set(profile, object, "held");
    one->circumstances.bounding |= one->subject.bounding;
}

static void take_circumstances(struct profile *profile, struct advise_subject *one,
                               const cJSON *object)
{
    one->circumstances.start_seen |= take_truth(profile, object, "startSeen");
    one->circumstances.is_filtered |= take_truth(profile, object, "seccomp");
    one->circumstances.is_read |= take_truth(profile, object, "fromRows");
    one->was_torn |= take_truth(profile, object, "checksLost");
    one->was_blind |= !take_truth(profile, object, "filesSeen");
    one->circumstances.unseen_programs += take_number(profile, object, "programsUnseen");
    take_held(profile, one, object);
    one->has_budget = !cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(object, "need"));
    if (one->has_budget)
        one->budget |= take_set(profile, object, "need");
    one->budget |= take_set(profile, object, "unreached");
}

static int take_parts(struct profile *profile, struct advise_subject *one, const cJSON *object)
{
    const cJSON *part;
    int r = 0;

    take_subject(profile, &one->subject, object);
    take_circumstances(profile, one, object);
    cJSON_ArrayForEach (part, take_array(profile, object, "files")) {
        const char *path = take_text(profile, part, "path");

        if (path)
            advise_subjects_file(one, path, take_set(profile, part, "permitted"));
    }
    cJSON_ArrayForEach (part, take_array(profile, object, "evidence")) {
        if (r >= 0)
            r = take_evidence(profile, &one->subject, part);
    }
    return r;
}

static struct container *make_container(struct profile *profile, const cJSON *object)
{
    const char *name = take_text(profile, object, "container"),
               *runtime = take_text(profile, object, "runtime"),
               *image = take_text(profile, object, "image");
    struct container *container;

    if (!name || !name[0] || !runtime) {
        profile->wrong = "container";
        return NULL;
    }
    container = container_new(record_runtime(runtime, strlen(runtime)), name);
    if (container && (container_set_text(&container->name, name) < 0 ||
                      container_set_text(&container->image, image) < 0))
        container_unref(&container);
    return container;
}

static int take_container(struct profile *profile, const cJSON *object)
{
    struct container *container = make_container(profile, object);
    struct advise_subject *one;

    if (!container)
        return profile->wrong ? 0 : -ENOMEM;
    one = advise_subjects_carry(profile->subjects, container);
    container_unref(&container);
    return one ? take_parts(profile, one, object) : -ENOMEM;
}

static int take_object(void *userdata, const struct json_lines *lines, const cJSON *object,
                       struct error *error)
{
    struct profile profile = { .subjects = userdata };
    struct value version = json_lines_value(cJSON_GetObjectItemCaseSensitive(object, "version"));
    int r;

    if (version.kind != VALUE_UNSIGNED)
        return json_lines_say(lines, "is no advice: it has no ", "version", error);
    if (version.number != ADVICE_JSON_VERSION)
        return error_set(error, -EBADMSG,
                         "line %zu of %s is an advice of version %llu, and this program knows "
                         "version %d: advise again",
                         lines->number, lines->path, (unsigned long long)version.number,
                         ADVICE_JSON_VERSION);
    r = take_container(&profile, object);
    if (r < 0)
        return error_set(error, r, "out of memory");
    return profile.wrong ? json_lines_say(lines, "is no advice: it has no, or a strange, ",
                                          profile.wrong, error)
                         : 0;
}

int advise_profile_read(const char *path, struct advise_subjects *subjects, struct error *error)
{
    struct json_lines lines = {
        .path = path,
        .writer = "advise capabilities -o json",
        .take = take_object,
        .userdata = subjects,
    };
    int r = json_lines_read(&lines, error);

    if (r >= 0 && !subjects->table.count)
        return error_set(error, -ENODATA, "%s is empty; advise capabilities -o json fills it",
                         path);
    return r;
}
