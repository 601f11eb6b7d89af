/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/syscall_name.h"

#include <seccomp.h>

#define NUMBERS_MAX 1024

#if defined(__x86_64__)
#define COMPAT_ARCHITECTURE SCMP_ARCH_X86
#else
#define COMPAT_ARCHITECTURE SCMP_ARCH_ARM
#endif

const char *syscall_name(int number, bool compat)
{
    static const char *names[2][NUMBERS_MAX];
    static const char unknown[] = "";
    const char **name;

    if (number < 0 || number >= NUMBERS_MAX)
        return NULL;
    name = &names[compat][number];
    if (!*name)
        *name = seccomp_syscall_resolve_num_arch(compat ? COMPAT_ARCHITECTURE : SCMP_ARCH_NATIVE,
                                                 number);
    if (!*name)
        *name = unknown;
    return **name ? *name : NULL;
}
