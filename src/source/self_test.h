/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known checks made by our own process, and the comparison with what the tracer saw of them: a
 * wrong number, verdict or audit bit is found before anything is shown. Harmless: asks for a host
 * name of negative length, once without and once with the capability, and maps a page.
 */
#pragma once

#include "bpf/event.h"
#include "src/base/error.h"

enum self_test_step {
    SELF_TEST_DENIED = 0, /* sethostname without CAP_SYS_ADMIN: denied, audited */
    SELF_TEST_ALLOWED,    /* sethostname with it: allowed, audited */
    SELF_TEST_SILENT,     /* a memory mapping: CAP_SYS_ADMIN, not to be audited */
    SELF_TEST_STEPS,
};

struct self_test {
    uint64_t effective; /* our set, as it is outside the denied step */
    bool can_allow;     /* we have CAP_SYS_ADMIN, so the allowed step means something */
    struct capability_event seen[SELF_TEST_STEPS];
    unsigned int count[SELF_TEST_STEPS];
};

/* Makes the checks; for the denied one the effective set of this thread is empty for one system
 * call. 0 or a negative errno. */
int self_test_provoke(struct self_test *test, struct error *error);

/* Takes note of an event that bears EVENT_SELF_TEST; others of our process are left aside. */
void self_test_observe(struct self_test *test, const struct capability_event *event);

/*
 * 0; -EBADMSG with a sentence that says what was expected and what came; -EAGAIN when the callers
 * of the checks could not be told just now. With `with_options`, *ret_noaudit is the bit that
 * distinguished the silent check from the audited one (0: none did, or it is not given).
 */
int self_test_judge(const struct self_test *test, bool with_options, bool with_audit,
                    uint32_t *ret_noaudit, struct error *error);
