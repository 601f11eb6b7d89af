/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which library parses HTTP, and the little in which they differ: llhttp, or http-parser, which it
 * succeeds, on distributions that have nothing else (Debian 12). HAVE_LLHTTP is the Makefile's
 * word, as it also chooses what is linked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef HAVE_LLHTTP

#include <llhttp.h>

/* The library's names: the callbacks bear them, so they cannot be wrapped in a struct of ours. */
typedef llhttp_t http_library_parser;
typedef llhttp_settings_t http_library_settings;

static inline void http_library_init(http_library_parser *parser,
                                     const http_library_settings *settings)
{
    llhttp_init(parser, HTTP_RESPONSE, settings);
}

/* What on_message_complete returns, so that bytes behind an answer are not looked at. */
static inline int http_library_stop(http_library_parser *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

/* Returns whether these bytes are HTTP so far, and more may come; no bytes are the end of the
 * connection, which may be the end of an answer. */
static inline bool http_library_parse(http_library_parser *parser,
                                      const http_library_settings *settings, const char *bytes,
                                      size_t length)
{
    (void)settings;
    if (length)
        return llhttp_execute(parser, bytes, length) == HPE_OK;
    (void)llhttp_finish(parser);
    return false;
}

#else

#include <http_parser.h>

typedef http_parser http_library_parser;
typedef http_parser_settings http_library_settings;

static inline void http_library_init(http_library_parser *parser,
                                     const http_library_settings *settings)
{
    (void)settings;
    http_parser_init(parser, HTTP_RESPONSE);
}

static inline int http_library_stop(http_library_parser *parser)
{
    http_parser_pause(parser, 1);
    return 0;
}

static inline bool http_library_parse(http_library_parser *parser,
                                      const http_library_settings *settings, const char *bytes,
                                      size_t length)
{
    size_t used = http_parser_execute(parser, settings, bytes, length);

    return length && used == length && HTTP_PARSER_ERRNO(parser) == HPE_OK;
}

#endif
