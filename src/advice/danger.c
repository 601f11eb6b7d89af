/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/advice/danger.h"

#include <linux/capability.h>

#define SET_OF(name) (UINT64_C(1) << CAP_##name)

static const uint64_t small =
    SET_OF(CHOWN) | SET_OF(FOWNER) | SET_OF(FSETID) | SET_OF(KILL) | SET_OF(SETGID) |
    SET_OF(SETUID) | SET_OF(SETPCAP) | SET_OF(NET_BIND_SERVICE) | SET_OF(NET_BROADCAST) |
    SET_OF(SYS_CHROOT) | SET_OF(LEASE) | SET_OF(AUDIT_WRITE) | SET_OF(SETFCAP) |
    SET_OF(WAKE_ALARM) | SET_OF(BLOCK_SUSPEND) | SET_OF(IPC_LOCK) | SET_OF(DAC_OVERRIDE);

static const uint64_t medium =
    SET_OF(NET_RAW) | SET_OF(NET_ADMIN) | SET_OF(IPC_OWNER) | SET_OF(SYS_NICE) |
    SET_OF(SYS_RESOURCE) | SET_OF(SYS_PACCT) | SET_OF(SYS_TTY_CONFIG) | SET_OF(SYS_TIME) |
    SET_OF(MKNOD) | SET_OF(AUDIT_CONTROL) | SET_OF(AUDIT_READ) | SET_OF(SYSLOG) |
    SET_OF(LINUX_IMMUTABLE) | SET_OF(PERFMON) | SET_OF(CHECKPOINT_RESTORE);

enum danger danger_of(unsigned int capability)
{
    if (capability < 64 && small >> capability & 1)
        return DANGER_SMALL;
    return capability < 64 && medium >> capability & 1 ? DANGER_MEDIUM : DANGER_HIGH;
}

size_t danger_order(uint64_t set, unsigned int ret_order[static 64])
{
    size_t count = 0;

    for (int danger = DANGER_HIGH; danger >= DANGER_SMALL; danger--) {
        for (unsigned int i = 0; i < 64; i++) {
            if (set >> i & 1 && (int)danger_of(i) == danger)
                ret_order[count++] = i;
        }
    }
    return count;
}
