/* Processes that run more than one job: what the next job finds, whose jobs meet, and when there is no next one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lw_channels.h"
#include "lw_plan.h"
#include "lw_test.h"
#include "supervisor_fixture.h"

static char code[4096];
static uint32_t process; /* of the last job */

/* A pool of one process at a time that runs `times` jobs; a further call is let through in place of madvise(2), 0: none. */
static int open_reusing_pool(uint32_t times, uint32_t call)
{
    new_plan()->reuse_max = times;
    if (call) allow_instead(SYS_madvise, call);
    process = 0;
    return open_pool(0, 1);
}

/* Where the next job can tell whether it runs in the same process. */
static int same_process(void)
{
    uint32_t before = process;
    process = job->start.pid;
    return before == process;
}

/* Runs the code to its end as the job with this number of its process. */
static int run_as(uint32_t execution, const char *what)
{
    int ran = run(what);
    int same = ran && same_process();
    if (ran && job->end.execution == execution && same == (execution > 1) && !job->end.stage) return 1;
    printf("# execution %u, expected %u; %s process; status %u: %s%s\n", ran ? job->end.execution : 0, execution,
           same ? "the same" : "another", ran ? job->end.status : 0, ran ? job->err : "", supervisor.log);
    return 0;
}

static int prints(const char *text)
{
    if (strcmp(job->out, text) == 0) return 1;
    printf("# printed: %s# errors: %s\n", job->out, job->err);
    return 0;
}

static void test_as_many_as_the_plan_says(void)
{
    CHECK(open_reusing_pool(3, 0) == 0);
    const char *count = "import sys\nsys.count = getattr(sys, 'count', 0) + 1\nprint(sys.count)";
    CHECK(run_as(1, count) && status_is(LW_STATUS_OK) && prints("1\n"));
    CHECK(run_as(2, count) && status_is(LW_STATUS_OK) && prints("2\n"));
    CHECK(run_as(3, count) && status_is(LW_STATUS_OK) && prints("3\n"));
    CHECK(run_as(1, count) && status_is(LW_STATUS_OK) && prints("1\n"));
    CHECK(open_reusing_pool(1, 0) == 0);
    CHECK(run_as(1, count) && run_as(1, count) && prints("1\n"));
}

static uint32_t in_phase(uint32_t phase)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < supervisor.roster.worker_count && i < TEST_WORKERS_MAX; i++)
        count += supervisor.workers[i].state == phase && supervisor.workers[i].pool_low == supervisor.pool.id;
    return count;
}

static int roster_becomes(uint32_t idle, uint32_t busy, uint64_t recycled)
{
    for (int i = 0; i < 500; i++) {
        if (test_daemon_ask_workers(&supervisor)) return 0;
        if (in_phase(LW_WORKER_PHASE_IDLE) == idle && in_phase(LW_WORKER_PHASE_BUSY) == busy &&
            supervisor.roster.recycled == recycled)
            return 1;
        usleep(10000);
    }
    printf("# idle %u, busy %u of %u, recycled %llu\n", in_phase(LW_WORKER_PHASE_IDLE), in_phase(LW_WORKER_PHASE_BUSY),
           supervisor.roster.total, (unsigned long long)supervisor.roster.recycled);
    return 0;
}

/* Jobs that the one worker in standby has run; -1: there is not one. */
static int executions_of_standby(void)
{
    int found = -1;
    for (uint32_t i = 0; i < supervisor.roster.worker_count && i < TEST_WORKERS_MAX; i++) {
        const struct lw_message_worker_record *record = &supervisor.workers[i];
        if (record->pool_low != supervisor.pool.id || record->state != LW_WORKER_PHASE_IDLE) continue;
        if (found >= 0) return -1;
        found = (int)record->executions;
    }
    return found;
}

static void test_roster(void)
{
    new_plan();
    CHECK(test_daemon_ask_workers(&supervisor) == 0);
    uint64_t before = supervisor.roster.recycled;
    CHECK(open_pool(2, 4) == 0 && roster_becomes(2, 0, before) && supervisor.roster.total >= 2);
    CHECK(supervisor.workers[0].slot != supervisor.workers[1].slot && supervisor.workers[0].pool_high == 0);
    struct test_request asked = request("import time\ntime.sleep(60)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0 && roster_becomes(2, 1, before));
    test_daemon_cancel(&supervisor, job->id);
    CHECK(roster_becomes(2, 0, before + 1));
    CHECK(open_reusing_pool(2, 0) == 0 && run_as(1, "pass") && roster_becomes(1, 0, before + 1));
    CHECK(executions_of_standby() == 1);
    CHECK(run_as(2, "pass") && roster_becomes(0, 0, before + 2));
}

static void test_ends(void)
{
    CHECK(open_reusing_pool(100, 0) == 0);
    CHECK(run_as(1, "raise SystemExit(3)") && status_is(LW_STATUS_ERROR) && job->end.exit_code == 3 && !job->claims_size);
    CHECK(run_as(2, "raise ValueError('text')") && status_is(LW_STATUS_ERROR) && job->end.exit_code == 1);
    CHECK(strcmp(job->claims, "ValueError") == 0 && strstr(job->err, "ValueError: text"));
    CHECK(run_as(3, "pass") && status_is(LW_STATUS_OK) && job->end.exit_code == 0 && !job->claims_size && !job->err_size);
    CHECK(run_as(4, "import os\nprint('last', flush=True)\nos._exit(5)") && job->end.exit_code == 5 && prints("last\n"));
    CHECK(run_as(1, "import os\nos.kill(os.getpid(), 11)") && status_is(LW_STATUS_SIGNALED) && job->end.signal == 11);
    CHECK(run_as(1, "pass") && status_is(LW_STATUS_OK));
    struct test_request late = request("import time\ntime.sleep(60)");
    late.timeout_ms = 300;
    CHECK(run_request(&late) && status_is(LW_STATUS_TIMED_OUT) && same_process() && job->end.execution == 2);
    CHECK(run_as(1, "pass") && status_is(LW_STATUS_OK));
}

/* What a job leaves in the interpreter that the next one has of its own. */
static void test_what_is_new(void)
{
    CHECK(open_reusing_pool(100, 0) == 0);
    CHECK(run_as(1, "import os, sys, signal, atexit\n"
                    "own = 1\n"
                    "os.environ['OWN'] = '1'\nsys.path.insert(0, '/own')\nsys.argv.append('own')\n"
                    "signal.signal(signal.SIGTERM, lambda *_: None)\nsys.excepthook = None\n"
                    "atexit.register(print, 'at the end')\n"
                    "sys.stdout.write('unflushed ')\n"));
    CHECK(prints("unflushed at the end\n"));
    CHECK(run_as(2, "import os, sys, signal\n"
                    "print('own' in globals(), 'OWN' in os.environ, '/own' in sys.path, 'own' in sys.argv, __name__,\n"
                    "      signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, sys.excepthook is sys.__excepthook__)"));
    CHECK(prints("False False False False __main__ True True\n"));
    /* What a library registers is run with the job that is known to be the last. */
    CHECK(open_reusing_pool(2, 0) == 0);
    CHECK(run_as(1, "exec('import atexit\\natexit.register(print, \"library\")', {})") && prints(""));
    CHECK(run_as(2, "print('last')") && prints("last\nlibrary\n"));
}

static void test_descriptors(void)
{
    CHECK(open_reusing_pool(100, 0) == 0);
    struct test_request asked = request("import sys\nprint(sys.stdin.read(1))");
    asked.input = "first\n";
    CHECK(run_request(&asked) && prints("f\n") && !same_process());
    asked.input = "second\n";
    CHECK(run_request(&asked) && prints("s\n") && same_process());
    asked.code = "import sys, os\nprint(sys.stdin.read(), end='', flush=True)\nfor number in range(0, 9):\n    try: os.close(number)\n"
                 "    except OSError: pass";
    asked.input = "third\n";
    CHECK(run_request(&asked) && prints("third\n") && same_process());
    CHECK(run_as(4, "import os, sys\nprint('again', repr(sys.stdin.read()))\nprint('err', file=sys.stderr)\nsys.stdout.close()"));
    CHECK(prints("again ''\n") && strcmp(job->err, "err\n") == 0);
    CHECK(run_as(5, "print('again')\nraise KeyError") && prints("again\n") && strcmp(job->claims, "KeyError") == 0);
}

static int run_with(const struct test_mount *mounts, uint32_t count, const char *what)
{
    struct test_request asked = peer_request(what, mounts, count);
    return run_request(&asked) && status_is(LW_STATUS_OK);
}

static void test_mounts(void)
{
    const char *list = "import os\ntry: print(sorted(os.listdir('/input')))\nexcept OSError as error: print(error.errno)";
    const struct test_mount in = {data, "in", "/input", 0, 0}, sub = {data, "in/sub", "/input", 0, 0};
    const struct test_mount file = {data, "single.txt", "/input", 0, 0}, elsewhere = {data, "in", "/data/else", 0, 0};
    CHECK(open_reusing_pool(100, SYS_chdir) == 0);
    CHECK(run_with(&in, 1, list) && prints("['secret.txt', 'sub']\n") && !same_process());
    CHECK(run_with(NULL, 0, list) && prints("2\n") && same_process());
    CHECK(run_with(&sub, 1, list) && prints("[]\n") && same_process());
    CHECK(run_with(&file, 1, "print(open('/input').read(), end='')") && prints("one file\n") && same_process());
    CHECK(run_with(&in, 1, "import os\nos.chdir('/input')\nprint(os.listdir('sub'))") && prints("[]\n") && same_process());
    CHECK(run_with(&in, 1, "import os\nprint(os.path.samefile('.', '/tmp'))") && prints("True\n") && same_process());
    /* Whatever would go on reading, there is nobody left who could. */
    CHECK(run_with(&in, 1, "import sys\nsys.kept = open('/input/secret.txt')") && same_process());
    CHECK(run_with(NULL, 0, "import sys\nprint(hasattr(sys, 'kept'))") && prints("False\n") && !same_process());
    CHECK(run_with(&elsewhere, 1, "print(open('/data/else/secret.txt').read(), end='')") && same_process());
    CHECK(run_with(&elsewhere, 1, "print(open('/data/else/secret.txt').read(), end='')") && prints("only for the peer\n"));
    CHECK(!same_process());
}

/* A request of another peer, or of one with other groups. */
static void test_one_peer(void)
{
    if (!privileged) {
        skip_reason = "without privilege there is one peer";
        return;
    }
    const char *who = "import sys\nprint(getattr(sys, 'who', None))\nsys.who = 1";
    const uint32_t groups[] = {PEER + 100};
    struct test_request one = peer_request(who, NULL, 0), other = one, grouped = one;
    other.peer_uid = other.peer_gid = OTHER_PEER;
    grouped.groups = groups;
    grouped.group_count = 1;
    new_plan()->reuse_max = 100;
    CHECK(open_pool(0, 2) == 0);
    CHECK(run_request(&one) && prints("None\n"));
    CHECK(run_request(&other) && prints("None\n"));
    CHECK(run_request(&one) && prints("1\n"));
    CHECK(run_request(&grouped) && prints("None\n"));
    /* There are two places: that of the peer who had not come for longest was needed. */
    CHECK(run_request(&grouped) && prints("1\n"));
    CHECK(run_request(&one) && prints("1\n"));
    CHECK(run_request(&other) && prints("None\n"));
}

static void test_left_behind(void)
{
    CHECK(open_reusing_pool(100, SYS_clone) == 0);
    CHECK(run_as(1, "import os, time\nif os.fork() == 0:\n    time.sleep(60)\n    os._exit(0)"));
    CHECK(run_as(1, "pass"));
    /* An orphan, which is its init's child. */
    CHECK(run_as(2, "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
                    "if os.fork() == 0:\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)\ntime.sleep(0.3)"));
    CHECK(run_as(1, "pass"));
}

/* On v2 from Linux 6.12 on. */
static int peak_can_be_reset(void)
{
    struct utsname name;
    int major = 0, minor = 0;
    if (supervisor.ready.cgroup_version == 1) return 1;
    return uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 12));
}

static void test_figures(void)
{
    CHECK(open_reusing_pool(100, 0) == 0);
    struct test_request asked = request("bytearray(100 << 20)");
    asked.memory_max = 256u << 20;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && !same_process());
    if (has_limit(LW_LIMIT_BIT_MEMORY)) CHECK(job->end.memory_max == 256u << 20);
    uint64_t peak = job->end.memory_peak;
    CHECK(run_as(2, "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"));
    if (has_limit(LW_LIMIT_BIT_MEMORY)) CHECK(job->end.memory_max == 1u << 30);
    if (has_limit(LW_LIMIT_BIT_CPU_TIME)) CHECK(job->end.cpu_time_us != UINT64_MAX && job->end.cpu_time_us > 100000);
    /* Its own, or unknown: never that of the job before. */
    CHECK(job->end.memory_peak == UINT64_MAX || job->end.memory_peak < peak / 2);
    if (has_limit(LW_LIMIT_BIT_MEMORY) && peak_can_be_reset()) CHECK(job->end.memory_peak != UINT64_MAX);
    CHECK(run_as(3, "pass") && (job->end.cpu_time_us == UINT64_MAX || job->end.cpu_time_us < 100000));
}

static void test_denials(void)
{
    CHECK(open_reusing_pool(100, 0) == 0);
    CHECK(run_as(1, "import os\ntry: os.mkdir('/tmp/x')\nexcept OSError as error: print(error.errno)") && prints("13\n"));
    CHECK(job->denial_count == 1 && job->end.denials_total == 1);
    CHECK(run_as(2, "pass") && job->denial_count == 0 && job->end.denials_total == 0);
}

/* Whoever calls it himself ends his own job; what he then does to the next one in his process he could do anyway. */
static void test_forged_call(void)
{
    snprintf(code, sizeof(code),
             "import ctypes\nlibc = ctypes.CDLL(None)\ndef call(): return libc.syscall(%d, 7, ctypes.c_ulong(%llu))\n", SYS_exit_group,
             LW_NEXT_JOB);
    size_t used = strlen(code);
    CHECK(open_reusing_pool(1, 0) == 0);
    snprintf(code + used, sizeof(code) - used, "call()\nprint('unreached', flush=True)");
    CHECK(run(code) && job->end.exit_code == 7 && prints(""));
    CHECK(open_reusing_pool(100, SYS_clone) == 0);
    CHECK(run(code) && job->end.exit_code == 7 && prints("") && job->end.execution == 1);
    /* No job was given to it: what it prints is nobody's. */
    CHECK(run("print('own')") && status_is(LW_STATUS_OK) && strstr(job->out, "own\n"));
    snprintf(code + used, sizeof(code) - used,
             "import os, time\nif os.fork() == 0:\n    call()\n    print('unreached', flush=True)\ntime.sleep(0.3)\nprint('parent')");
    CHECK(run(code) && status_is(LW_STATUS_OK) && strstr(job->out, "parent\n") && !strstr(job->out, "unreached"));
}

const struct supervisor_case supervisor_renewal_cases[] = {
    {"a process runs as many jobs as the plan says", test_as_many_as_the_plan_says},
    {"how a job of a reused process ends", test_ends},
    {"what a job finds anew in a reused process", test_what_is_new},
    {"descriptors of a reused process", test_descriptors},
    {"mounts of a reused process", test_mounts},
    {"a reused process is one peer's", test_one_peer},
    {"what a job leaves running ends its process", test_left_behind},
    {"figures of a job in a reused process", test_figures},
    {"denials of a job in a reused process", test_denials},
    {"a job that asks for the next one itself", test_forged_call},
    {"the roster of workers", test_roster},
    {NULL, NULL},
};
