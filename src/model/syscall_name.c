/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/model/syscall_name.h"

#include <seccomp.h>

#define NUMBERS_MAX 1024

#if defined(__x86_64__)
#define COMPAT_ARCHITECTURE SCMP_ARCH_X86
#define X32_BIT             0x40000000 /* arch/x86/include/uapi/asm/unistd.h: __X32_SYSCALL_BIT */
#else
#define COMPAT_ARCHITECTURE SCMP_ARCH_ARM
#define X32_BIT             0
#endif

enum table { TABLE_NATIVE, TABLE_COMPAT, TABLE_X32, TABLES };

const char *syscall_name(int number, bool compat)
{
    static const uint32_t architectures[] = {
        [TABLE_NATIVE] = SCMP_ARCH_NATIVE,
        [TABLE_COMPAT] = COMPAT_ARCHITECTURE,
        [TABLE_X32] = SCMP_ARCH_X32,
    };
    static const char *names[TABLES][NUMBERS_MAX];
    static const char unknown[] = "";
    enum table table = compat ? TABLE_COMPAT : number & X32_BIT ? TABLE_X32 : TABLE_NATIVE;
    int index = table == TABLE_X32 ? number & ~X32_BIT : number;
    const char **name;

    if (index < 0 || index >= NUMBERS_MAX)
        return NULL;
    name = &names[table][index];
    if (!*name)
        *name = seccomp_syscall_resolve_num_arch(architectures[table], number);
    if (!*name)
        *name = unknown;
    return **name ? *name : NULL;
}

int syscall_number(const char *name, bool *ret_compat)
{
    char *end;
    long number = strtol(name, &end, 10);

    *ret_compat = false;
    if (end > name && !*end)
        return number >= 0 && number <= INT32_MAX ? (int)number : -1;
    number = seccomp_syscall_resolve_name(name);
    if (number >= 0)
        return (int)number;
    number = seccomp_syscall_resolve_name_arch(COMPAT_ARCHITECTURE, name);
    *ret_compat = number >= 0;
    return number >= 0 ? (int)number : -1;
}
