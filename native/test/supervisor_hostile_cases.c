/* What tenants do to the one loop that all share: file systems that do not answer, pipes that do not end, requests without end. */
#include <errno.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_test.h"
#include "stuck_file_system.h"
#include "supervisor_fixture.h"

static pid_t stuck_server;

void make_hostile_data(void)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/stuck", data);
    if (mkdir(path, 0755) < 0) abort();
    stuck_server = stuck_file_system_mount(path, FUSE_STATFS);
}

/* Its end lets go whoever waits for it. */
static void end_stuck_server(void)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/stuck", data);
    kill(stuck_server, SIGKILL);
    waitpid(stuck_server, NULL, 0);
    umount2(path, MNT_DETACH);
}

static void run_beside_a_stuck_source(void)
{
    const struct test_mount mount = {data, "stuck", "/input", 0, 0};
    struct test_request stuck = peer_request("print('never')", &mount, 1), other = request("print('goes on')");
    new_plan();
    CHECK(open_pool(1, 4) == 0);
    test_daemon_forget(&supervisor);
    struct test_job *waiting = test_daemon_send(&supervisor, &stuck);
    job = test_daemon_send(&supervisor, &other);
    CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_OK) && strcmp(job->out, "goes on\n") == 0);
    CHECK(!waiting->ended);
    test_daemon_cancel(&supervisor, waiting->id);
    CHECK(test_daemon_await(&supervisor, waiting, 2000) == 0 && waiting->end.status == LW_STATUS_CANCELLED);
}

static void test_stuck_file_system(void)
{
    if (stuck_server < 0) {
        skip_reason = "no FUSE here";
        return;
    }
    run_beside_a_stuck_source();
    end_stuck_server();
}

const struct supervisor_case supervisor_hostile_cases[] = {
    {"stuck file system", test_stuck_file_system},
    {NULL, NULL},
};
