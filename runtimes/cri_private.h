/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two halves of CRI's driver: lists (cri.c), and the questions about single containers
 * (cri_query.c). */
#pragma once

#include <sys/queue.h>

#include "runtimes/cri_parse.h"
#include "runtimes/runtime_driver.h"
#include "runtimes/wire/grpc.h"
#include "runtimes/wire/http.h"

#define CRI_ANSWER_USEC UINT64_C(5000000)

/* One version of CRI; the messages are the same. */
struct cri_version {
    const char *version, *sandboxes, *containers, *sandbox_status, *container_status;
};

/* One container that is asked about. */
struct query {
    TAILQ_ENTRY(query) entry;
    struct cri *cri;
    char *id;                     /* owned */
    struct http_request *request; /* owned */
    struct container *container;
    struct container *listed; /* as the list has it; NULL: somebody waits for an answer */
};

struct cri {
    struct runtime *runtime; /* borrowed */
    struct grpc *grpc;
    const struct cri_version *version;
    sd_event_source *timer;
    struct container_list sandboxes;
    struct container_list known;    /* by the last list: sandboxes and containers */
    struct container_list previous; /* by the one before */
    size_t next;                    /* of `known`, to be asked about */
    size_t asking;                  /* of those */
    bool listing;
    bool foreign; /* another engine's than the driver is for */
    TAILQ_HEAD(, query) queries;
};

/* The connection is of no use: `what` was done, this went wrong. */
void cri_go_down(struct cri *cri, const char *what, const struct error *error);
void cri_go_down_by(struct cri *cri, const char *what, int r);

/* Whether the driver is CRI-O's, not CRI's in general. */
bool cri_is_crio(const struct cri *cri);

void cri_report(const struct cri *cri, struct container *container);

/* Asks about one of the list, for what the list leaves out: it is reported then, as the list has it
 * if there is no answer, and cri_answered() comes. 0 or a negative errno. */
int cri_query(struct cri *cri, struct container *listed);
void cri_answered(struct cri *cri);
int cri_lookup(void *connection, const char *id);
void cri_queries_clear(struct cri *cri);
