/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One check: what was asked for, of whose credentials, in which user namespace. `read` is ___arrow
 * for arguments that are BTF pointers, BPF_CORE_READ for others: of which the newest clang warns
 * when what is read from is const.
 */
#pragma once

#include "bpf/task.h"

#define USERNS_LEVELS 33 /* kernel/user_namespace.c: none is deeper */

struct check {
    __u64 effective;
    __u64 permitted;
    __u64 bounding;
    __u32 euid;
    __u32 current_userns;
    __u32 target_userns;
    __u16 current_level;
    __u16 target_level;
    __u32 capability;
    __u32 options;
    __s32 syscall;
    __u8 denied;
    __u8 audit;
    __u8 insetid;
};

#define READ_CREDENTIALS(check, cred, target, read)                     \
    ({                                                                  \
        struct user_namespace *own_ = read(cred, user_ns);              \
        (check)->effective = CAPABILITY_SET(cred, cap_effective, read); \
        (check)->permitted = CAPABILITY_SET(cred, cap_permitted, read); \
        (check)->bounding = CAPABILITY_SET(cred, cap_bset, read);       \
        (check)->euid = read(cred, euid.val);                           \
        (check)->current_userns = read(own_, ns.inum);                  \
        (check)->current_level = (__u16)read(own_, level);              \
        (check)->target_userns = read(target, ns.inum);                 \
        (check)->target_level = (__u16)read(target, level);             \
    })

/* Whether a denial was one whatever the sets are: the way up from the target, to the level of the
 * checked credentials' namespace, does not end at that. */
#define OUT_OF_REACH(check, target, read)                                                    \
    ({                                                                                       \
        int out_ = 0;                                                                        \
        if ((check)->denied && (check)->target_userns != (check)->current_userns) {          \
            struct user_namespace *at_ = (void *)(target);                                   \
            _Pragma("clang loop unroll(disable)") for (int i_ = 0; i_ < USERNS_LEVELS; i_++) \
            {                                                                                \
                if (read(at_, level) <= (int)(check)->current_level)                         \
                    break;                                                                   \
                at_ = read(at_, parent);                                                     \
            }                                                                                \
            out_ = read(at_, ns.inum) != (check)->current_userns;                            \
        }                                                                                    \
        out_;                                                                                \
    })
