/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries that `trace capabilities -o journal` has written, of this host or of a directory to which
 * systemd-journal-remote brings those of others. */
#include "src/commands/advise_replay.h"

#include <errno.h>
#include <systemd/sd-journal.h>

#include "src/base/clock.h"
#include "src/cli/option_value.h"
#include "src/model/record_read.h"

#define VALUE_MAX_BYTES 4096 /* of a field that is looked at */
#define FIELDS_MAX      64

/* A field of the journal, and what one entry has in it. */
struct column {
    const char *name;
    size_t length;
    const struct field *field; /* NULL: one of `own` */
    size_t at, size;           /* in the entry's text; SIZE_MAX: it has none */
};

struct journal_reader {
    struct replay *replay;
    sd_journal *journal;
    struct column columns[FIELDS_MAX]; /* by name */
    size_t count;
    struct text text; /* owned; values of the entry */
    uint64_t until_usec;
};

static const char *const own[] = { "MESSAGE_ID", "COUNT" };

/* -------- columns -------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct column *)a)->name, ((const struct column *)b)->name);
}

static void add_column(struct journal_reader *reader, const char *name, const struct field *field)
{
    if (reader->count < FIELDS_MAX)
        reader->columns[reader->count++] =
            (struct column){ .name = name, .length = strlen(name), .field = field };
}

static void make_columns(struct journal_reader *reader)
{
    for (size_t i = 0; i < record_fields.count; i++) {
        const struct field *field = &record_fields.fields[i];

        if (field->kind != VALUE_LABELS && field->kind != VALUE_STACK &&
            !journal_has_field(field->journal))
            add_column(reader, field->journal, field);
    }
    for (size_t i = 0; i < ARRAY_SIZE(own); i++)
        add_column(reader, own[i], NULL);
    qsort(reader->columns, reader->count, sizeof(reader->columns[0]), by_name);
}

static struct column *find(struct journal_reader *reader, const char *name, size_t length)
{
    size_t low = 0, high = reader->count;

    while (low < high) {
        struct column *column = &reader->columns[(low + high) / 2];
        int order = strncmp(name, column->name, length);

        if (order == 0 && column->length == length)
            return column;
        if (order > 0)
            low = (low + high) / 2 + 1;
        else
            high = (low + high) / 2;
    }
    return NULL;
}

static bool get(void *userdata, const struct field *field, struct value *ret_value)
{
    struct journal_reader *reader = userdata;
    const struct column *column = find(reader, field->journal, strlen(field->journal));

    if (column && column->at != SIZE_MAX)
        *ret_value = value_characters(reader->text.data + column->at, column->size);
    return true; /* what is not known, an entry does not have */
}

static bool is_there(struct journal_reader *reader, const char *name, struct value *ret_value)
{
    const struct column *column = find(reader, name, strlen(name));

    if (!column || column->at == SIZE_MAX)
        return false;
    *ret_value = value_characters(reader->text.data + column->at, column->size);
    return true;
}

/* -------- entries -------- */

static void take_datum(struct journal_reader *reader, const char *datum, size_t size)
{
    const char *equals = memchr(datum, '=', size);
    struct column *column = equals ? find(reader, datum, (size_t)(equals - datum)) : NULL;

    if (!column || size - column->length - 1 > VALUE_MAX_BYTES)
        return;
    column->at = reader->text.length;
    column->size = size - column->length - 1;
    text_add(&reader->text, equals + 1, column->size);
}

static int load(struct journal_reader *reader)
{
    const void *datum;
    size_t size;
    int r;

    reader->text.length = 0;
    for (size_t i = 0; i < reader->count; i++)
        reader->columns[i].at = SIZE_MAX;
    sd_journal_restart_data(reader->journal);
    while ((r = sd_journal_enumerate_available_data(reader->journal, &datum, &size)) > 0)
        take_datum(reader, datum, size);
    return reader->text.failed ? -ENOMEM : r;
}

static uint64_t count_of(struct journal_reader *reader)
{
    struct value value;
    char text[24];
    uint64_t count;

    if (!is_there(reader, "COUNT", &value) || value.length >= sizeof(text))
        return 1;
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    return option_value_unsigned(text, &count) < 0 || !count ? 1 : count;
}

/* What is added up within a second is of several threads: those that do the same are one. */
static uint32_t thread_of(const struct capability_event *event)
{
    uint32_t hash = 2166136261U ^ (uint32_t)event->syscall; /* FNV-1a */

    for (size_t i = 0; i < strnlen(event->comm, EVENT_COMM_SIZE); i++)
        hash = (hash ^ (uint8_t)event->comm[i]) * 16777619U;
    return hash;
}

static void take_entry(struct journal_reader *reader)
{
    const struct record_source source = { .get = get, .userdata = reader };
    const struct field *field;
    struct record_copy copy;
    struct value id;

    if (!is_there(reader, "MESSAGE_ID", &id))
        return;
    if (id.length == strlen(journal_kinds[JOURNAL_LOST].message_id) &&
        memcmp(id.text, journal_kinds[JOURNAL_LOST].message_id, id.length) == 0) {
        reader->replay->lost += count_of(reader);
        return;
    }
    if (record_read(&source, &copy, &field) < 0) {
        reader->replay->lost += count_of(reader); /* of another version */
        return;
    }
    copy.event.tid = thread_of(&copy.event);
    replay_add(reader->replay, &copy, count_of(reader));
    record_copy_clear(&copy);
}

/* -------- the journal -------- */

static int choose(sd_journal *journal)
{
    static const enum journal_kind kinds[] = { JOURNAL_DENIED, JOURNAL_ALLOWED, JOURNAL_LOST };
    int r = 0;

    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kinds); i++) {
        char match[64];

        (void)snprintf(match, sizeof(match), "MESSAGE_ID=%s", journal_kinds[kinds[i]].message_id);
        r = sd_journal_add_match(journal, match, 0);
    }
    /* Whoever has an account can write such entries; what has this field, journald itself says. */
    return r < 0 ? r : sd_journal_add_match(journal, "_UID=0", 0);
}

static int seek(struct journal_reader *reader)
{
    const struct advise_options *options = reader->replay->options;
    uint64_t now_usec = clock_ns(CLOCK_REALTIME) / 1000, usec;

    reader->until_usec = UINT64_MAX;
    if (options->until)
        (void)option_value_moment(options->until, now_usec, &reader->until_usec);
    if (options->since && option_value_moment(options->since, now_usec, &usec) >= 0)
        return sd_journal_seek_realtime_usec(reader->journal, usec);
    return sd_journal_seek_head(reader->journal);
}

static bool is_late(struct journal_reader *reader)
{
    uint64_t usec;

    return reader->until_usec != UINT64_MAX &&
           sd_journal_get_realtime_usec(reader->journal, &usec) >= 0 && usec > reader->until_usec;
}

static int read_all(struct journal_reader *reader)
{
    int r = choose(reader->journal);

    if (r >= 0)
        r = seek(reader);
    while (r >= 0 && (r = sd_journal_next(reader->journal)) > 0 && !is_late(reader)) {
        r = load(reader);
        if (r == -ENOMEM)
            return r;
        if (r >= 0)
            take_entry(reader);
        else
            reader->replay->lost++; /* it cannot be read */
        r = 0;
    }
    return r;
}

static int open_journal(const struct advise_options *options, sd_journal **ret_journal)
{
    const int flags = SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM;

    if (options->directory)
        return sd_journal_open_directory(ret_journal, options->directory, 0);
    return options->journal_namespace
               ? sd_journal_open_namespace(ret_journal, options->journal_namespace, flags)
               : sd_journal_open(ret_journal, flags);
}

int replay_journal(struct replay *replay, struct error *error)
{
    const char *directory = replay->options->directory;
    struct journal_reader reader = { .replay = replay };
    int r = open_journal(replay->options, &reader.journal);

    if (r < 0)
        return error_set(error, r == -EINVAL ? -EBADMSG : r, "cannot open %s: %s",
                         directory ? directory : "the journal", strerror(-r));
    make_columns(&reader);
    (void)sd_journal_set_data_threshold(reader.journal, VALUE_MAX_BYTES);
    r = read_all(&reader);
    sd_journal_close(reader.journal);
    text_clear(&reader.text);
    return r < 0 ? error_set(error, r == -EINVAL ? -EBADMSG : r, "cannot read the journal: %s",
                             strerror(-r))
                 : 0;
}
