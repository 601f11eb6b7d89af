/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Into the ring buffer, with a wake-up only when the reader needs one. */
#pragma once

#include "bpf/maps.h"

static __always_inline __u64 wake_flag(void)
{
    __u32 state = *(volatile __u32 *)&reader_state;

    if (state == READER_BUSY)
        return BPF_RB_NO_WAKEUP;
    if (state == READER_TIMER && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < wake_fill)
        return BPF_RB_NO_WAKEUP;
    reader_state = READER_BUSY; /* one wake-up is enough */
    return BPF_RB_FORCE_WAKEUP;
}
