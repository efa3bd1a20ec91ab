/* Nothing of whoever started the supervisor shows in a pool: the fixture starts it with all of it changed (test_daemon.c). */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_test.h"
#include "supervisor_fixture.h"

static const char *text_of(pid_t pid, const char *file)
{
    static char text[8192];
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    int fd = open(path, O_RDONLY);
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0) close(fd);
    text[size < 0 ? 0 : size] = '\0';
    return text;
}

/* The value of a line of /proc/PID/status. */
static int status_line(pid_t pid, const char *name, char value[512])
{
    const char *line = strstr(text_of(pid, "status"), name);
    return line && sscanf(line + strlen(name), ":%511s", value) == 1;
}

/* Field `number` of proc_pid_stat(5), from 3 on: the name before them may hold anything. */
static long stat_field(pid_t pid, int number)
{
    const char *at = strrchr(text_of(pid, "stat"), ')');
    for (int i = 2; at && i < number; i++) at = strchr(at + 1, ' ');
    return at ? strtol(at + 1, NULL, 10) : -1000;
}

static int limit_is(pid_t pid, const char *name, const char *soft, const char *hard)
{
    char has_soft[32], has_hard[32];
    const char *line = strstr(text_of(pid, "limits"), name);
    return line && sscanf(line + strlen(name), "%31s %31s", has_soft, has_hard) == 2 && strcmp(has_soft, soft) == 0 &&
           strcmp(has_hard, hard) == 0;
}

static const char *attribute_of_others(pid_t pid)
{
    char cpus[512] = "", own_cpus[512] = "", mask[512] = "";
    if (strcmp(text_of(pid, "oom_score_adj"), "0\n") != 0) return "oom_score_adj";
    if (stat_field(pid, 19) != 0) return "nice";
    if (stat_field(pid, 41) != 0) return "scheduler";
    if (syscall(SYS_ioprio_get, 1, pid) != syscall(SYS_ioprio_get, 1, 0)) return "I/O priority";
    if (!status_line(pid, "Cpus_allowed", cpus) || !status_line(getpid(), "Cpus_allowed", own_cpus) || strcmp(cpus, own_cpus) != 0)
        return "CPU affinity";
    if (strcmp(text_of(pid, "timerslack_ns"), "50000\n") != 0) return "timer slack";
    if (strcmp(text_of(pid, "personality"), "00000000\n") != 0) return "personality";
    if (!status_line(pid, "Umask", mask) || strcmp(mask, "0022") != 0) return "umask";
    return NULL;
}

static const char *limit_of_others(pid_t pid)
{
    static const char *const unlimited[] = {"Max cpu time", "Max data size", "Max address space", "Max realtime timeout"};
    for (size_t i = 0; i < sizeof(unlimited) / sizeof(*unlimited); i++) {
        if (!limit_is(pid, unlimited[i], "unlimited", "unlimited")) return unlimited[i];
    }
    if (!limit_is(pid, "Max realtime priority", "0", "0")) return "RLIMIT_RTPRIO";
    if (!limit_is(pid, "Max nice priority", "0", "0")) return "RLIMIT_NICE";
    /* The fixture's hard limit, which can be raised again with CAP_SYS_RESOURCE only; even root may lack it. */
    char set[512] = "";
    int may_raise = privileged && status_line(getpid(), "CapEff", set) && (strtoull(set, NULL, 16) >> CAP_SYS_RESOURCE & 1);
    const char *queue = may_raise ? "819200" : "409600";
    return limit_is(pid, "Max msgqueue size", queue, queue) ? NULL : "RLIMIT_MSGQUEUE";
}

/* A process that is ending has given its umask up, and more. */
static int is_ending(pid_t pid)
{
    char mask[512];
    return !status_line(pid, "Umask", mask);
}

static const char *anything_of_others(pid_t pid)
{
    if (is_ending(pid)) return NULL;
    const char *attribute = attribute_of_others(pid);
    return attribute ? attribute : limit_of_others(pid);
}

/* SIGPIPE and SIGXFSZ are the interpreter's own choice. */
static const char *anything_of_others_in_python(pid_t pid)
{
    char value[512] = "";
    if (is_ending(pid)) return NULL;
    if (!status_line(pid, "SigBlk", value) || strtoull(value, NULL, 16) != 0) return "blocked signals";
    if (!status_line(pid, "SigIgn", value) || strtoull(value, NULL, 16) != 0x1001000) return "ignored signals";
    return anything_of_others(pid);
}

static const char *first_of_others(const char *name, const char *(*check)(pid_t pid), int least)
{
    static char text[128];
    int count;
    const char *answer = each_process(name, check, &count);
    if (answer)
        snprintf(text, sizeof(text), "%s has inherited: %s", name, answer);
    else if (count < least)
        snprintf(text, sizeof(text), "%d processes of name %s", count, name);
    else
        return NULL;
    return text;
}

static void test_inherited(void)
{
    struct test_request asked = request("import time\ntime.sleep(20)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    /* The zygote and the job; others may be in standby. */
    const char *found = first_of_others("python3", anything_of_others_in_python, 2);
    if (!found) found = first_of_others("leeward-init", anything_of_others, 1);
    if (!found) found = first_of_others("leeward-pool", anything_of_others, 1);
    test_daemon_cancel(&supervisor, job->id);
    CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_CANCELLED));
    if (found) printf("# %s\n", found);
    CHECK(!found);
}

const struct supervisor_case supervisor_inherited_cases[] = {
    {"inherited attributes", test_inherited},
    {NULL, NULL},
};
