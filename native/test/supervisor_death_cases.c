/* Processes of pools die in every state of their lives, by a hand that knows nothing of states. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_test.h"
#include "supervisor_fixture.h"

static int has_name(const char *directory, const char *name)
{
    char path[300], comm[64] = "";
    snprintf(path, sizeof(path), "%s/comm", directory);
    int fd = open(path, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, comm, sizeof(comm) - 1);
    if (fd >= 0) close(fd);
    if (size > 0) comm[size - 1] = '\0';
    return strcmp(comm, name) == 0;
}

/* One of the processes with this name and at least this depth, 0 when there is none. */
static pid_t find_any_process(const char *name, int depth, unsigned *seed)
{
    pid_t found[64];
    unsigned count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry = readdir(proc); entry && count < 64; entry = readdir(proc)) {
        char directory[64];
        snprintf(directory, sizeof(directory), "/proc/%.32s", entry->d_name);
        if (atoi(entry->d_name) > 0 && has_name(directory, name) && namespace_depth(atoi(entry->d_name)) >= depth)
            found[count++] = atoi(entry->d_name);
    }
    closedir(proc);
    return count ? found[(unsigned)rand_r(seed) % count] : 0;
}

/* Kills one process after the other: jobs and their inits often, what all of them depend on now and then. */
static _Noreturn void kill_at_random(unsigned seed)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) {
        unsigned choice = (unsigned)rand_r(&seed) % 100;
        const char *name = choice < 55   ? "python3"
                           : choice < 88 ? "leeward-init"
                           : choice < 92 ? "leeward-opener"
                           : choice < 96 ? "leeward-mounter"
                           : choice < 98 ? "python3"
                                         : "leeward-pool";
        pid_t victim = find_any_process(name, choice < 55 ? JOB_DEPTH : 0, &seed);
        if (victim > 0) kill(victim, SIGKILL);
        usleep((unsigned)rand_r(&seed) % 16000);
    }
}

static void send_and_cancel(unsigned *seed)
{
    const struct test_mount mounts[] = {{data, "in", "/input", 0, 0}, {data, "in/sub", "/unknown", 0, 0}};
    struct test_request asked = peer_request("import time\ntime.sleep(0.01)\nprint('x' * 100000)", mounts, 2);
    test_daemon_forget(&supervisor);
    for (int i = 0; i < 6; i++) {
        asked.mount_count = (uint32_t)rand_r(seed) % 3;
        asked.memory_max = rand_r(seed) % 2 ? 200u << 20 : 0;
        job = test_daemon_send(&supervisor, &asked);
    }
    if (rand_r(seed) % 2) test_daemon_cancel(&supervisor, supervisor.jobs[rand_r(seed) % 6].id);
}

static int all_ended(void *argument)
{
    (void)argument;
    for (uint32_t i = 0; i < supervisor.job_count; i++) {
        if (!supervisor.jobs[i].ended) return 0;
    }
    return 1;
}

/* Whatever dies, and in whichever state of its life: every job gets one end, every pool one answer, and nothing stays. */
static void test_deaths_at_any_time(void)
{
    enum { ROUNDS = 30 };
    unsigned seed = 20261125;
    int fd = test_sealed_memfd(sample, sample_size);
    new_plan();
    pid_t killer = fork();
    if (killer == 0) kill_at_random(seed);
    int ends = 0, wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (i == 0 || supervisor.pool.failed) test_daemon_open(&supervisor, fd, 2, 4);
        send_and_cancel(&seed);
        if (test_daemon_pump(&supervisor, all_ended, NULL, 30000)) break;
        for (uint32_t k = 0; k < supervisor.job_count; k++) wrong += supervisor.jobs[k].ended != 1;
        ends++;
    }
    kill(killer, SIGKILL);
    waitpid(killer, NULL, 0);
    close(fd);
    CHECK(ends == ROUNDS && wrong == 0);
    new_plan();
    supervisor.pool.closed = supervisor.pool.failed;
    CHECK(open_pool(1, 2) == 0 && run("print('goes on')") && status_is(LW_STATUS_OK));
    CHECK(find_process("leeward-pool") > 0);
}

const struct supervisor_case supervisor_death_cases[] = {
    {"deaths at any time", test_deaths_at_any_time},
    {NULL, NULL},
};
