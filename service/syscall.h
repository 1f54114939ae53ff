/* A system call by itself: without errno, and without libc's function for it. Where a process has just been forked,
 * each page that it is the first to touch costs as much as several calls, and so does the one that errno is on. */
#ifndef COMBTEST_SERVICE_SYSCALL_H
#define COMBTEST_SERVICE_SYSCALL_H
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel returns: -errno where it failed (where the processor is none of these: -1). */
static inline long ct__syscall(long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
    register long fourth __asm__("r10") = d, fifth __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long which __asm__("x8") = number, first __asm__("x0") = a, second __asm__("x1") = b;
    register long third __asm__("x2") = c, fourth __asm__("x3") = d, fifth __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(first) : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth) : "memory");
    return first;
#else
    return syscall(number, a, b, c, d, e);
#endif
}
#endif
