#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "lw_pool.h"
#include "lw_uapi.h"

/* The kernel's struct sigaction of both architectures, all zeroes: SIG_DFL. */
struct kernel_sigaction {
    uint64_t handler, flags, restorer, mask;
};

/* The system call itself: libc refuses the two signals that it keeps for its threads, which may well come ignored. */
int lw_signals_reset(void)
{
    static const struct kernel_sigaction standard;
    /* SIGKILL and SIGSTOP cannot be set (EINVAL); nothing is lost with them. */
    for (int number = 1; number < NSIG; number++) {
        if (syscall(SYS_rt_sigaction, number, &standard, NULL, sizeof(standard.mask)) < 0 && errno != EINVAL)
            return -errno;
    }
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}
