/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options that several commands have, in one place: the same names, defaults and explanations. */
#pragma once

#include "src/cli/option.h"

struct common_options {
    bool help;
    bool verbose;
    const char
        *output; /* -o, for sink_format_parse(); never NULL after common_options_defaults() */
    struct option_list fields;   /* lists for sink_fields_parse() */
    const char *colour;          /* never NULL after common_options_defaults() */
    uint64_t timeout_usec;       /* 0: none */
    struct option_list runtimes; /* names as in struct runtime_driver; empty: all that are there */
    const char *docker_socket;   /* NULL: not given */
    const char *containerd_socket;
    const char *crio_socket;
    const char *podman_socket;
};

extern const char *const option_formats[]; /* for rows of any kind */
extern const char *const option_colours[];
extern const char *const option_runtimes[];

void common_options_defaults(struct common_options *common);

/* The engines whose sockets have an option. */
#define OPTION_SOCKETS 4
extern const struct option_socket {
    const char *runtime; /* "cri-o" */
    size_t offset;       /* in struct common_options */
} option_sockets[OPTION_SOCKETS];

/* The path given for one of them; NULL: none was given. Borrowed from argv. */
const char *common_options_socket(const struct common_options *common,
                                  const struct option_socket *socket);

/* Rows for a command's table; `type` is its option structure, which has a `common` in it. */
#define COMMON_ROW(type, member) \
    .offset = offsetof(type, common) + offsetof(struct common_options, member)

/* Of initialisers in macros each version of clang-format thinks otherwise. */
/* clang-format off */
#define FIELDS_ROW(type)                                                                          \
    {                                                                                             \
        .name = "fields", .argument = "FIELD,...", .kind = OPTION_REPEATED, COMMON_ROW(type, fields), \
        .help = "Only these fields, in this order. All of them are listed below."                 \
    }

#define COLOUR_ROW(type)                                                                           \
    {                                                                                              \
        .name = "color", .argument = "WHEN", .kind = OPTION_TEXT, COMMON_ROW(type, colour),        \
        .help = "Colour in columns. auto, the default, is colour on a terminal, unless NO_COLOR is "   \
                "set.",                                                                            \
        .choices = option_colours                                                                  \
    }

#define OUTPUT_ROWS(type, formats)                                                                          \
    { .letter = 'o',                                                                               \
      .name = "output",                                                                            \
      .argument = "FORMAT",                                                                        \
      .kind = OPTION_TEXT,                                                                         \
      COMMON_ROW(type, output),                                                                    \
      .help = "How rows are printed. columns=LIST picks and orders the columns as --fields does.", \
      .choices = formats,                                                                   \
      .section = "Output" },                                                                       \
        FIELDS_ROW(type), COLOUR_ROW(type)

#define TIMEOUT_ROW(type)                                                                        \
    {                                                                                            \
        .letter = 't', .name = "timeout", .argument = "TIME", .kind = OPTION_DURATION,           \
        COMMON_ROW(type, timeout_usec),                                                          \
        .help =                                                                                  \
            "Stop after this time: 10 (seconds), 1.5s, 500ms, 2m. 0, the default, is no limit.", \
        .section = "When to stop"                                                                \
    }

#define SOCKET_ROW(type, option, member, text)                                             \
    {                                                                                      \
        .name = option, .argument = "PATH", .kind = OPTION_TEXT, COMMON_ROW(type, member), \
        .help = text                                                                       \
    }

#define ENGINE_ROWS(type)                                                                         \
    { .letter = 'r',                                                                              \
      .name = "runtimes",                                                                         \
      .argument = "NAME,...",                                                                     \
      .kind = OPTION_LIST,                                                                        \
      COMMON_ROW(type, runtimes),                                                                 \
      .help = "Ask only these engines for names: one that is named alone must be there, of "      \
              "several at least one. By default all that are there are asked.",                   \
      .choices = option_runtimes,                                                                 \
      .section = "Engines" },                                                                     \
        SOCKET_ROW(                                                                               \
            type, "docker-socketpath", docker_socket,                                             \
            "Socket of Docker, which has to be there. By default DOCKER_HOST if it is set, else " \
            "the usual places."),                                                                 \
        SOCKET_ROW(                                                                               \
            type, "containerd-socketpath", containerd_socket,                                     \
            "Socket of containerd, likewise. By default CONTAINERD_ADDRESS if it is set, else "   \
            "the usual places."),                                                                 \
        SOCKET_ROW(                                                                               \
            type, "crio-socketpath", crio_socket,                                                 \
            "Socket of CRI-O, likewise. By default CONTAINER_RUNTIME_ENDPOINT if it is set, "     \
            "else the usual places."),                                                            \
        SOCKET_ROW(                                                                               \
            type, "podman-socketpath", podman_socket,                                             \
            "Socket of podman's service, likewise. It is not needed for names; it tells labels.")

#define NO_SANDBOX_ROW(where)                                                                     \
    { .name = "no-sandbox",                                                                       \
      .kind = OPTION_FLAG,                                                                        \
      where,                                                                                      \
      .help = "Keep all capabilities and system calls once tracing has begun, so that a debugger " \
              "and a dump of core work. By default what is not needed any more is laid down." }

#define GENERAL_ROWS(type)                                                          \
    { .letter = 'v',                                                                \
      .name = "verbose",                                                            \
      .kind = OPTION_FLAG,                                                          \
      COMMON_ROW(type, verbose),                                                    \
      .help = "Say on standard error what is done and found.",                      \
      .section = "General" },                                                       \
    {                                                                               \
        .letter = 'h', .name = "help", .kind = OPTION_FLAG, COMMON_ROW(type, help), \
        .help = "Print this help."                                                  \
    }
/* clang-format on */
