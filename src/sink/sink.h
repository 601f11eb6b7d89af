/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where rows go. A sink turns objects of one field table into bytes of its format and appends them
 * to a struct output; it knows fields and values only, never a gadget.
 */
#pragma once

#include <systemd/sd-event.h>

#include "src/model/field.h"

struct error;
struct notice;
struct output;
struct record_loss;
struct sink;

/*
 * THE list of formats: enum sink_format, its driver, and its word for -o. Everything that names
 * formats is made from it. JSON is one object a line. The printed ones are for rows of any kind,
 * the journal is for those whose table has `tell`.
 */
#define SINK_PRINTED_FORMATS(format)                                                   \
    format(SINK_COLUMNS, sink_columns, "columns") format(SINK_JSON, sink_json, "json") \
        format(SINK_JSON_PRETTY, sink_json_pretty, "jsonpretty")                       \
            format(SINK_YAML, sink_yaml, "yaml")
#define SINK_FORMATS(format)     \
    SINK_PRINTED_FORMATS(format) \
    format(SINK_JOURNAL, sink_journal, "journal")

#define SINK_FORMAT_NUMBER(number, driver, word) number,
#define SINK_FORMAT_WORD(number, driver, word)   word,

enum sink_format { SINK_FORMATS(SINK_FORMAT_NUMBER) };

/* What -o takes, for the choices of an option: a word that ends in '=' has a list behind it. */
#define SINK_LIST_WORDS           "columns=", "custom-columns="
#define SINK_PRINTED_FORMAT_WORDS SINK_PRINTED_FORMATS(SINK_FORMAT_WORD) SINK_LIST_WORDS
#define SINK_FORMAT_WORDS         SINK_FORMATS(SINK_FORMAT_WORD) SINK_LIST_WORDS

#define SINK_JOURNAL_PATH_SIZE    108 /* of struct sockaddr_un */

/* What the journal needs. */
struct sink_journal_options {
    sd_event *event;                   /* borrowed */
    char path[SINK_JOURNAL_PATH_SIZE]; /* of journald's socket */
    bool wait;                         /* nobody need listen yet */
    int signal_fd; /* readable: wait no longer for journald at the end; -1: none */
    /* journald has gone, with the reason, or NULL: takes entries again. */
    void (*state)(void *userdata, const struct error *reason);
    void *userdata;
};

struct sink_options {
    enum sink_format format;
    const struct field_table *table;
    const struct field *const *fields; /* chosen with --fields; NULL: the default ones */
    size_t field_count;
    unsigned int width; /* of the terminal in columns; 0: not a terminal, nothing is cut */
    unsigned int aim;   /* how long lines should be at most where nothing is cut */
    bool follow;        /* the output is a terminal, which may be given another size */
    bool colour;
    bool header;                                /* columns: print the header row */
    bool array;                                 /* JSON: rows of a finite list, as one array */
    const struct sink_journal_options *journal; /* for SINK_JOURNAL; borrowed */
};

/* Where the journald of a namespace listens; NULL: the system's. 0, or -EINVAL with a sentence for
 * what cannot be a namespace's name. */
int sink_journal_path(const char *name, char path[static SINK_JOURNAL_PATH_SIZE],
                      struct error *error);

/*
 * Parses the argument of -o: a word of SINK_FORMAT_WORDS. *ret_fields borrows the list after '=',
 * NULL when there is none. 0, or -EINVAL with a sentence that lists the formats.
 */
int sink_format_parse(const char *text, enum sink_format *ret_format, const char **ret_fields,
                      struct error *error);

/*
 * Resolves a comma list of field names against a table into an owned array (free it), each
 * once. -EINVAL names the unknown field, and one that is nearly called so.
 */
int sink_fields_parse(const struct field_table *table, const char *list,
                      const struct field ***ret_fields, size_t *ret_count, struct error *error);

/* Borrows `output` and what `options` points to until sink_free. 0, or a negative errno with a
 * sentence: -EINVAL for what the user asked for. */
int sink_new(const struct sink_options *options, struct output *output, struct sink **ret_sink,
             struct error *error);
void sink_free(struct sink **sink);

/* Appends one row. Returns 0, or what the output answered (-EPIPE: the reader has gone). */
int sink_row(struct sink *sink, const void *object);

/* How many rows have been written, to their last byte; the journal counts what its entries stand
 * for. */
uint64_t sink_rows_written(const struct sink *sink);

/* Losses are data in JSON and YAML, {"type":"lost",...}; columns print nothing for them here (the
 * caller warns on standard error). */
int sink_loss(struct sink *sink, const struct record_loss *loss);

/* Only the journal has notices; others leave them to the caller. */
int sink_notice(struct sink *sink, const struct notice *notice);

/* Hands what is buffered to the descriptor; prints the header of columns if no row has, and with
 * `last` the end of an array. Call at the end of every batch and, with `last`, once at the end. */
int sink_flush(struct sink *sink, bool last);
