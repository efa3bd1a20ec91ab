#include <signal.h>
#include <stddef.h>

#include "lw_pool.h"

void lw_signals_reset(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    /* The two that cannot be set, and those that libc keeps for itself, fail; nothing is lost with them. */
    for (int number = 1; number < NSIG; number++)
        (void)sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}
