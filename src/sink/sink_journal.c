/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: an entry for the first of each kind of check, which waits a second for its repeats.
 * Nothing here ever waits for journald before the end.
 */
#include <errno.h>

#include "src/base/clock.h"
#include "src/base/error.h"
#include "src/base/loop.h"
#include "src/model/loss.h"
#include "src/model/notice.h"
#include "src/sink/journal_entry.h"
#include "src/sink/journal_repeat.h"
#include "src/sink/journal_socket.h"
#include "src/sink/sink_private.h"

#define WINDOW_NS     (UINT64_C(1000) * 1000 * 1000)
#define WINDOW_USEC   (WINDOW_NS / 1000)
#define NSEC_PER_USEC 1000
#define NAMESPACE_MAX 64

struct journal {
    struct journal_socket *socket; /* owned */
    struct repeats repeats;
    struct text key, row;    /* owned; their room is used again */
    sd_event_source *timer;  /* owned; NULL: nothing waits for it */
    struct record_loss loss; /* of the tracer, not yet an entry; count 0: none */
    uint64_t unmade;         /* checks for whose entries there was no memory */
    uint64_t unwritten_said; /* checks whose loss is an entry */
};

static struct journal *journal_of(const struct sink *sink)
{
    return sink->state;
}

/* -------- entries -------- */

static void add_time(struct text *entry, const char *name, uint64_t time_ns)
{
    struct text time = { 0 };

    text_add_time(&time, time_ns);
    if (!time.failed)
        journal_add_bytes(entry, name, time.data, time.length);
    text_clear(&time);
}

/* All but the sentence and the count, which an entry gets when it goes out. */
static void make_entry(const struct sink *sink, enum sink_kind kind, const void *object,
                       struct text *entry, struct text *message)
{
    const struct sink_layout *layout = &sink->layouts[kind];
    const struct journal_kind_row *row = &journal_kinds[layout->table->tell(object, message)];

    journal_add_string(entry, "MESSAGE_ID", row->message_id);
    journal_add_unsigned(entry, "PRIORITY", row->priority);
    journal_add_string(entry, "SYSLOG_IDENTIFIER", JOURNAL_IDENTIFIER);
    journal_add_string(entry, "DOCUMENTATION", JOURNAL_DOCUMENTATION);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *field = layout->fields[i];
        struct value value;

        if (journal_has_field(field->journal))
            continue;
        value = field->get(object);
        journal_add_value(entry, field->journal, &value);
        if (strcmp(field->journal, JOURNAL_TIME) == 0)
            add_time(entry, "SYSLOG_TIMESTAMP", value.number);
    }
}

/* An entry that was made, and of how many checks it is. */
struct made {
    const struct text *entry, *message;
    uint64_t count;  /* 0: of none in particular */
    uint64_t checks; /* that are shown by it */
    bool varied;
};

static void send_made(struct sink *sink, const struct made *made)
{
    struct journal *journal = journal_of(sink);
    struct text *row = &journal->row;

    row->length = 0;
    row->failed = made->entry->failed || made->message->failed;
    text_add(row, made->entry->data, made->entry->length);
    text_add_string(row, "MESSAGE=");
    text_add(row, made->message->data, made->message->length);
    if (made->checks > 1) {
        text_add_string(row, ", ");
        text_add_unsigned(row, made->checks);
        text_add_string(row, made->varied ? " times with others" : " times");
    }
    text_add_char(row, '\n');
    if (made->count)
        journal_add_unsigned(row, "COUNT", made->count);
    if (made->varied)
        journal_add_unsigned(row, "VARIED", 1);
    if (row->failed)
        journal->unmade += made->checks;
    else
        journal_socket_send(journal->socket, row->data, row->length, made->checks);
}

/* -------- losses -------- */

static uint64_t unwritten(const struct journal *journal)
{
    return journal->unmade + journal_socket_dropped(journal->socket);
}

static void send_loss(struct sink *sink, struct record_loss *loss)
{
    struct text entry = { 0 }, message = { 0 };

    loss->total += unwritten(journal_of(sink));
    loss->totals[LOSS_UNWRITTEN] += unwritten(journal_of(sink));
    make_entry(sink, SINK_LOSSES, loss, &entry, &message);
    send_made(sink, &(struct made){ .entry = &entry, .message = &message, .count = loss->count });
    text_clear(&entry);
    text_clear(&message);
}

/* What was lost, by the tracer or by ourselves; while others wait, it is still being added up, so
 * that it finds room in any case. */
static void say_losses(struct sink *sink)
{
    struct journal *journal = journal_of(sink);
    struct record_loss loss = journal->loss;
    uint64_t news = unwritten(journal) - journal->unwritten_said;

    if (loss.count && journal_socket_is_clear(journal->socket)) {
        journal->loss.count = 0;
        send_loss(sink, &loss);
    }
    if (news && journal_socket_is_clear(journal->socket)) {
        journal->unwritten_said += news;
        loss.time_ns = clock_ns(CLOCK_REALTIME);
        loss.since_ns = 0;
        loss.count = news;
        loss.total = journal->loss.total;
        loss.reason = loss_name(LOSS_UNWRITTEN);
        memcpy(loss.totals, journal->loss.totals, sizeof(loss.totals));
        send_loss(sink, &loss);
    }
}

static void add_loss(struct sink *sink, const struct record_loss *news)
{
    struct record_loss *loss = &journal_of(sink)->loss;
    uint64_t count = loss->count, since_ns = loss->since_ns;

    *loss = *news;
    if (!count)
        return;
    loss->count += count;
    loss->since_ns = since_ns;
}

/* -------- repeats -------- */

static void let_go(struct sink *sink, struct repeat *repeat)
{
    send_made(sink, &(struct made){ .entry = &repeat->entry,
                                    .message = &repeat->message,
                                    .count = repeat->checks,
                                    .checks = repeat->checks,
                                    .varied = repeat->others });
    repeats_drop(&journal_of(sink)->repeats, repeat);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata);

static void arm_timer(struct sink *sink, uint64_t usec)
{
    struct journal *journal = journal_of(sink);

    if (!journal->timer)
        (void)loop_timer(sink->options.journal->event, usec, "journal-repeats", on_timer, sink,
                         &journal->timer);
}

static int on_timer(UNUSED sd_event_source *source, UNUSED uint64_t usec, void *userdata)
{
    struct sink *sink = userdata;
    struct journal *journal = journal_of(sink);
    uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    struct repeat *oldest;

    journal->timer = sd_event_source_unref(journal->timer);
    while ((oldest = repeats_first(&journal->repeats)) && oldest->deadline_ns <= now_ns)
        let_go(sink, oldest);
    say_losses(sink);
    if (oldest)
        arm_timer(sink, (oldest->deadline_ns - now_ns) / NSEC_PER_USEC + 1);
    else if (journal->loss.count)
        arm_timer(sink, WINDOW_USEC);
    return 0;
}

/* No two values are the same text, and none has a NUL: the table's keys end in one. */
static void add_key_value(struct text *key, const struct value *value)
{
    if (value->kind == VALUE_TEXT) {
        text_add_unsigned(key, value->length);
        text_add_char(key, ':');
        text_add(key, value->text, strnlen(value->text, value->length));
    } else if (value->kind == VALUE_UNSIGNED) {
        text_add_unsigned(key, value->number);
    }
    text_add_char(key, ',');
}

static void add_key_part(struct sink *sink, enum field_key part, const void *object)
{
    const struct field_table *table = sink->layouts[SINK_ROWS].table;

    for (size_t i = 0; i < table->count; i++) {
        struct value value;

        if (table->fields[i].key != part)
            continue;
        value = table->fields[i].get(object);
        add_key_value(&journal_of(sink)->key, &value);
    }
}

static struct repeat_key make_key(struct sink *sink, const void *object)
{
    struct text *key = &journal_of(sink)->key;
    size_t first_length;

    key->length = 0;
    key->failed = false;
    add_key_part(sink, FIELD_KEY, object);
    first_length = key->length;
    add_key_part(sink, FIELD_FINE_KEY, object);
    return (struct repeat_key){ key->data, key->length, first_length };
}

static void add_check(struct sink *sink, const void *object)
{
    struct journal *journal = journal_of(sink);
    struct repeat_key key = make_key(sink, object);
    struct repeat *repeat = journal->key.failed ? NULL : repeats_find(&journal->repeats, &key);
    struct text entry = { 0 }, message = { 0 };

    if (repeat) {
        repeat->checks++;
        return;
    }
    while (repeats_are_full(&journal->repeats))
        let_go(sink, repeats_first(&journal->repeats));
    make_entry(sink, SINK_ROWS, object, &entry, &message);
    if (entry.failed || message.failed || journal->key.failed ||
        repeats_add(&journal->repeats, &key, clock_ns(CLOCK_MONOTONIC) + WINDOW_NS, &entry,
                    &message) < 0)
        send_made(sink,
                  &(struct made){ .entry = &entry, .message = &message, .count = 1, .checks = 1 });
    text_clear(&entry);
    text_clear(&message);
}

static void journal_row(struct sink *sink, enum sink_kind kind, const void *object)
{
    struct text entry = { 0 }, message = { 0 };

    if (kind == SINK_NOTICES) {
        make_entry(sink, kind, object, &entry, &message);
        send_made(sink, &(struct made){ .entry = &entry, .message = &message });
        text_clear(&entry);
        text_clear(&message);
        return;
    }
    if (kind == SINK_LOSSES)
        add_loss(sink, object);
    else
        add_check(sink, object);
    arm_timer(sink, WINDOW_USEC);
}

/* -------- opening and closing -------- */

static void on_state(void *userdata, const struct error *reason)
{
    const struct sink_journal_options *options = ((struct sink *)userdata)->options.journal;

    options->state(options->userdata, reason);
}

static void on_clear(void *userdata)
{
    say_losses(userdata);
}

static int journal_open(struct sink *sink, struct error *error)
{
    const struct sink_journal_options *options = sink->options.journal;
    const struct journal_socket_listener listener = {
        .state = on_state,
        .clear = on_clear,
        .userdata = sink,
    };

    repeats_init(&journal_of(sink)->repeats);
    return journal_socket_open(options->event, options->path, options->wait, &listener,
                               &journal_of(sink)->socket, error);
}

/* As systemd's: a directory's name behind "journal.". */
static int check_namespace(const char *name, struct error *error)
{
    size_t good =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

    if (!name[0])
        return error_set(error, -EINVAL, "--journal-namespace needs a name");
    if (name[good])
        return error_set(error, -EINVAL,
                         "--journal-namespace '%s': character %zu cannot be in a name of a "
                         "namespace: use letters, digits, '-', '_', '.' and ':'",
                         name, good + 1);
    if (good > NAMESPACE_MAX || name[0] == '.')
        return error_set(error, -EINVAL,
                         "--journal-namespace '%s': a name begins with no '.' and has %d "
                         "characters at most",
                         name, NAMESPACE_MAX);
    return 0;
}

int sink_journal_path(const char *name, char path[static SINK_JOURNAL_PATH_SIZE],
                      struct error *error)
{
    int r = name ? check_namespace(name, error) : 0;

    if (r >= 0)
        (void)snprintf(path, SINK_JOURNAL_PATH_SIZE, "/run/systemd/journal%s%s/socket",
                       name ? "." : "", name ? name : "");
    return r;
}

static void journal_close(struct sink *sink)
{
    struct journal *journal = journal_of(sink);

    sd_event_source_disable_unref(journal->timer);
    repeats_clear(&journal->repeats);
    journal_socket_free(&journal->socket);
    text_clear(&journal->key);
    text_clear(&journal->row);
}

static void journal_flush(struct sink *sink, bool last)
{
    struct journal *journal = journal_of(sink);
    struct repeat *oldest;

    if (!last)
        return;
    while ((oldest = repeats_first(&journal->repeats)))
        let_go(sink, oldest);
    journal_socket_finish(journal->socket, sink->options.journal->signal_fd);
}

static uint64_t journal_written(const struct sink *sink)
{
    return journal_socket_taken(journal_of(sink)->socket);
}

const struct sink_driver sink_journal = {
    .state_size = sizeof(struct journal),
    .open = journal_open,
    .close = journal_close,
    .row = journal_row,
    .flush = journal_flush,
    .written = journal_written,
    .notices = true,
};
