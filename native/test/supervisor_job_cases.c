/* One job after the other in the sample pool: ends, limits, output, denials. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_landlock.h"
#include "lw_test.h"
#include "supervisor_fixture.h"

static void test_hello(void)
{
    struct test_request asked = request("import os, sys\nprint('hello', os.getuid(), sys.stdin.read())\nsys.exit(7)");
    asked.input = "from stdin";
    CHECK(run_request(&asked));
    CHECK(status_is(LW_STATUS_ERROR) && job->end.exit_code == 7 && job->end.signal == 0);
    CHECK(strcmp(job->out, "hello 0 from stdin\n") == 0);
    CHECK(job->err_size == 0 && job->claims_size == 0);
    CHECK(job->started == 1 && job->ended == 1 && job->end.started == 1);
    CHECK(job->end.run_us > 0 && job->end.run_us < 10000000ull * (unsigned)test_slowness());
    CHECK(job->end.denials_total == 0 && job->end.stage == 0);
}

static void test_receipt(void)
{
    CHECK(run("pass") && status_is(LW_STATUS_OK) && job->end.exit_code == 0);
    const uint32_t flags = LW_RECEIPT_FLAG_NO_NEW_PRIVS | LW_RECEIPT_FLAG_SECCOMP_FILTER | LW_RECEIPT_FLAG_CAPABILITIES_EMPTY |
                           LW_RECEIPT_FLAG_NOT_DUMPABLE;
    CHECK((job->end.receipt_flags & flags) == flags);
    CHECK(job->end.namespaces == LW_NAMESPACE_KNOWN);
    uint32_t abi = lw_landlock_kernel_abi();
    CHECK(job->end.landlock_abi == (abi < 6 ? abi : 6) && (job->end.landlock_handled_fs > 0) == (abi > 0));
    CHECK(job->end.seccomp_instructions > 10);
    CHECK(job->end.inside_uid == 0 && job->end.inside_gid == 0);
    CHECK(job->end.outside_uid == (privileged ? SLOT_BASE + job->end.slot : ORDINARY));
    CHECK(job->end.outside_gid == (privileged ? SLOT_BASE + job->end.slot : ORDINARY));
    CHECK(job->end.mode == LW_APPLIED_MODE_ENFORCE);
    CHECK(job->end.cgroup_version == supervisor.ready.cgroup_version);
}

static void test_limits_in_receipt(void)
{
    NEEDS(LW_LIMIT_BIT_MEMORY);
    CHECK(run("bytearray(50 << 20)") && status_is(LW_STATUS_OK));
    const uint32_t wanted = LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_PIDS | LW_LIMIT_BIT_CPU;
    CHECK((job->end.limits_enforced & wanted) == wanted);
    CHECK(job->end.memory_max == 1u << 30 && job->end.pids_max == 64);
    CHECK(job->end.cpu_quota_us == 100000 && job->end.cpu_period_us == 100000);
    CHECK(job->end.memory_peak > 50u << 20 && job->end.memory_peak < 200u << 20);
    CHECK(job->end.cpu_time_us > 1000 && job->end.cpu_time_us < 5000000ull * (unsigned)test_slowness());
}

static void test_exception(void)
{
    CHECK(run("raise ValueError('bad')") && status_is(LW_STATUS_ERROR) && job->end.exit_code == 1);
    CHECK(job->claims_size > 0 && strcmp(job->claims, "ValueError") == 0);
    CHECK(strstr(job->err, "ValueError: bad"));
}

static void test_signaled(void)
{
    CHECK(run("import os\nos.kill(os.getpid(), 15)") && status_is(LW_STATUS_SIGNALED));
    CHECK(job->end.signal == SIGTERM && job->end.exit_code == -1);
    CHECK(run("import os\nos.kill(os.getpid(), 9)") && status_is(LW_STATUS_SIGNALED) && job->end.signal == SIGKILL);
}

static void test_timeout(void)
{
    struct test_request asked =
        request("import signal, time\nfor number in (1, 2, 3, 15): signal.signal(number, signal.SIG_IGN)\n"
                "print('begun', flush=True)\nwhile True: pass");
    asked.timeout_ms = 300 * (unsigned)test_slowness();
    CHECK(run_request(&asked));
    CHECK(status_is(LW_STATUS_TIMED_OUT) && job->end.started == 1);
    CHECK(strcmp(job->out, "begun\n") == 0);
    CHECK(job->end.run_us >= 300000ull * (unsigned)test_slowness() && job->end.run_us < 2000000ull * (unsigned)test_slowness());
}

static void test_oom(void)
{
    NEEDS(LW_LIMIT_BIT_MEMORY);
    struct test_request asked = request("held = []\nwhile True: held.append(bytearray(1 << 20))");
    asked.memory_max = 64u << 20;
    CHECK(run_request(&asked));
    CHECK(status_is(LW_STATUS_OOM_KILLED) && job->end.memory_max == 64u << 20);
    CHECK(job->end.memory_peak > 32u << 20 && job->end.memory_peak <= 64u << 20);
}

static void test_memory_of_request_too_small(void)
{
    NEEDS(LW_LIMIT_BIT_MEMORY);
    struct test_request asked = request("pass");
    asked.memory_max = 4096;
    CHECK(run_request(&asked));
    CHECK(status_is(LW_STATUS_SANDBOX_ERROR) && job->end.stage == LW_STAGE_LIMITS && job->end.started == 0);
    CHECK(run("print('next')") && status_is(LW_STATUS_OK));
}

static void test_output_limit(void)
{
    CHECK(run("while True: print('x' * 1000)") && status_is(LW_STATUS_OUTPUT_LIMIT));
    CHECK(job->end.truncated == LW_TRUNCATED_STDOUT && job->out_total == 1u << 20);
    CHECK(run("import sys\nwhile True: sys.stderr.write('x' * 1000)") && status_is(LW_STATUS_OUTPUT_LIMIT));
    CHECK(job->end.truncated == LW_TRUNCATED_STDERR && job->err_size == 1u << 20);
}

static void test_output_up_to_the_limit(void)
{
    CHECK(run("import os\nfor i in range(1024): os.write(1, b'y' * 1024)") && status_is(LW_STATUS_OK));
    CHECK(job->end.truncated == 0 && job->out_total == 1u << 20);
}

static void test_claims_are_cut(void)
{
    CHECK(run("import os\nfor i in range(100): os.write(4, b'c' * 4096)") && status_is(LW_STATUS_OK));
    CHECK(job->end.truncated == LW_TRUNCATED_CLAIMS && job->claims_size == 65536);
}

/* The daemon does not read: the job waits, and nothing is lost. */
static void test_back_pressure(void)
{
    struct test_request asked = request("import os\nfor i in range(15): os.write(1, bytes([65 + i]) * 65536)");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    usleep(300000);
    CHECK(test_daemon_await(&supervisor, job, 10000) == 0 && status_is(LW_STATUS_OK));
    CHECK(job->out_total == 15 * 65536);
    for (int i = 0; i < 15; i++) CHECK(job->out[i * 65536] == 'A' + i && job->out[i * 65536 + 65535] == 'A' + i);
}

static uint64_t wanted_total;

static int has_output(void *argument)
{
    return ((struct test_job *)argument)->out_total >= wanted_total;
}

/* The daemon has what it may have of this job, and no other job notices. */
static void test_window(void)
{
    struct test_request asked = request("import os\nfor i in range(5): os.write(1, bytes([65 + i]) * 65536)\nos.write(2, b'end')");
    asked.stream_window = 100000;
    test_daemon_forget(&supervisor);
    struct test_job *streamed = test_daemon_send(&supervisor, &asked);
    wanted_total = 100000;
    CHECK(test_daemon_pump(&supervisor, has_output, streamed, 10000) == 0);
    asked = request("print('beside')");
    struct test_job *beside = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_await(&supervisor, beside, 10000) == 0 && strcmp(beside->out, "beside\n") == 0);
    CHECK(streamed->out_total == 100000 && !streamed->ended);
    for (int i = 2; i <= 3; i++) {
        test_daemon_take(&supervisor, streamed->id, 100000);
        wanted_total = (uint64_t)i * 100000;
        CHECK(test_daemon_pump(&supervisor, has_output, streamed, 10000) == 0 && streamed->out_total == wanted_total);
    }
    job = streamed;
    test_daemon_take(&supervisor, job->id, 100000);
    CHECK(test_daemon_await(&supervisor, job, 10000) == 0 && status_is(LW_STATUS_OK));
    CHECK(job->out_total == 5 * 65536 && strcmp(job->err, "end") == 0);
    for (int i = 0; i < 5; i++) CHECK(job->out[i * 65536] == 'A' + i && job->out[i * 65536 + 65535] == 'A' + i);
}

/* What is in the pipe of a job that is dead needs no room. */
static void test_window_at_the_end(void)
{
    struct test_request asked = request("import os\nos.write(1, b'x' * 5000)");
    asked.stream_window = 1000;
    CHECK(run_request(&asked) && status_is(LW_STATUS_OK) && job->out_total == 5000);
    asked = request("import os\nwhile True: os.write(1, b'x' * 1000)");
    asked.stream_window = 1000;
    asked.timeout_ms = 300 * (unsigned)test_slowness();
    CHECK(run_request(&asked) && status_is(LW_STATUS_TIMED_OUT) && job->out_total >= 1000 && job->out_total <= 1000 + 65536);
}

static void test_cancel(void)
{
    struct test_request asked = request("while True: pass");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    test_daemon_cancel(&supervisor, job->id);
    CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_CANCELLED) && job->end.started == 1);
    test_daemon_cancel(&supervisor, job->id); /* once more is no error */
    CHECK(run("pass") && status_is(LW_STATUS_OK));
}

/* A deadline of the request that passes when the code was released already. */
static void test_cancel_waiting_leaves_what_runs(void)
{
    struct test_request asked = request("import time\ntime.sleep(0.3)\nprint('to its end')");
    test_daemon_forget(&supervisor);
    job = test_daemon_send(&supervisor, &asked);
    CHECK(test_daemon_pump(&supervisor, has_started, job, 5000) == 0);
    test_daemon_cancel_waiting(&supervisor, job->id);
    CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_OK) && strcmp(job->out, "to its end\n") == 0);
}

static void test_denials(void)
{
    CHECK(run("import socket\nfor i in range(5):\n    try: socket.socket()\n    except PermissionError as error: "
              "print(error.errno)") &&
          status_is(LW_STATUS_OK));
    CHECK(strcmp(job->out, "13\n13\n13\n13\n13\n") == 0);
    const struct lw_message_job_denial *found = NULL;
    for (uint32_t i = 0; i < job->denial_count; i++) {
        if (job->denials[i].nr == SYS_socket) found = &job->denials[i];
    }
    CHECK(found && found->count == 5 && found->args[0] == 2 && found->errno_ == EACCES);
    CHECK(job->end.denials_total >= 5);
}

/* 64 at once, then 1000 a second: 564 take half a second, and the job is still answered correctly. */
static void test_denials_are_throttled(void)
{
    CHECK(run("import os, time\nstart = time.monotonic()\nfor i in range(564):\n    try: os.getcwd()\n    except "
              "PermissionError: pass\n"
              "print(0.4 < time.monotonic() - start < 50)") &&
          status_is(LW_STATUS_OK));
    CHECK(strcmp(job->out, "True\n") == 0 && job->end.denials_total >= 564);
}

static void test_burst(void)
{
    struct test_request asked = request("import time\ntime.sleep(0.1)\nprint('done')");
    struct test_job *jobs[12];
    test_daemon_forget(&supervisor);
    for (int i = 0; i < 12; i++) jobs[i] = test_daemon_send(&supervisor, &asked);
    for (int i = 0; i < 12; i++) {
        job = jobs[i];
        CHECK(test_daemon_await(&supervisor, job, 20000) == 0 && status_is(LW_STATUS_OK) && strcmp(job->out, "done\n") == 0);
    }
    /* Four at most were alive at a time. */
    CHECK(jobs[11]->start.queue_us > 150000);
}

static void test_cancel_in_line(void)
{
    void (*const ways[])(struct test_daemon *, uint64_t) = {test_daemon_cancel, test_daemon_cancel_waiting};
    struct test_request busy = request("import time\ntime.sleep(0.5)");
    struct test_request asked = request("print('never')");
    test_daemon_forget(&supervisor);
    for (int i = 0; i < 4; i++) test_daemon_send(&supervisor, &busy);
    for (int i = 0; i < 2; i++) {
        job = test_daemon_send(&supervisor, &asked);
        ways[i](&supervisor, job->id);
        CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && status_is(LW_STATUS_CANCELLED) && job->end.started == 0);
    }
    for (uint32_t i = 0; i < 4; i++) CHECK(test_daemon_await(&supervisor, &supervisor.jobs[i], 5000) == 0);
}

static void test_nothing_is_left(void)
{
    static const char code[] = "import os\nprint(os.listdir('/tmp'))\nopen('/tmp/mark', 'w').write('1')\n";
    for (int i = 0; i < 3; i++) CHECK(run(code) && status_is(LW_STATUS_OK) && strcmp(job->out, "[]\n") == 0);
}

const struct supervisor_case supervisor_job_cases[] = {
    {"hello", test_hello},
    {"receipt", test_receipt},
    {"limits in receipt", test_limits_in_receipt},
    {"exception", test_exception},
    {"signaled", test_signaled},
    {"timeout", test_timeout},
    {"oom", test_oom},
    {"memory of request too small", test_memory_of_request_too_small},
    {"output limit", test_output_limit},
    {"output up to the limit", test_output_up_to_the_limit},
    {"claims are cut", test_claims_are_cut},
    {"back-pressure", test_back_pressure},
    {"window", test_window},
    {"window at the end", test_window_at_the_end},
    {"cancel", test_cancel},
    {"cancel waiting leaves what runs", test_cancel_waiting_leaves_what_runs},
    {"denials", test_denials},
    {"denials are throttled", test_denials_are_throttled},
    {"burst", test_burst},
    {"cancel in line", test_cancel_in_line},
    {"nothing is left", test_nothing_is_left},
    {NULL, NULL},
};
