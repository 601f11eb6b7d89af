/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/trace/kernel_filter.h"

#include <errno.h>
#include <inttypes.h>

#include "src/model/capability.h"
#include "src/model/record.h"

/* Of a field that depends on one number alone every value is tried. */
static bool is_wanted(const struct filter *filter, const struct capability_event *event,
                      enum field_basis basis)
{
    const struct record record = { .event = event };

    return filter_holds(filter, &record, FILTER_BASIS(basis));
}

static bool wants_audit(const struct filter *filter, uint8_t audit)
{
    return is_wanted(filter, &(struct capability_event){ .audit = audit }, FIELD_OF_AUDIT);
}

static bool wants_verdict(const struct filter *filter, uint8_t denied)
{
    return is_wanted(filter, &(struct capability_event){ .denied = denied }, FIELD_OF_VERDICT);
}

static uint64_t wanted_capabilities(const struct filter *filter)
{
    uint64_t set = 0;

    for (unsigned int i = 0; i < CAPABILITY_MAX; i++) {
        const struct capability_event event = { .capability = (uint8_t)i };

        if (is_wanted(filter, &event, FIELD_OF_CAPABILITY))
            set |= UINT64_C(1) << i;
    }
    return set;
}

/* From the least to the greatest of several numbers. */
static void narrow_to_any(const struct filter_term *term, uint64_t *least, uint64_t *most)
{
    uint64_t first = UINT64_MAX, last = 0;

    for (size_t i = 0; i < term->operand_count; i++) {
        first = MIN(first, term->operands[i].number);
        last = MAX(last, term->operands[i].number);
    }
    *least = MAX(*least, first);
    *most = MIN(*most, last);
}

/* What is not one range is left to be decided here: all but one number, unless that is the first.
 */
static void narrow(const struct filter_term *term, struct tracer_range *range)
{
    uint64_t least = range->limited ? range->least : 0;
    uint64_t most = range->limited ? range->most : UINT32_MAX;
    uint64_t bound = term->operands[0].number;

    if (!*term->operands[0].text)
        return;
    switch (term->relation) {
    case FILTER_IS:
        narrow_to_any(term, &least, &most);
        break;
    case FILTER_MORE:
        least = MAX(least, bound == UINT64_MAX ? bound : bound + 1);
        break;
    case FILTER_AT_LEAST:
        least = MAX(least, bound);
        break;
    case FILTER_LESS:
        most = bound ? MIN(most, bound - 1) : 0;
        least = bound ? least : 1;
        break;
    case FILTER_AT_MOST:
        most = MIN(most, bound);
        break;
    default:
        least = MAX(least, (uint64_t)(bound == 0));
        break;
    }
    *range = (struct tracer_range){ .limited = true, .least = 1, .most = 0 };
    if (least <= most) {
        range->least = (uint32_t)least;
        range->most = (uint32_t)most;
    }
}

bool kernel_filter_decides(const struct filter_term *term)
{
    switch (term->field->basis) {
    case FIELD_OF_CONTAINER:
    case FIELD_OF_CAPABILITY:
    case FIELD_OF_VERDICT:
    case FIELD_OF_AUDIT:
        return true;
    case FIELD_OF_PID:
    case FIELD_OF_UID:
        if (!*term->operands[0].text)
            return false;
        if (term->relation == FILTER_IS_NOT)
            return term->operands[0].number == 0;
        return term->operand_count == 1;
    default:
        return false;
    }
}

static int check_pids(const struct filter_term *term, struct error *error)
{
    for (size_t i = 0; term->relation == FILTER_IS && i < term->operand_count; i++) {
        uint64_t pid = term->operands[i].number;

        if (*term->operands[i].text && (pid == 0 || pid > INT32_MAX))
            return error_set(error, -EINVAL, "pid %" PRIu64 " is not a process", pid);
    }
    return 0;
}

static int set_ranges(const struct filter *filter, struct tracer_options *options,
                      struct error *error)
{
    for (size_t i = 0; i < filter->count; i++) {
        const struct filter_term *term = &filter->terms[i];
        int r = 0;

        if (term->field->basis == FIELD_OF_PID) {
            r = check_pids(term, error);
            narrow(term, &options->pids);
        } else if (term->field->basis == FIELD_OF_UID) {
            narrow(term, &options->uids);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

int kernel_filter_set(const struct filter *filter, struct tracer_options *options,
                      struct error *error)
{
    options->capabilities = wanted_capabilities(filter);
    options->allowed = wants_verdict(filter, 0);
    options->denied = wants_verdict(filter, 1);
    options->silent = wants_audit(filter, 0);
    options->audited = wants_audit(filter, 1);
    if (options->audited_only && !options->audited && !wants_audit(filter, EVENT_UNKNOWN))
        return error_set(error, -EINVAL,
                         "only silent probes are asked for, which need --audit-only=false");
    return set_ranges(filter, options, error);
}
