/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of the commands that trace: what to watch, how long, what to run, and by which way into
 * the kernel. */
#pragma once

#include "src/commands/option_common.h"

#define WATCH_BUFFER_SIZE_DEFAULT (UINT64_C(16) << 20)
#define WATCH_SPILL_SIZE_DEFAULT  (UINT64_C(128) << 20)
#define WATCH_SPILL_SIZE_MIN      (UINT64_C(1) << 20)

struct watch_options {
    struct option_list containers; /* names; one with '!' in front is left out */
    struct option_list selectors;  /* "KEY=VALUE", "KEY!=VALUE", "KEY": labels, all must match */
    struct option_list units;      /* of systemd, as if they were containers */
    bool until_exit;
    const char *user; /* NAME[:GROUP] of a COMMAND; NULL: whoever calls */
    bool as_root;
    const char *backend;  /* "auto", "fexit", "tracepoint", "kprobe"; never NULL after
                             watch_options_defaults() */
    uint64_t buffer_size; /* bytes */
    uint64_t spill_size;
    bool no_sandbox;
};

extern const char *const option_backends[];

void watch_options_defaults(struct watch_options *watch);

/* Rows for a command's table; `type` is its option structure, which has a `watch` in it. */
#define WATCH_ROW(type, member) \
    .offset = offsetof(type, watch) + offsetof(struct watch_options, member)

/* Of initialisers in macros each version of clang-format thinks otherwise. */
/* clang-format off */
#define SUBJECT_ROWS(type)                                                                        \
    { .letter = 'c',                                                                              \
      .name = "containername",                                                                    \
      .argument = "NAME,...",                                                                     \
      .kind = OPTION_LIST,                                                                        \
      WATCH_ROW(type, containers),                                                                \
      .help =                                                                                     \
          "Only containers of these names, or of these ids, of which 12 digits will do. '!NAME' " \
          "leaves one out: -c '!web' is all but web.",                                            \
      .section = "What to watch" },                                                               \
    { .name = "selector",                                                                         \
      .argument = "KEY=VALUE,...",                                                                \
      .kind = OPTION_LIST,                                                                        \
      WATCH_ROW(type, selectors),                                                                 \
      .help = "Only containers whose labels match all of these. KEY asks for the label with any " \
              "value, !KEY for none, KEY!=VALUE for another value or none." },                                   \
    { .name = "unit",                                                                             \
      .argument = "UNIT,...",                                                                     \
      .kind = OPTION_LIST,                                                                        \
      WATCH_ROW(type, units),                                                                     \
      .help =                                                                                     \
          "Units of systemd, as if they were containers: nginx or nginx.service. Alone it shows " \
          "only them; with -c or --selector, those containers too." }

#define UNTIL_EXIT_ROW(type)                                                                      \
    { .name = "until-exit",                                                                       \
      .kind = OPTION_FLAG,                                                                        \
      WATCH_ROW(type, until_exit),                                                                \
      .help = "Stop when the containers of -c or --selector, or the units of --unit, have ended: "\
              "all of those that were seen. One that is not there yet is waited for." }

#define COMMAND_ROWS(type)                                                                        \
    { .name = "user",                                                                             \
      .argument = "NAME[:GROUP]",                                                                 \
      .kind = OPTION_TEXT,                                                                        \
      WATCH_ROW(type, user),                                                                      \
      .help = "Run COMMAND as this user. By default as the one who has called sudo.",             \
      .section = "Running a command" },                                                           \
    { .name = "as-root",                                                                          \
      .kind = OPTION_FLAG,                                                                        \
      WATCH_ROW(type, as_root),                                                                   \
      .help = "Run COMMAND as root: then hardly anything is denied, and the question is what it " \
              "uses." }

#define KERNEL_ROWS(type)                                                                         \
    { .name = "backend",                                                                          \
      .argument = "NAME",                                                                         \
      .kind = OPTION_TEXT,                                                                        \
      WATCH_ROW(type, backend),                                                                   \
      .help =                                                                                     \
          "How to hook into the kernel. auto, the default, takes the best that this kernel has.", \
      .choices = option_backends,                                                                 \
      .section = "Kernel" },                                                                      \
    { .name = "buffer-size",                                                                      \
      .argument = "SIZE",                                                                         \
      .kind = OPTION_SIZE,                                                                        \
      WATCH_ROW(type, buffer_size),                                                               \
      .help = "Room for events on their way from the kernel: 64K, 16M. The default is 16M; take " \
              "more if events were lost." },                                                       \
    { .name = "spill-size",                                                                       \
      .argument = "SIZE",                                                                         \
      .kind = OPTION_SIZE,                                                                        \
      WATCH_ROW(type, spill_size),                                                                \
      .help = "The most memory for events that came faster than they can be written: 1M, 1G. "    \
              "It is taken when a storm comes and given back when it is over. The default is 128M, "\
              "for 8 million checks that are alike or 1 million that are not." },      \
    NO_SANDBOX_ROW(.offset = offsetof(type, watch) + offsetof(struct watch_options, no_sandbox))
/* clang-format on */
