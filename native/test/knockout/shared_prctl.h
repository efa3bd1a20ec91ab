/* prctl(2) without the one call LW_IS_LEFT_OUT(option, value), which is answered as done. */
#include <stdarg.h>
#include <sys/prctl.h>

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);

int __wrap_prctl(int option, ...)
{
    unsigned long words[4];
    va_list list;
    va_start(list, option);
    for (int i = 0; i < 4; i++)
        words[i] = va_arg(list, unsigned long);
    va_end(list);
    return LW_IS_LEFT_OUT(option, words[0]) ? 0 : __real_prctl(option, words[0], words[1], words[2], words[3]);
}
