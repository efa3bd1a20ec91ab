/*
 * Every system call of the supervisor and of a job's set-up fails, one at a time, in every way that it can: see
 * docs/internals/faults.md. Everything runs in PID and mount namespaces that end with the test.
 *
 * LW_VARIANT=service|rootless|subordinate  one of them    LW_PHASE=start|pool|job  one of them
 * LW_ONLY=TEXT  sites with this text              LW_LIST=1  only name the sites
 * LW_MATRIX=1   a row for each site               LW_VERBOSE=1  a line for each case
 * LW_SHARD=i/n  every n-th site, from the i-th    LW_ROTATE=1   one errno for each site
 */
#include "../lw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../supervisor_fixture.h"
#include "lw_fd.h"
#include "lw_namespaces.h"
#include "matrix.h"
#include "subordinate_ids.h"
#include "witness.h"

/* Processes that nobody waits for (the outer one, a helper) are through with their beginning by then. */
enum { QUIET_MS = 100, MEET_ATTEMPTS = 400 };
enum { SETTLE_ATTEMPTS = 800, STOP_MS = 8000 };

static char empty_host[STATE_MAX], idle_host[STATE_MAX], now_host[STATE_MAX];
static int complaints = -1; /* where the supervisor's stderr goes */
static struct test_pool standing;
static char etc[160];
static int with_subordinate_ids;        /* the variant's */
static uint32_t subordinate_base; /* of the supervisors that are started from now on */

/* --- supervisor and pools ------------------------------------------------------------------------------------------ */

static void forget_complaints(void)
{
    (void)!ftruncate(complaints, 0);
    lseek(complaints, 0, SEEK_SET);
}

static int start(void)
{
    const struct test_config config = {program, workspace, cgroup_name, own_uid(), own_uid(), own_groups, group_count, 0, NULL, 0, 0, subordinate_base};
    forget_complaints();
    return test_daemon_start(&supervisor, &config);
}

static int open_new_pool(void)
{
    int fd = test_sealed_memfd(sample, sample_size);
    int result = test_daemon_open(&supervisor, fd, 0, 2);
    close(fd);
    return result;
}

static int close_new_pool(void)
{
    if (!supervisor.pool.ready || supervisor.pool.failed) return 0;
    test_daemon_close_pool(&supervisor, supervisor.pool.id);
    return test_daemon_pump(&supervisor, pool_is_closed, &supervisor.pool, 8000);
}

/* --- what is left over --------------------------------------------------------------------------------------------- */

/* Kept for the next request of the same peer; here it is always made anew. */
static void end_openers(void)
{
    for (int i = 0; i < 2000; i++) {
        pid_t pid = find_process("leeward-opener");
        if (pid <= 0) return;
        kill(pid, SIGKILL);
        usleep(500);
    }
}

/* We are PID 1: the inner process of a supervisor whose outer one was killed is ours. The supervisor itself is its starter's. */
static void reap_orphans(void)
{
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0 && info.si_pid != supervisor.supervisor) {
        waitpid(info.si_pid, NULL, 0);
        info.si_pid = 0;
    }
}

/* Waits until the host looks as it did. What has died needs a moment to be gone. */
static int settle_for(int attempts, const char *wanted, char *why, size_t size)
{
    char difference[1200] = "";
    for (int i = 0; i < attempts; i++) {
        reap_orphans();
        /* Cheap, and as a rule what is waited for. */
        if (i < attempts - 1 && state_count_processes() != state_processes_in(wanted)) {
            end_openers();
            usleep(2000);
            continue;
        }
        state_of_host(now_host);
        if (strcmp(now_host, wanted) == 0) return 0;
        if (strstr(now_host, "process leeward-opener")) end_openers();
        usleep(i < 10 ? 2000 : 10000);
    }
    state_difference(wanted, now_host, difference, sizeof(difference));
    snprintf(why, size, "left over: %s", difference);
    return -1;
}

static int settle(const char *wanted, char *why, size_t size)
{
    return settle_for(SETTLE_ATTEMPTS, wanted, why, size);
}

static int wrong(struct fault_result *result, const char *format, const char *text)
{
    char note[sizeof(result->note)];
    snprintf(note, sizeof(note), format, text);
    result->outcome = OUTCOME_WRONG;
    snprintf(result->note, sizeof(result->note), "%s", note);
    return -1;
}

/* --- words --------------------------------------------------------------------------------------------------------- */

static int is_named(const struct fault_target *target, uint32_t error, const char *detail)
{
    if (target->action != FAULT_ERRNO) return error != 0;
    /* The way of a report itself is broken: who waits for it hears that, or sees the process end. */
    /* pthread_create(3) has one word for all that is short. */
    if (target->value == ENOMEM && strstr(detail, strerror(EAGAIN))) return 1;
    /* libc's own words, when it cannot go on. */
    if (strstr(detail, "Fatal glibc error")) return 1;
    /* libc emulates it, and has this for what it cannot. */
    if (target->value == ENOSYS && strncmp(target->site.call, "statx", 5) == 0)
        return error == EINVAL || strstr(detail, strerror(EINVAL)) != NULL;
    /* A kernel without Landlock is told as such. */
    if (target->value == ENOSYS && strncmp(target->site.call, "landlock_create", 15) == 0 && error == EOPNOTSUPP) return 1;
    int reports = strcmp(target->site.role, "leeward-super") != 0 &&
                  (strncmp(target->site.call, "write pipe", 10) == 0 || strncmp(target->site.call, "sendmsg", 7) == 0);
    if (reports && (error == EPIPE || error == ECHILD)) return 1;
    return error == (uint32_t)target->value || strstr(detail, strerror(target->value));
}

/* What an ended supervisor has left to read. */
static int check_last_words(const struct fault_target *target, struct fault_result *result)
{
    char text[4096];
    ssize_t size = pread(complaints, text, sizeof(text) - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    size_t used = strlen(text);
    snprintf(text + used, sizeof(text) - used, " %.2000s", supervisor.log);
    result->outcome = OUTCOME_ENDED;
    snprintf(result->note, sizeof(result->note), "%.1000s", text);
    /* The end of its socket is the daemon's, who is gone and would not read a word. */
    if (target->action == FAULT_KILL || target->action == FAULT_ZERO) return 0;
    if (strlen(text) < 8) return wrong(result, "the supervisor ended without a word%s", text);
    if (target->action == FAULT_ERRNO && !is_named(target, 0, text))
        return wrong(result, "the supervisor's last words do not name the error: %.800s", text);
    return 0;
}

/* --- phase: start --------------------------------------------------------------------------------------------------- */

static int stop(char *why, size_t size)
{
    int status = test_daemon_stop(&supervisor, STOP_MS);
    if (status == -1) {
        kill(supervisor.supervisor, SIGKILL);
        waitpid(supervisor.supervisor, &status, 0);
        snprintf(why, size, "the supervisor does not end");
        return -1;
    }
    return settle(empty_host, why, size);
}

static int rehearse_start(void)
{
    char why[1500] = "";
    tracer_record();
    int result = start();
    usleep(QUIET_MS * 1000);
    tracer_disarm();
    if (!result) result = stop(why, sizeof(why));
    if (result) printf("# start: %s %s\n", supervisor.text, why);
    return result;
}

static int rehearse_start_without_ids(void)
{
    subordinate_base = 0;
    int result = rehearse_start();
    subordinate_base = SLOT_BASE;
    return result;
}

/* What a supervisor that was killed leaves are empty control groups: the next one removes them when it starts. */
static int clean_up(char *why, size_t size)
{
    if (settle_for(50, empty_host, why, size) == 0) return 0;
    if (start() == 0) return stop(why, size);
    snprintf(why, size, "the next supervisor does not start: %s", supervisor.text);
    return -1;
}

/* A job in the pool that was opened last is as confined as ever. */
static int check_job(char *why, size_t size)
{
    struct test_job *asked = witness_send();
    int begun = witness_await_start(asked);
    if (begun == 1) return witness_check(asked, why, size);
    snprintf(why, size, "the next job: %s stage %s errno %u %.400s %.100s", begun ? "nothing came" : "did not start",
             begun ? "" : lw_stage_name(asked->end.stage), begun ? 0 : asked->end.errno_, begun ? "" : asked->detail, supervisor.text);
    return -1;
}

static int is_gone(void)
{
    siginfo_t info = {0};
    int error = waitid(P_PID, (id_t)supervisor.supervisor, &info, WEXITED | WNOHANG | WNOWAIT);
    return strstr(supervisor.text, "closed its end") != NULL || error || info.si_pid != 0;
}

/* The call may be made by a process that the answer did not wait for. */
static void await_target(void)
{
    for (int i = 0; i < MEET_ATTEMPTS && !tracer_met(); i++) usleep(5000);
    if (tracer_met()) usleep(2000);
}

/* What there is no right to change stays as whoever started the supervisor had it, and the log says so. */
static int is_inherited(const char *why)
{
    return strncmp(why, "posture:", 8) == 0 && strstr(supervisor.log, "inherited, and kept") != NULL;
}

/* Whoever reads the log learns why jobs have the user's own id. */
static int is_explained(const struct fault_target *target)
{
    return !witness_without_slot_ids() || target->action != FAULT_ERRNO || is_named(target, 0, supervisor.log);
}

static void try_start(const struct fault_target *target, struct fault_result *result)
{
    char why[1500] = "";
    tracer_inject(target);
    int started = start() == 0;
    await_target();
    int met = tracer_disarm();
    if (met && started) {
        result->outcome = OUTCOME_CONFINED;
        if (open_new_pool() && is_gone()) {
            check_last_words(target, result);
            started = 0;
            test_daemon_stop(&supervisor, STOP_MS);
        } else if (!supervisor.pool.ready)
            wrong(result, "no pool: %s", supervisor.text);
        else if (check_job(why, sizeof(why)) && !is_inherited(why))
            wrong(result, "%s", why);
        else if (!is_explained(target))
            wrong(result, "the log does not name the error: %.800s", supervisor.log);
    } else if (met) {
        int status = test_daemon_stop(&supervisor, STOP_MS);
        if (status == -1)
            wrong(result, "neither ready nor ended: %s", supervisor.text);
        else
            check_last_words(target, result);
        supervisor.socket = -1;
    }
    if (started || (met && result->outcome == OUTCOME_WRONG)) {
        if (stop(why, sizeof(why))) wrong(result, "%s", why);
    } else if (clean_up(why, sizeof(why))) {
        wrong(result, "%s", why);
    }
}

/* --- phase: pool ---------------------------------------------------------------------------------------------------- */

static int begin_standing(char *why, size_t size)
{
    if (start() || open_new_pool()) {
        snprintf(why, size, "%s", supervisor.text);
        return -1;
    }
    standing = supervisor.pool;
    if (check_job(why, size)) return -1;
    /* Twice the same, and nothing of the job any more. */
    for (int i = 0; i < 100; i++) {
        end_openers();
        usleep(50000);
        state_of_host(now_host);
        if (strcmp(now_host, idle_host) == 0 && !strstr(now_host, "process leeward-init")) return 0;
        strcpy(idle_host, now_host);
    }
    snprintf(why, size, "the supervisor does not come to rest");
    return -1;
}

/* After a case in which the supervisor is gone, or its pool. */
static void begin_again(struct fault_result *result)
{
    char why[1500] = "";
    if (test_daemon_stop(&supervisor, STOP_MS) == -1) {
        wrong(result, "the supervisor does not end%s", "");
        kill(supervisor.supervisor, SIGKILL);
        waitpid(supervisor.supervisor, NULL, 0);
    }
    if (clean_up(why, sizeof(why)) && result->outcome != OUTCOME_WRONG) wrong(result, "%s", why);
    if (begin_standing(why, sizeof(why))) wrong(result, "the next supervisor: %s", why);
}

static int rehearse_pool(void)
{
    char why[1500] = "";
    tracer_record();
    int result = open_new_pool();
    usleep(QUIET_MS * 1000);
    tracer_disarm();
    if (!result) result = close_new_pool();
    if (!result) result = settle(idle_host, why, sizeof(why));
    if (result) printf("# pool: %s %s\n", supervisor.text, why);
    return result;
}

static void judge_failed_pool(const struct fault_target *target, struct fault_result *result)
{
    const struct test_pool *pool = &supervisor.pool;
    char text[1024];
    snprintf(text, sizeof(text), "%s[%u] %s: %.600s", lw_stage_name(pool->failure.stage), pool->failure.index,
             strerror((int)pool->failure.errno_), pool->detail);
    result->outcome = OUTCOME_REFUSED;
    snprintf(result->note, sizeof(result->note), "%s", text);
    if (pool->failure.stage == 0 || !is_named(target, pool->failure.errno_, pool->detail))
        wrong(result, "the error does not name stage and errno: %s", text);
}

static void check_standing(const struct fault_target *target, int met, struct fault_result *result)
{
    char why[1500] = "";
    supervisor.pool = standing;
    if (check_job(why, sizeof(why)) || settle(idle_host, why, sizeof(why))) {
        if (met && is_gone())
            check_last_words(target, result);
        else if (met && supervisor.pool.failed)
            judge_failed_pool(target, result); /* a pool that serves no more is told as such, when its next job comes at the latest */
        else
            wrong(result, "%s", why);
        begin_again(result);
    }
}

static void try_pool(const struct fault_target *target, struct fault_result *result)
{
    char why[1500] = "";
    forget_complaints();
    supervisor.text[0] = '\0';
    tracer_inject(target);
    int opened = open_new_pool() == 0;
    await_target();
    int met = tracer_disarm();
    if (!opened && !supervisor.pool.failed) {
        if (is_gone())
            check_last_words(target, result);
        else
            wrong(result, "the pool neither opens nor fails: %s", supervisor.text);
        begin_again(result);
        return;
    }
    if (met && opened) {
        result->outcome = OUTCOME_CONFINED;
        int different = check_job(why, sizeof(why));
        /* A process of the pool that was not waited for told later. */
        if (different && supervisor.pool.failed)
            judge_failed_pool(target, result);
        else if (different)
            wrong(result, "%s", why);
        if (different && is_gone()) check_last_words(target, result);
    } else if (met) {
        judge_failed_pool(target, result);
    }
    if (opened && close_new_pool()) {
        if (met && is_gone())
            check_last_words(target, result);
        else
            wrong(result, "the pool does not close: %s", supervisor.text);
        begin_again(result);
        return;
    }
    check_standing(target, met, result);
}

/* --- phase: job ----------------------------------------------------------------------------------------------------- */

static int rehearse_job(void)
{
    char why[1500] = "";
    end_openers();
    tracer_record();
    struct test_job *asked = witness_send();
    int result = witness_await_start(asked) == 1 ? 0 : -1;
    tracer_disarm();
    if (!result) result = witness_check(asked, why, sizeof(why));
    if (!result) result = settle(idle_host, why, sizeof(why));
    if (result) printf("# job: %s %s\n", supervisor.text, why);
    return result;
}

static void judge_failed_job(const struct fault_target *target, const struct test_job *asked, struct fault_result *result)
{
    char text[1024];
    snprintf(text, sizeof(text), "%s: %s[%u] %s: %.600s", lw_status_name(asked->end.status), lw_stage_name(asked->end.stage),
             asked->end.stage_index, strerror((int)asked->end.errno_), asked->detail);
    result->outcome = OUTCOME_REFUSED;
    snprintf(result->note, sizeof(result->note), "%s", text);
    if (witness_canary())
        wrong(result, "user code ran: %s", text);
    else if (asked->end.stage == 0 || !is_named(target, asked->end.errno_, asked->detail))
        wrong(result, "the error does not name stage and errno: %s", text);
}

static void try_job(const struct fault_target *target, struct fault_result *result)
{
    char why[1500] = "";
    forget_complaints();
    supervisor.text[0] = '\0';
    end_openers();
    tracer_inject(target);
    struct test_job *asked = witness_send();
    int begun = witness_await_start(asked);
    if (begun > 0) await_target();
    int met = tracer_disarm();
    if (begun < 0) {
        if (is_gone())
            check_last_words(target, result);
        else
            wrong(result, "the job neither starts nor ends: %s", supervisor.text);
        begin_again(result);
        return;
    }
    /* Its pool was lost before it came. */
    if (!begun && met && supervisor.pool.failed && strstr(asked->detail, "no such pool")) {
        judge_failed_pool(target, result);
        if (witness_canary()) wrong(result, "user code ran%s", "");
    } else if (begun) {
        if (met) result->outcome = OUTCOME_CONFINED;
        int different = witness_check(asked, why, sizeof(why));
        /* Its zygote ended after it had forked it: the job was confined, and is told to be lost. */
        if (different && met && asked->end.status == LW_STATUS_LOST && supervisor.pool.failed)
            judge_failed_pool(target, result);
        /* Between its start and its code, while it read its request: it has ended, and none of the code has run. */
        else if (different && met && asked->ended && !witness_canary())
            result->outcome = OUTCOME_REFUSED;
        /* Its init was killed under it: a SIGKILL that we did not send is told as one. */
        else if (different && met && target->action == FAULT_KILL && asked->end.signal == SIGKILL)
            result->outcome = OUTCOME_CONFINED;
        else if (different)
            wrong(result, "%s", why);
    } else if (met) {
        judge_failed_job(target, asked, result);
    }
    if (supervisor.pool.failed) {
        if (open_new_pool()) {
            wrong(result, "the next pool: %s", supervisor.text);
            begin_again(result);
            return;
        }
        standing = supervisor.pool;
    }
    check_standing(target, met, result);
}

/* --- variants ------------------------------------------------------------------------------------------------------- */

static const char *const no_others[] = {NULL};
static const char *const standing_pool[] = {"leeward-pool", "python3", NULL};

static const struct fault_phase all_phases[] = {
    {"start", rehearse_start, NULL, no_others, try_start},
    {"pool", rehearse_pool, NULL, standing_pool, try_pool},
    {"job", rehearse_job, NULL, no_others, try_job},
    {NULL, NULL, NULL, NULL, NULL},
};

/* A pool and its jobs make the same calls with these ids as without. */
static const struct fault_phase subordinate_phases[] = {
    {"start", rehearse_start, rehearse_start_without_ids, no_others, try_start},
    {NULL, NULL, NULL, NULL, NULL},
};

/* With ids that are not the user's: the tools refuse them, and the supervisor has to do without, and says so. */
static int take_baseline_without_ids(char *why, size_t size)
{
    subordinate_base = SLOT_BASE - 1;
    int result = start() || open_new_pool() || !witness_without_slot_ids() || witness_take_baseline(why, size) || stop(why, size);
    subordinate_base = SLOT_BASE;
    return result;
}

static void make_plan(void)
{
    char input[256], output[256];
    snprintf(input, sizeof(input), "%s/in", data);
    snprintf(output, sizeof(output), "%s/out", data);
    sample_size = with_subordinate_ids ? lw_smoke_plan_bound(sample, worker, "/usr/bin/python3", "{}", input, output)
                                       : lw_smoke_plan(sample, worker, "/usr/bin/python3", "{}");
}

static int prepare(void)
{
    char why[1500] = "";
    tracer_disarm(); /* it has its name by now */
    state_of_host(empty_host);
    make_plan();
    int result = with_subordinate_ids ? take_baseline_without_ids(why, sizeof(why)) : 0;
    if (result || start() || open_new_pool() || witness_without_slot_ids() || witness_take_baseline(why, sizeof(why)) || stop(why, sizeof(why))) {
        printf("not ok %s: an undisturbed job: %s %s %s\n", variant, supervisor.text, why, supervisor.log);
        matrix_failed++;
        return -1;
    }
    return 0;
}

static void run_phases(const struct fault_phase *phases)
{
    const char *only = getenv("LW_PHASE");
    char why[1500] = "";
    for (size_t i = 0; phases[i].name; i++) {
        if (only && strcmp(only, phases[i].name) != 0) continue;
        if (i > 0 && begin_standing(why, sizeof(why))) {
            printf("not ok %s: %s: %s\n", variant, phases[i].name, why);
            matrix_failed++;
            continue;
        }
        matrix_run(&phases[i]);
        if (i > 0 && stop(why, sizeof(why))) {
            printf("not ok %s: %s: %s\n", variant, phases[i].name, why);
            matrix_failed++;
        }
    }
}

/* PID 1 of a PID namespace, with a /proc of its own. */
static _Noreturn void run_tests(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
        (with_subordinate_ids && subordinate_ids_give(etc)) || tracer_start()) {
        printf("not ok %s: %s\n", variant, strerror(errno));
        _exit(1);
    }
    umask(0);
    complaints = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    if (complaints < 0 || dup2(complaints, STDERR_FILENO) < 0) _exit(1);
    close(complaints);
    complaints = STDERR_FILENO;
    test_daemon_born = tracer_seize;
    test_daemon_worker_deadline_ms = 3000; /* what only a deadline ends is to end here */
    witness_prepare();
    if (prepare() == 0) run_phases(with_subordinate_ids ? subordinate_phases : all_phases);
    printf("%u passed, %u failed, 0 skipped\n", matrix_passed, matrix_failed);
    fflush(stdout);
    _exit(matrix_failed != 0);
}

static int run_variant(const char *name, int as_service, int with_ids)
{
    char base[64], command[128];
    variant = name;
    privileged = as_service;
    with_subordinate_ids = witness_plan_binds = with_ids;
    subordinate_base = with_ids ? SLOT_BASE : 0;
    snprintf(base, sizeof(base), "/tmp/leeward-faults-%d", (int)getpid());
    snprintf(workspace, sizeof(workspace), "%s/workspace", base);
    snprintf(data, sizeof(data), "%s/data", base);
    snprintf(etc, sizeof(etc), "%s/etc", base);
    snprintf(cgroup_name, sizeof(cgroup_name), "leeward-faults-%d/exec-1", (int)getpid());
    if (mkdir(base, 0755) < 0 || mkdir(workspace, 0755) < 0) return 1;
    fflush(stdout);
    pid_t pid = lw_clone(CLONE_NEWPID | CLONE_NEWNS, NULL);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        run_tests();
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status)) printf("not ok %s: ended by signal %d\n", name, WTERMSIG(status));
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", base);
    return system(command) || !WIFEXITED(status) || WEXITSTATUS(status);
}

static int find_programs(void)
{
    const char *build = getenv("LW_BUILD");
    char path[4096];
    snprintf(path, sizeof(path), "%s/leeward-supervisor", build ? build : "build");
    if (!realpath(path, program)) return -1;
    snprintf(path, sizeof(path), "%s/worker", build ? build : "build");
    return realpath(path, worker) ? 0 : -1;
}

int main(void)
{
    const char *wanted = getenv("LW_VARIANT");
    int result = 0;
    if (geteuid() != 0) {
        printf("skip faults: needs root\n0 passed, 0 failed, 1 skipped\n");
        return 0;
    }
    if (find_programs()) {
        printf("not ok faults: leeward-supervisor and worker/ must be built: %s\n", strerror(errno));
        return 1;
    }
    if (!wanted || strcmp(wanted, "service") == 0) result |= run_variant("service", 1, 0);
    if (!wanted || strcmp(wanted, "rootless") == 0) result |= run_variant("rootless", 0, 0);
    if (wanted && strcmp(wanted, "subordinate") != 0) return result;
    if (subordinate_ids_tools()) return result | run_variant("subordinate", 0, 1);
    printf("skip subordinate: needs newuidmap and newgidmap of the package uidmap\n0 passed, 0 failed, 1 skipped\n");
    return result;
}
