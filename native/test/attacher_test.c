/* The mounter dies, and comes back when it is needed; where it cannot, whoever needs it hears so at once. */
#include "lw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_namespaces.h"
#include "supervisor/attacher.h"
#include "supervisor/process.h"

static struct lw_loop loop;
static struct lw_attacher attacher;
static int replies, losses;
static pid_t sandbox;
static int sandbox_pidfd = -1;

static void replied(struct lw_attacher *one, const struct lw_attach_reply *reply)
{
    (void)one;
    replies += reply->error.stage == 0 && reply->job_id == 7;
    loop.stop = 1;
}

static void lost(struct lw_attacher *one, int error)
{
    (void)one;
    (void)error;
    losses++;
    loop.stop = 1;
}

static void run_loop(void)
{
    loop.stop = replies = losses = 0;
    lw_loop_run(&loop);
}

/* A request without mounts: it enters the sandbox's mount namespace and comes back. */
static int send_request(void)
{
    static struct lw_attach_request request = {.job_id = 7, .operation = LW_MOUNTER_ATTACH};
    int fds[1] = {fcntl(sandbox_pidfd, F_DUPFD_CLOEXEC, 0)};
    return lw_attacher_send(&attacher, &request, fds);
}

static void answers(void)
{
    LW_CHECK(lw_attacher_start(&attacher, &loop) == 0);
    LW_CHECK(send_request() == 0);
    run_loop();
    LW_CHECK(replies == 1 && losses == 0);
}

static void says_when_it_died(void)
{
    LW_CHECK(kill(attacher.pid, SIGKILL) == 0);
    run_loop();
    LW_CHECK(losses == 1 && attacher.pid == 0);
}

static void is_refused_while_it_cannot_start(void)
{
    struct rlimit before, none;
    LW_CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = (struct rlimit){(rlim_t)sandbox_pidfd + 2, before.rlim_max};
    LW_CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    int error = send_request();
    LW_CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    LW_CHECK(error == -EMFILE);
}

static void comes_back_when_it_is_needed(void)
{
    LW_CHECK(send_request() == 0);
    run_loop();
    LW_CHECK(replies == 1 && losses == 0 && attacher.pid > 0);
}

int main(void)
{
    if (geteuid() != 0) {
        printf("skip attacher: needs root\n");
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    attacher.replied = replied;
    attacher.lost = lost;
    int error = lw_loop_init(&loop);
    sandbox = lw_clone(CLONE_NEWNS, &sandbox_pidfd);
    if (sandbox == 0) {
        for (;;) pause();
    }
    if (error || sandbox < 0) return 1;
    LW_RUN(answers);
    LW_RUN(says_when_it_died);
    LW_RUN(is_refused_while_it_cannot_start);
    LW_RUN(comes_back_when_it_is_needed);
    lw_attacher_stop(&attacher);
    lw_process_kill(sandbox_pidfd);
    while (waitpid(-1, NULL, 0) > 0) continue;
    return lw_test_status();
}
