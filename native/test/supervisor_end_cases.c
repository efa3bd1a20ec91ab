/* The ends of daemon and supervisor, and what is left then: nothing. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_test.h"
#include "supervisor_fixture.h"

static int count_processes(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) continue; /* orphans are ours */
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) count += atoi(entry->d_name) > 0;
    closedir(proc);
    return count;
}

static void test_second_supervisor(void)
{
    NEEDS(LW_LIMIT_BIT_PIDS);
    static struct test_daemon second;
    const struct test_config config = {program, workspace, cgroup_name, own_uid(), own_uid(), own_groups, group_count, 0, NULL, 0, 0, 0};
    CHECK(test_daemon_start(&second, &config) < 0 && strstr(second.log, "another supervisor owns"));
    int status = test_daemon_stop(&second, 3000);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* The daemon dies in the middle of a job: nothing is left two seconds later. */
static void test_daemon_death(void)
{
    char subtree[4200];
    new_plan();
    CHECK(open_pool(2, 4) == 0);
    struct test_request asked = request("import time\ntime.sleep(60)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    snprintf(subtree, sizeof(subtree), "%s", supervisor.cgroup_base);
    int status = test_daemon_stop(&supervisor, 2000);
    CHECK(status == 0);
    CHECK(count_processes() == 1);
    CHECK(!*subtree || (access(subtree, F_OK) < 0 && errno == ENOENT));
}

/* Another process may still hold the socket when the daemon dies: its pidfd tells. */
static void test_daemon_death_with_an_open_socket(void)
{
    pid_t daemon = fork();
    if (daemon == 0) {
        pause();
        _exit(0);
    }
    const struct test_config config = {program, workspace, cgroup_name, own_uid(), own_uid(), own_groups, group_count, daemon, NULL, 0, 0, 0};
    CHECK(test_daemon_start(&supervisor, &config) == 0);
    kill(daemon, SIGKILL);
    int status = -1;
    for (int i = 0; i < 100 * test_slowness() && waitpid(supervisor.supervisor, &status, WNOHANG) == 0; i++) usleep(20000);
    close(supervisor.socket);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(count_processes() == 1);
}

/* Killed, it leaves groups behind, and the next one removes them. */
static void test_supervisor_death(void)
{
    char group[4200];
    CHECK(start_supervisor() == 0);
    new_plan();
    CHECK(open_pool(2, 4) == 0);
    snprintf(group, sizeof(group), "%s/worker-0", supervisor.cgroup_base);
    CHECK(kill(supervisor.supervisor, SIGKILL) == 0);
    int status = test_daemon_stop(&supervisor, 2000);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    for (int i = 0; i < 100 * test_slowness() && count_processes() > 1; i++) usleep(20000);
    CHECK(count_processes() == 1);
    CHECK(start_supervisor() == 0);
    CHECK(access(group, F_OK) < 0);
    new_plan();
    CHECK(open_pool(1, 2) == 0 && run("print('again')") && status_is(LW_STATUS_OK));
    CHECK(test_daemon_stop(&supervisor, 2000) == 0);
}

static void test_termination(void)
{
    CHECK(start_supervisor() == 0);
    new_plan();
    CHECK(open_pool(1, 1) == 0);
    CHECK(kill(supervisor.supervisor, SIGTERM) == 0);
    int status = 0;
    for (int i = 0; i < 150 * test_slowness() && waitpid(supervisor.supervisor, &status, WNOHANG) == 0; i++) usleep(20000);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(supervisor.socket);
}

const struct supervisor_case supervisor_end_cases[] = {
    {"second supervisor", test_second_supervisor},
    {"daemon death", test_daemon_death},
    {"daemon death with an open socket", test_daemon_death_with_an_open_socket},
    {"supervisor death", test_supervisor_death},
    {"termination", test_termination},
    {NULL, NULL},
};
