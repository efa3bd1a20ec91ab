#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../supervisor_fixture.h"
#include "lw_fd.h"

enum { PATIENCE_MS = 8000, GATE_ATTEMPTS = 10000 };

static const char code[] = "import os\n"
                           "open('/output/canary', 'w').close()\n"
                           "def attempt(call, *arguments):\n"
                           "    try: call(*arguments); return 0\n"
                           "    except OSError as error: return error.errno\n"
                           "print(attempt(open, '/closed/x', 'w'), attempt(open, '/usr/x', 'w'), attempt(open, '/input/x', 'w'),\n"
                           "      attempt(open, '/etc/passwd'), attempt(os.getcwd), os.listdir('/input'), open(0).read())\n"
                           "open('/output/gate').read()\n";

/* With slot ids of its own where the variant has them, and without. */
static struct baseline {
    char posture[STATE_MAX];
    struct lw_message_job_end end;
    char out[256];
} baselines[2];
static char posture[STATE_MAX];
static uint32_t serial;
int witness_plan_binds;

int witness_without_slot_ids(void)
{
    return strstr(supervisor.log, "all jobs have the user's own id") != NULL;
}

static struct baseline *baseline(void)
{
    return &baselines[witness_without_slot_ids()];
}

static void path_in(const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", data, name);
}

/* A mount that maps ids lets nothing be written where one of them is not mapped. */
static void give_to(uid_t uid, gid_t gid)
{
    char path[256];
    const char *const names[] = {"", "in", "in/file", "out", "out/gate"};
    for (int i = 0; i < 5; i++) {
        path_in(names[i], path);
        (void)!chown(path, uid, gid);
    }
}

void witness_prepare(void)
{
    char path[256];
    const char *const directories[] = {"", "in", "out"};
    for (int i = 0; i < 3; i++) {
        path_in(directories[i], path);
        mkdir(path, 0755);
    }
    path_in("in/file", path);
    lw_fd_cleanup(&(int){open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)});
    path_in("out/gate", path);
    mkfifo(path, 0666);
    /* Nobody maps the ids of what a plan binds. */
    path_in("out", path);
    if (witness_plan_binds) chmod(path, 0777);
    give_to(peer_uid(), peer_uid());
}

struct test_job *witness_send(void)
{
    static const struct test_mount mounts[] = {{NULL, "in", "/input", 0, 0}, {NULL, "out", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0}};
    struct test_mount own[2] = {mounts[0], mounts[1]};
    char path[256];
    path_in("out/canary", path);
    unlink(path);
    own[0].root = own[1].root = data;
    struct test_request asked = peer_request(code, own, witness_plan_binds ? 0 : 2);
    /* Another group each time: else the opener and the user namespace of the id-mapped mounts are those of the job before. */
    if (privileged) asked.peer_gid = 400000 + serial++ % 100000;
    give_to(peer_uid(), asked.peer_gid);
    asked.input = "stdin";
    asked.memory_max = 200u << 20;
    test_daemon_forget(&supervisor);
    return test_daemon_send(&supervisor, &asked);
}

int witness_canary(void)
{
    char path[256];
    path_in("out/canary", path);
    return access(path, F_OK) == 0;
}

static int has_begun_or_ended(void *argument)
{
    const struct test_job *asked = argument;
    return asked->started || asked->ended;
}

int witness_await_start(struct test_job *asked)
{
    if (!asked || test_daemon_pump(&supervisor, has_begun_or_ended, asked, PATIENCE_MS)) return -1;
    return asked->started > 0;
}

static int has_ended(void *argument)
{
    return ((const struct test_job *)argument)->ended;
}

/* The write end of the gate can be opened once the job has opened the other. One that dies before it has begun may have a successor. */
static int open_gate(struct test_job *asked)
{
    char path[256];
    path_in("out/gate", path);
    for (int i = 0; i < GATE_ATTEMPTS; i++) {
        int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0) return fd;
        if (i % 100 == 99 && (test_daemon_pump(&supervisor, has_ended, asked, 0) == 0 || strstr(supervisor.text, "closed its end")))
            return -1;
        usleep(300);
    }
    return -1;
}

static int finish(struct test_job *asked, char *why, size_t size)
{
    if (test_daemon_await(&supervisor, asked, PATIENCE_MS) == 0 && asked->end.status == LW_STATUS_OK) return 0;
    snprintf(why, size, "the job ended as %s, stage %s errno %u: %s; %.200s", lw_status_name(asked->end.status),
             lw_stage_name(asked->end.stage), asked->end.errno_, asked->detail, asked->err ? asked->err : "");
    return -1;
}

static int look(struct test_job *asked, char *why, size_t size)
{
    int gate = open_gate(asked);
    /* Its own open(2) returns a moment after ours. */
    for (int i = 0; gate >= 0 && i < 1000; i++) {
        state_of_job(state_find_job(), posture);
        if (strstr(posture, "/output/gate\n")) break;
        usleep(1000);
    }
    if (gate >= 0) close(gate);
    if (finish(asked, why, size)) return -1;
    if (gate < 0) snprintf(why, size, "the job ended before anybody could look at it");
    return gate < 0 ? -1 : 0;
}

/* Limits that are missing are no lie as long as the receipt misses them, too; the plan of this test lets them be missing. */
static int compare_receipts(const struct lw_message_job_end *end, char *why, size_t size)
{
    const struct lw_message_job_end *base = &baseline()->end;
    if (end->receipt_flags != base->receipt_flags || end->namespaces != base->namespaces ||
        end->landlock_abi != base->landlock_abi || end->landlock_handled_fs != base->landlock_handled_fs ||
        end->landlock_scoped != base->landlock_scoped || end->seccomp_instructions != base->seccomp_instructions) {
        snprintf(why, size, "receipt: flags 0x%x namespaces 0x%x landlock %u fs 0x%llx scoped 0x%x, expected 0x%x 0x%x %u 0x%llx 0x%x",
                 end->receipt_flags, end->namespaces, end->landlock_abi, (unsigned long long)end->landlock_handled_fs,
                 (unsigned)end->landlock_scoped, base->receipt_flags, base->namespaces, base->landlock_abi,
                 (unsigned long long)base->landlock_handled_fs, (unsigned)base->landlock_scoped);
        return -1;
    }
    if (end->limits_enforced & ~base->limits_enforced) {
        snprintf(why, size, "receipt: more limits than usual: 0x%x", end->limits_enforced);
        return -1;
    }
    return 0;
}

static int compare_postures(const struct lw_message_job_end *end, char *why, size_t size)
{
    char difference[1200];
    state_difference(baseline()->posture, posture, difference, sizeof(difference));
    if (!*difference) return 0;
    /* Without some limits, and named as such, it is in other groups. */
    if (end->limits_enforced != baseline()->end.limits_enforced) {
        const char *place = difference;
        while ((strncmp(place, "- cgroup ", 9) == 0 || strncmp(place, "+ cgroup ", 9) == 0) && strstr(place, "; "))
            place = strstr(place, "; ") + 2;
        if (!*place) return 0;
    }
    snprintf(why, size, "posture: %s", difference);
    return -1;
}

int witness_check(struct test_job *asked, char *why, size_t size)
{
    if (look(asked, why, size) || compare_receipts(&asked->end, why, size) || compare_postures(&asked->end, why, size)) return -1;
    if (strcmp(asked->out, baseline()->out) == 0 && witness_canary()) return 0;
    snprintf(why, size, "the job printed %.200s, expected %.200s", asked->out, baseline()->out);
    return -1;
}

int witness_take_baseline(char *why, size_t size)
{
    struct test_job *asked = witness_send();
    if (witness_await_start(asked) != 1) {
        if (asked && asked->ended) finish(asked, why, size);
        return -1;
    }
    if (look(asked, why, size)) return -1;
    struct baseline *base = baseline();
    strcpy(base->posture, posture);
    base->end = asked->end;
    snprintf(base->out, sizeof(base->out), "%s", asked->out);
    return 0;
}
