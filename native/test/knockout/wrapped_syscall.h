/* syscall(2) in the place of libc's: the call as it was made, to be changed on its way. */
#ifndef LW_WRAPPED_SYSCALL_H
#define LW_WRAPPED_SYSCALL_H

#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* Defined by the layer: may change the arguments. Returns 1 when the call is to be left out, and to have succeeded. */
static int change_call(long number, long words[6]);

long __wrap_syscall(long number, ...)
{
    long words[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) words[i] = va_arg(list, long);
    va_end(list);
    if (change_call(number, words)) return 0;
    return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

#endif
