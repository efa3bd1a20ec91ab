/* libc's fork handlers are seen when they are registered, and run in the order of pthread_atfork(3). */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_test.h"
#include "worker/atfork.h"

static char order[32];

static void note(const char *what)
{
    strncat(order, what, sizeof(order) - strlen(order) - 1);
}

static void prepare_a(void) { note("pa "); }
static void parent_a(void) { note("ra "); }
static void child_a(void) { note("ca "); }
static void prepare_b(void) { note("pb "); }
static void child_b(void) { note("cb "); }

static void test_order(void)
{
    LW_CHECK(pthread_atfork(prepare_a, parent_a, child_a) == 0);
    LW_CHECK(pthread_atfork(prepare_b, NULL, child_b) == 0);
    LW_CHECK(lw_atfork_check() == 0);
    lw_atfork_prepare();
    lw_atfork_parent();
    lw_atfork_child();
    LW_CHECK(strcmp(order, "pb pa ra ca cb ") == 0);
}

/* They still run in libc's own fork. */
static void test_forwarded(void)
{
    int status;
    order[0] = '\0';
    pid_t pid = fork();
    if (pid == 0)
        _exit(strcmp(order, "pb pa ca cb ") == 0 ? 0 : 1);
    LW_CHECK(strcmp(order, "pb pa ra ") == 0);
    LW_CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    LW_RUN(test_order);
    LW_RUN(test_forwarded);
    return lw_test_status();
}
