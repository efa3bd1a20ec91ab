/* What a process that becomes a helper or a zygote keeps of its caller's signals: nothing. */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_test.h"
#include "pool/lw_pool.h"

/* struct sigaction of the kernel: handler, flags, restorer, mask. libc's call refuses the signals that it keeps for itself. */
static long raw(int number, const unsigned long *set, unsigned long *got)
{
    return syscall(SYS_rt_sigaction, number, set, got, sizeof(*got));
}

static void test_reset(void)
{
    const int numbers[] = {SIGHUP, SIGPIPE, 32, 33, SIGRTMAX};
    const unsigned long ignored[4] = {(unsigned long)SIG_IGN};
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    LW_CHECK(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        LW_CHECK(raw(numbers[i], ignored, NULL) == 0);
    lw_signals_reset();
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        unsigned long now[4] = {1, 1, 1, 1};
        LW_CHECK(raw(numbers[i], NULL, now) == 0 && now[0] == (unsigned long)SIG_DFL);
    }
    LW_CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && !sigismember(&blocked, SIGUSR1));
}

int main(void)
{
    LW_RUN(test_reset);
    return lw_test_status();
}
