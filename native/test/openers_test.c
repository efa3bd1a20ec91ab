/* Openers whose file system does not answer: given up in time, limited in number, no matter of other peers. */
#include "lw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stuck_file_system.h"
#include "supervisor/openers.h"

enum { PEER = 23456, OTHER_PEER = 23457, COLLECTING_PEER = 23458, DEADLINE_US = 150000, HANGING_MAX = 4 };

static struct lw_loop loop;
static struct lw_openers openers;
static char directory[] = "/tmp/leeward-openers-XXXXXX", unlisted[] = "/tmp/leeward-openers-XXXXXX";
static pid_t server, other_server;
static int answers, last_error;
static uint32_t lost_requests;

static void opened(struct lw_openers *all, const struct lw_open_reply *reply, int fd)
{
    (void)all;
    answers++;
    last_error = reply->error.errno_;
    if (fd >= 0) close(fd);
    loop.stop = 1;
}

static void lost(struct lw_openers *all, const struct lw_opener *opener, int error)
{
    (void)all;
    (void)opener;
    lost_requests++;
    last_error = error;
    loop.stop = 1;
}

static void stop_waiting(struct lw_timer *timer)
{
    (void)timer;
    loop.stop = 1;
}

/* Until something comes, or ten deadlines are over. */
static void run_loop(void)
{
    struct lw_timer limit = {.fire = stop_waiting};
    loop.stop = 0;
    lw_timer_start(&loop, &limit, lw_now_us() + 10 * DEADLINE_US);
    lw_loop_run(&loop);
    lw_timer_stop(&loop, &limit);
}

/* Asks as `uid`. Returns what lw_openers_find says. */
static int ask(uid_t uid, const char *root)
{
    static const uint32_t no_groups[1];
    const struct lw_peer peer = {.uid = uid, .gid = uid, .groups = no_groups};
    const struct lw_open_request request = {.job_id = 1};
    int error = 0;
    struct lw_opener *opener = lw_openers_find(&openers, &peer, &error);
    const struct lw_open_place place = {.root = root, .folder = "", .held = -1};
    if (opener) error = lw_opener_ask(opener, &request, &place, "");
    answers = last_error = 0;
    lost_requests = 0;
    return error;
}

/* Asks for all that is in a directory. */
static int ask_to_collect(const char *mount)
{
    static const uint32_t no_groups[1];
    const struct lw_peer peer = {.uid = COLLECTING_PEER, .gid = COLLECTING_PEER, .groups = no_groups};
    const struct {
        struct lw_collect_request request;
        char strings[sizeof("\0*")];
    } message = {{.job_id = 1, .operation = LW_OPENER_COLLECT, .count = 1, .bytes_max = 1, .files_max = 1}, "\0*"};
    int error = 0, fd = open(mount, O_PATH | O_CLOEXEC);
    struct lw_opener *opener = lw_openers_find(&openers, &peer, &error);
    if (opener && fd >= 0) lw_opener_collect(opener, &message, offsetof(typeof(message), strings) + sizeof(message.strings), &fd, 1);
    answers = last_error = 0;
    lost_requests = 0;
    return error;
}

/* Listing a directory may hang as well as finding it. */
static void gives_up_what_is_not_collected_in_time(void)
{
    LW_CHECK(ask_to_collect("/") == 0);
    run_loop();
    LW_CHECK(answers == 1 && lost_requests == 0 && last_error == 0);
    LW_CHECK(ask_to_collect(unlisted) == 0);
    run_loop();
    LW_CHECK(answers == 0 && lost_requests == 1 && last_error == -ETIMEDOUT);
    kill(other_server, SIGKILL);
    LW_CHECK(ask_to_collect("/") == 0);
    run_loop();
    LW_CHECK(answers == 1 && lost_requests == 0 && last_error == 0);
}

static void gives_up_what_does_not_answer(void)
{
    LW_CHECK(ask(PEER, directory) == 0);
    run_loop();
    LW_CHECK(answers == 0 && lost_requests == 1 && last_error == -ETIMEDOUT);
    LW_CHECK(ask(PEER, "/") == 0);
    run_loop();
    LW_CHECK(answers == 1 && last_error == 0);
}

/* The same peer's other requests do not stand in line behind one that hangs. */
static void serves_a_peer_beside_what_hangs(void)
{
    LW_CHECK(ask(PEER, directory) == 0);
    LW_CHECK(ask(PEER, "/") == 0);
    run_loop();
    LW_CHECK(answers == 1 && lost_requests == 0 && last_error == 0);
    run_loop();
    LW_CHECK(answers == 1 && lost_requests == 1 && last_error == -ETIMEDOUT);
}

/* As many as may hang; what comes then waits behind the one that has answered last. */
static void limits_those_that_work(void)
{
    uint32_t before = openers.count;
    for (int i = 0; i < 3 * HANGING_MAX; i++) LW_CHECK(ask(OTHER_PEER, "/") == 0);
    LW_CHECK(openers.count == before + HANGING_MAX - 1);
    answers = 0;
    for (int i = 0; i < 3 * HANGING_MAX; i++) run_loop();
    LW_CHECK(answers == 3 * HANGING_MAX && lost_requests == 0);
}

static void keeps_one_that_answers(void)
{
    LW_CHECK(ask(OTHER_PEER, "/") == 0);
    run_loop();
    LW_CHECK(answers == 1);
    answers = 0;
    run_loop();
    LW_CHECK(lost_requests == 0);
    LW_CHECK(ask(OTHER_PEER, "/no/such/directory") == 0);
    run_loop();
    LW_CHECK(answers == 1 && last_error == ENOENT);
}

static void limits_those_that_hang(void)
{
    int error = 0;
    for (uint32_t i = 2; i < HANGING_MAX && error == 0; i++) {
        error = ask(PEER, directory);
        run_loop();
        LW_CHECK(lost_requests == 1);
    }
    LW_CHECK(error == 0);
    LW_CHECK(ask(PEER, directory) == -EBUSY);
    LW_CHECK(ask(OTHER_PEER, "/") == 0);
    run_loop();
    LW_CHECK(answers == 1 && last_error == 0);
}

static void begins_again_when_they_are_gone(void)
{
    const uint32_t left = HANGING_MAX + 1; /* the other peer's, and the one that collects */
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    for (int i = 0; i < 10 && openers.count > left; i++) run_loop();
    LW_CHECK(openers.count == left);
    LW_CHECK(ask(PEER, "/") == 0);
    run_loop();
    LW_CHECK(answers == 1 && last_error == 0);
}

/* Mounts are this process's own affair. */
static int set_up(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -errno;
    if (!mkdtemp(directory) || !mkdtemp(unlisted)) return -errno;
    server = stuck_file_system_mount(directory, FUSE_STATFS);
    if (server >= 0) other_server = stuck_file_system_mount(unlisted, FUSE_OPENDIR);
    if (server < 0 || other_server < 0) return server < 0 ? server : other_server;
    int error = lw_loop_init(&loop);
    openers = (struct lw_openers){.loop = &loop, .privileged = 1, .deadline_us = DEADLINE_US, .hanging_max = HANGING_MAX,
                                  .opened = opened, .lost = lost};
    return error;
}

static void clean_up(void)
{
    lw_openers_stop(&openers);
    while (waitpid(-1, NULL, 0) > 0) continue;
    umount2(directory, MNT_DETACH);
    umount2(unlisted, MNT_DETACH);
    rmdir(directory);
    rmdir(unlisted);
}

int main(void)
{
    int error = geteuid() == 0 ? set_up() : -EPERM;
    if (error) {
        printf("skip openers: %s\n", strerror(-error));
        rmdir(directory);
        rmdir(unlisted);
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    LW_RUN(gives_up_what_does_not_answer);
    LW_RUN(serves_a_peer_beside_what_hangs);
    LW_RUN(gives_up_what_is_not_collected_in_time);
    LW_RUN(keeps_one_that_answers);
    LW_RUN(limits_those_that_work);
    LW_RUN(limits_those_that_hang);
    LW_RUN(begins_again_when_they_are_gone);
    clean_up();
    return lw_test_status();
}
