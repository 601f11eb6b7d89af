/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compat: a 32-bit program that asks for three capabilities, as root, under the name "p-32bit". In
 * the table of 64-bit programs its numbers are those of other system calls. Nothing is changed: the
 * arguments are wrong, or what was there before.
 *
 * Of no library: it begins at _start. i386 and 32-bit ARM have the same numbers for all of it.
 */

#define NR_EXIT        1
#define NR_CHROOT      61
#define NR_SETHOSTNAME 74
#define NR_SETPRIORITY 97
#define NR_PRCTL       172

#define PR_SET_NAME    15

#if defined(__i386__)
static long call(long number, long a, long b, long c)
{
    long r;

    __asm__ volatile("int $0x80" : "=a"(r) : "0"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return r;
}
#elif defined(__arm__)
static long call(long number, long a, long b, long c)
{
    register long r7 __asm__("r7") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;

    __asm__ volatile("svc #0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
    return r0;
}
#else
#error "a 32-bit program"
#endif

_Noreturn void _start(void);

_Noreturn void _start(void)
{
    call(NR_PRCTL, PR_SET_NAME, (long)"p-32bit", 0);
    call(NR_SETHOSTNAME, (long)"", -1, 0);
    call(NR_CHROOT, (long)"/", 0, 0);
    call(NR_SETPRIORITY, 0, 0, -20);
    call(NR_PRCTL, PR_SET_NAME, (long)"compat", 0);
    for (;;)
        call(NR_EXIT, 0, 0, 0);
}
