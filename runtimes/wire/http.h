/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP/1.1 GET over a unix socket, on the event loop. One connection a request: connecting costs
 * 50 us, and a stuck answer then holds up nobody else. Parsing is a library's.
 */
#pragma once

#include <sys/types.h>

#include <systemd/sd-event.h>

#include "src/base/error.h"

/* A list of 10,000 containers with labels is some 20 MB; what is larger is refused. */
#define HTTP_BODY_MAX   (32U << 20)
#define HTTP_HEADER_MAX (64U << 10)
#define HTTP_LINE_MAX   (1U << 20) /* one event of a stream */

struct http_request;

struct http_response {
    unsigned int status;
    const char *api_version; /* header Api-Version, NULL if there was none */
    uid_t server_uid;        /* who serves the socket */
    const char *body;        /* not NUL-terminated; empty for streams */
    size_t length;
};

struct http_handler {
    /* A line of a stream, without its end. NULL: the answer is wanted as a whole. */
    void (*line)(void *userdata, const char *line, size_t length);
    /* A stream has begun: its headers are there. May be NULL. */
    void (*started)(void *userdata, const struct http_response *response);
    /* The end, exactly once: the whole answer, or `error`. The caller frees the request, from
     * inside this call if it likes; not from inside the other two. */
    void (*done)(void *userdata, const struct http_response *response, const struct error *error);
    void *userdata;
};

/*
 * Sends GET `target` (begins with '/'). `deadline_usec` from now for the whole answer, or until a
 * stream has begun; then that may last. `handler` is copied. 0, or a negative errno with a
 * sentence: then no callback comes.
 */
int http_get(sd_event *event, const char *socket_path, const char *target, uint64_t deadline_usec,
             const struct http_handler *handler, struct http_request **ret_request,
             struct error *error);

/* Also ends a request that is under way; no callback comes after this. */
void http_free(struct http_request **request);

/* Appends `text`, percent-encoded for a query, to `buffer`; false when it does not fit. */
bool http_encode(char *buffer, size_t size, const char *text);
