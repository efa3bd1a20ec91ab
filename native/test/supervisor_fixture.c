#include "supervisor_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lw_bpf.h"
#include "lw_plan.h"

struct test_daemon supervisor;
struct test_job *job;
const char *variant;
int privileged;
char program[4096], worker[4096], workspace[160], data[160], cgroup_name[64];
char own_groups[4][128];
uint32_t group_count;
_Alignas(8) char sample[LW_SMOKE_PLAN_MAX];
size_t sample_size;
const char *skip_reason, *failure;

uid_t own_uid(void)
{
    return privileged ? 0 : ORDINARY;
}

uid_t peer_uid(void)
{
    return privileged ? PEER : ORDINARY;
}

int has_limit(uint32_t bit)
{
    return (supervisor.ready.limits_available & bit) != 0;
}

int start_supervisor(void)
{
    const struct test_config config = {program, workspace, cgroup_name, own_uid(), own_uid(), own_groups, group_count, 0, NULL, 0, 0, 0};
    int result = test_daemon_start(&supervisor, &config);
    if (result) printf("# start: %s\n# log: %s\n", supervisor.text, supervisor.log);
    return result;
}

struct lw_plan_header *new_plan(void)
{
    sample_size = lw_smoke_plan(sample, worker, "/usr/bin/python3", "{\"preload\": [\"time\"]}");
    return (struct lw_plan_header *)(void *)sample;
}

void allow_instead(uint32_t unneeded, uint32_t wanted)
{
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(sample, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (filter[i].code == LW_BPF_JEQ_K && filter[i].k == unneeded)
            ((struct lw_plan_instruction *)(uintptr_t)&filter[i])->k = wanted;
    }
}

int pool_is_closed(void *argument)
{
    return ((struct test_pool *)argument)->closed;
}

/* One pool at a time, so that a test that looks for a process finds that of its own. */
static int close_pool(void)
{
    if (!supervisor.pool.ready || supervisor.pool.closed) return 0;
    test_daemon_close_pool(&supervisor, supervisor.pool.id);
    return test_daemon_pump(&supervisor, pool_is_closed, &supervisor.pool, 5000);
}

int open_pool(uint32_t standby, uint32_t max)
{
    if (close_pool()) return -1;
    int fd = test_sealed_memfd(sample, sample_size);
    int result = test_daemon_open(&supervisor, fd, standby, max);
    close(fd);
    if (result) printf("# %s\n", supervisor.text);
    return result;
}

struct test_request request(const char *code)
{
    return (struct test_request){.code = code, .peer_uid = own_uid(), .peer_gid = own_uid()};
}

int run_request(const struct test_request *asked)
{
    job = test_daemon_run(&supervisor, asked);
    if (!job) printf("# %s\n", supervisor.text);
    return job != NULL;
}

int run(const char *code)
{
    struct test_request asked = request(code);
    return run_request(&asked);
}

int status_is(uint32_t status)
{
    return job->end.status == status;
}

int has_started(void *argument)
{
    return ((struct test_job *)argument)->started;
}

struct test_request peer_request(const char *code, const struct test_mount *mounts, uint32_t count)
{
    return (struct test_request){
        .code = code, .peer_uid = peer_uid(), .peer_gid = peer_uid(), .mounts = mounts, .mount_count = count};
}

const char *each_process(const char *name, const char *(*check)(pid_t pid), int *count)
{
    DIR *proc = opendir("/proc");
    const char *answer = NULL;
    *count = 0;
    for (struct dirent *entry = readdir(proc); entry && !answer; entry = readdir(proc)) {
        char path[300], comm[64] = "";
        snprintf(path, sizeof(path), "/proc/%.32s/comm", entry->d_name);
        int fd = atoi(entry->d_name) > 0 ? open(path, O_RDONLY) : -1;
        if (fd < 0) continue;
        ssize_t size = read(fd, comm, sizeof(comm) - 1);
        close(fd);
        if (size > 0) comm[size - 1] = '\0';
        if (strcmp(comm, name) != 0) continue;
        ++*count;
        answer = check(atoi(entry->d_name));
    }
    closedir(proc);
    return answer;
}

static pid_t found;

static const char *take(pid_t pid)
{
    found = pid;
    return "found";
}

pid_t find_process(const char *name)
{
    int count;
    return each_process(name, take, &count) ? found : 0;
}

int namespace_depth(pid_t pid)
{
    char path[64], text[4096] = "";
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    int fd = open(path, O_RDONLY), depth = 0;
    if (fd < 0) return 0;
    const char *line = read(fd, text, sizeof(text) - 1) > 0 ? strstr(text, "\nNSpid:") : NULL;
    close(fd);
    for (const char *c = line ? line + 1 : ""; *c && *c != '\n'; c++) depth += *c == '\t';
    return depth;
}
