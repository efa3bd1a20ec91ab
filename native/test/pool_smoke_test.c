/*
 * Real jobs through pool init, zygote and worker, with a supervisor that is just large enough (mini_supervisor.h): as root with ids
 * of its own, and as an ordinary user in a user namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_landlock.h"
#include "lw_namespaces.h"
#include "lw_plan_gen.h"
#include "lw_test.h"
#include "mini_supervisor.h"
#include "smoke_plan.h"

enum { NOBODY = 65534, TIME_LIMIT_SECONDS = 120 };

static struct mini_supervisor supervisor;
static struct mini_job job;
static uint32_t slot_uid;
static const char *variant; /* "service" or "rootless" */
static char workspace[] = "/tmp/leeward-smoke-XXXXXX";

#define PYTHON "/usr/bin/python3"
#define TEXT_OF(macro) TEXT_OF_(macro)
#define TEXT_OF_(text) #text
#define SESSION_KEYRING "leeward-smoke-session"

/* The warm-up leaves behind what a library may: text in buffers of stdio, the first sys.stdout, an unbuffered stdin. */
static const char SETTINGS[] =
    "{\"preload\": [\"random\", \"tempfile\", \"uuid\"], \"globals\": {\"js\": \"json\"}, \"warmup\": \""
    "import builtins, ctypes, random, sys, tempfile; next(tempfile._get_candidate_names()); random.random();"
    "ctypes.CDLL(None).printf(b'# from the warm-up\\\\n'); builtins.first_stdout = sys.stdout;"
    "sys.stdin.reconfigure(write_through=True); d = ctypes.create_string_buffer(256);"
    "ctypes.CDLL(None).syscall(" TEXT_OF(SYS_keyctl) ", 6, -3, d, 256); builtins.session_keyring = d.value\"}";

/* Appends `text` as the inside of a JSON string. */
static void append_json(char *to, size_t size, const char *text)
{
    size_t length = strlen(to);
    for (; *text && length + 3 < size; text++) {
        if (*text == '"' || *text == '\\' || *text == '\n')
            to[length++] = '\\';
        to[length++] = *text == '\n' ? 'n' : *text;
    }
    to[length] = '\0';
}

/* Runs `code`. A failure of the machinery is printed, as the test's expectation could not tell. */
static int run(const char *code)
{
    static char payload[16384];
    strcpy(payload, "{\"run\": \"code\", \"filename\": \"<job>\", \"argv\": [\"job\", \"x\"], \"env\": {\"GREETING\": \"hi\", "
                    "\"TZ\": \"<+05>-5\"}, ");
    strcat(payload, "\"code\": \"");
    append_json(payload, sizeof(payload) - 3, code);
    strcat(payload, "\"}");
    int result = mini_supervisor_run(&supervisor, slot_uid, payload, "from stdin", &job);
    if (result)
        printf("# %s: %s\n", variant, supervisor.text);
    return result;
}

static int exited(int status)
{
    return job.waited == CLD_EXITED && job.exit_status == status;
}

/* The value of a line "Name:\tvalue" of /proc/PID/status. */
static const char *status_field(const char *name)
{
    static char value[256];
    char start[64];
    snprintf(start, sizeof(start), "\n%s:\t", name);
    const char *line = strstr(job.status, start);
    value[0] = '\0';
    if (line)
        sscanf(line + strlen(start), "%255[^\n]", value);
    return value;
}

static int status_is(const char *name, const char *wanted)
{
    return strcmp(status_field(name), wanted) == 0;
}

static void test_hello(void)
{
    LW_CHECK(run("import os, sys\n"
                 "print('hello', os.getuid(), os.getgid(), sys.argv, os.environ['GREETING'], sys.stdin.read(), js.dumps([1]),\n"
                 "      'LD_PRELOAD' in os.environ, sys.path[0])\n"
                 "sys.exit(7)") == 0);
    LW_CHECK(strcmp(job.out, "hello 0 0 ['job', 'x'] hi from stdin [1] False /tmp\n") == 0);
    LW_CHECK(*job.err == '\0');
    LW_CHECK(exited(7));
    LW_CHECK(job.claims_size == 0);
    LW_CHECK(job.denied_count == 0);
}

/* The C library has read TZ long before the request came. */
static void test_time_zone(void)
{
    LW_CHECK(run("import datetime, time\nprint(time.strftime('%z'), datetime.datetime.now().astimezone().utcoffset())") == 0);
    LW_CHECK(exited(0) && strcmp(job.out, "+0500 5:00:00\n") == 0);
}

static void test_posture(void)
{
    static const char empty[] = "0000000000000000";
    LW_CHECK(run("pass") == 0);
    LW_CHECK(exited(0) && *job.out == '\0' && *job.err == '\0' && job.denied_count == 0);
    LW_CHECK(status_is("NoNewPrivs", "1"));
    LW_CHECK(status_is("Seccomp", "2"));
    LW_CHECK(status_is("Seccomp_filters", "1"));
    LW_CHECK(status_is("CapInh", empty) && status_is("CapPrm", empty) && status_is("CapEff", empty));
    LW_CHECK(status_is("CapBnd", empty) && status_is("CapAmb", empty));
    LW_CHECK(status_is("Threads", "1"));
    int outer, pool, inner;
    LW_CHECK(sscanf(status_field("NSpid"), "%d %d %d", &outer, &pool, &inner) == 3 && (inner == 2 || inner == 3));
    LW_CHECK(strcmp(job.descriptors, "0 1 2 3 4 ") == 0);
}

static void test_receipt(void)
{
    LW_CHECK(run("pass") == 0);
    LW_CHECK(job.report.kind == LW_REPORT_READY);
    LW_CHECK(job.report.namespaces == 0x7e020000u);
    LW_CHECK(job.report.landlock_abi > 0 && (job.report.landlock_handled_fs & 0x1fff) == 0x1fff);
    LW_CHECK(job.report.seccomp_instructions > 10);
    LW_CHECK((job.report.receipt_flags & 0x27) == 0x27 && (job.report.receipt_flags & 0x8) == 0);
}

static void test_ids_outside(void)
{
    int real = -1;
    LW_CHECK(run("pass") == 0);
    LW_CHECK(sscanf(status_field("Uid"), "%d", &real) == 1);
    LW_CHECK(real == (slot_uid ? 200000 : 0));
    LW_CHECK(slot_uid == 0 || status_is("Groups", " ") || status_is("Groups", ""));
}

static void test_exception(void)
{
    LW_CHECK(run("def f(value):\n    raise ValueError('bad value')\nf(1)") == 0);
    LW_CHECK(exited(1));
    LW_CHECK(strcmp(job.claims, "ValueError") == 0);
    LW_CHECK(strcmp(job.claims + 11, "bad value") == 0);
    LW_CHECK(strcmp(job.claims + 21, job.err) == 0);
    LW_CHECK(strstr(job.err, "File \"<job>\", line 2, in f\n    raise ValueError('bad value')"));
    LW_CHECK(!strstr(job.err, "zygote"));
}

static void test_syntax_error(void)
{
    LW_CHECK(run("x = (1,\n") == 0);
    LW_CHECK(exited(1) && strcmp(job.claims, "SyntaxError") == 0);
    LW_CHECK(!strstr(job.err, "zygote"));
}

static void test_exit_with_text(void)
{
    LW_CHECK(run("import sys\nsys.exit('gone')") == 0);
    LW_CHECK(exited(1) && strcmp(job.err, "gone\n") == 0 && job.claims_size == 0);
}

static void test_end_of_interpreter(void)
{
    LW_CHECK(run("import atexit\n"
                 "class Last:\n"
                 "    def __del__(self, out=print): out('deleted')\n"
                 "last = Last()\n"
                 "atexit.register(print, 'at exit')\n"
                 "cycle = [open(1, 'w', closefd=False)]\n"
                 "cycle.append(cycle)\n"
                 "cycle[0].write('never closed\\n')\n"
                 "del cycle") == 0);
    LW_CHECK(exited(0));
    LW_CHECK(strstr(job.out, "at exit\n") && strstr(job.out, "deleted\n") && strstr(job.out, "never closed\n"));
}

static void test_destructors(void)
{
    LW_CHECK(run("import os\n"
                 "class Last:\n"
                 "    def __del__(self): print('deleted', os.getpid() == PID, helper())\n"
                 "PID = os.getpid()\n"
                 "last = Last()\n"
                 "def helper(): return 'helped'") == 0);
    LW_CHECK(exited(0) && *job.err == '\0' && strcmp(job.out, "deleted True helped\n") == 0);
}

static void test_replaced_stdout(void)
{
    LW_CHECK(run("import sys\n"
                 "class Tee:\n"
                 "    def __init__(self, to): self.to = to\n"
                 "    def write(self, text): return self.to.write(text)\n"
                 "    def flush(self): self.to.flush()\n"
                 "sys.stdout = Tee(sys.stdout)\n"
                 "print('through')") == 0);
    LW_CHECK(exited(0) && *job.err == '\0' && strcmp(job.out, "through\n") == 0);
    LW_CHECK(run("import sys\nprint('kept')\ndel sys.stdout") == 0);
    LW_CHECK(exited(0) && *job.err == '\0' && strcmp(job.out, "kept\n") == 0);
}

static void test_exit_statuses(void)
{
    static const struct {
        const char *code;
        int status;
    } cases[] = {
        {"raise SystemExit", 0},
        {"raise SystemExit(True)", 1},
        {"raise SystemExit(-1)", 255},
        {"raise SystemExit(1 << 64)", 255},
        {"raise SystemExit(type('I', (int,), {'__and__': None})(3))", 3},
        {"raise type('S', (SystemExit,), {'code': property(lambda self: 1 / 0)})", 1},
        {"raise SystemExit(type('T', (), {'__str__': lambda self: exit(3)})())", 1},
        {"raise type('E', (Exception,), {'with_traceback': None})", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        LW_CHECK(run(cases[i].code) == 0 && exited(cases[i].status));
        LW_CHECK(!strstr(job.err, "zygote"));
    }
}

/* Python ends a line at fewer characters than str.splitlines does. */
static void test_source_lines(void)
{
    LW_CHECK(run("text = '\xe2\x80\xa8'\nraise ValueError(text)") == 0);
    LW_CHECK(exited(1) && strstr(job.err, "line 2, in <module>\n    raise ValueError(text)\n"));
}

/* The traceback does not depend on the claims, and a claim does not get into a file that has the number by now. */
static void test_lost_claims(void)
{
    LW_CHECK(run("import os\nos.close(4)\nraise ValueError('shown')") == 0);
    LW_CHECK(exited(1) && job.claims_size == 0 && strstr(job.err, "\nValueError: shown\n"));
    LW_CHECK(run("import atexit, os\n"
                 "os.close(4)\n"
                 "files = [open('/tmp/%d' % i, 'w+b', buffering=0) for i in (0, 1)]\n"
                 "atexit.register(lambda: print(files[1].fileno(), os.fstat(4).st_size))\n"
                 "raise ValueError('shown')") == 0);
    LW_CHECK(exited(1) && strcmp(job.out, "4 0\n") == 0 && strstr(job.err, "\nValueError: shown\n"));
}

static void test_descriptor_flags(void)
{
    LW_CHECK(run("import fcntl\nprint([fcntl.fcntl(number, fcntl.F_GETFD) for number in (0, 1, 2, 4)])") == 0);
    LW_CHECK(exited(0) && strcmp(job.out, "[0, 0, 0, 1]\n") == 0);
}

/* Of what SETTINGS leaves behind; test_hello sees that nothing of stdio's is left. */
static void test_preloaded_streams(void)
{
    LW_CHECK(run("import sys\nprint('first', file=first_stdout)\nsys.exit(not hasattr(sys.stdin.buffer, 'peek'))") == 0);
    LW_CHECK(exited(0) && *job.err == '\0' && strcmp(job.out, "first\n") == 0);
}

static void test_session_keyring(void)
{
    LW_CHECK(run("print(session_keyring)") == 0);
    LW_CHECK(exited(0) && !strstr(job.out, SESSION_KEYRING));
}

static void test_broken_stdout(void)
{
    LW_CHECK(run("import os\nprint('lost')\nos.close(1)") == 0);
    LW_CHECK(exited(120));
    LW_CHECK(strstr(job.err, "Exception ignored in: <_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>\nOSError"));
}

static void test_signal_to_itself(void)
{
    LW_CHECK(run("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)") == 0);
    LW_CHECK(job.waited == CLD_KILLED && job.exit_status == SIGTERM);
}

static void test_fresh_entropy(void)
{
    static char first[sizeof(job.out)];
    static const char code[] = "import random, tempfile, uuid\n"
                               "print(random.getrandbits(64), next(tempfile._get_candidate_names()), uuid.uuid4())";
    char number[2][64], name[2][64], id[2][64];
    LW_CHECK(run(code) == 0 && exited(0));
    strcpy(first, job.out);
    LW_CHECK(run(code) == 0 && exited(0));
    LW_CHECK(sscanf(first, "%63s %63s %63s", number[0], name[0], id[0]) == 3);
    LW_CHECK(sscanf(job.out, "%63s %63s %63s", number[1], name[1], id[1]) == 3);
    LW_CHECK(strcmp(number[0], number[1]) != 0 && strcmp(name[0], name[1]) != 0 && strcmp(id[0], id[1]) != 0);
}

static void test_nothing_is_left(void)
{
    static const char code[] = "import builtins, json, os\n"
                               "print(os.listdir('/tmp'), hasattr(builtins, 'mark'), hasattr(json, 'mark'), 'x' in globals())\n"
                               "builtins.mark = json.mark = x = 1\n"
                               "open('/tmp/mark', 'w').write('1')\n";
    for (int i = 0; i < 2; i++) {
        LW_CHECK(run(code) == 0 && exited(0));
        LW_CHECK(strcmp(job.out, "[] False False False\n") == 0);
    }
}

static void test_denied_calls(void)
{
    LW_CHECK(run("import os, socket\n"
                 "for call in (socket.socket, os.fork, os.getcwd):\n"
                 "    try: call(); print('done')\n"
                 "    except PermissionError as error: print(error.errno)\n") == 0);
    LW_CHECK(exited(0) && strcmp(job.out, "13\n13\n13\n") == 0);
    /* Before them, `import socket` looks for the poll and epoll calls. */
    const int *last = job.denied + job.denied_count - 3;
    LW_CHECK(job.denied_count >= 3 && last[0] == SYS_socket && last[1] == SYS_clone && last[2] == SYS_getcwd);
}

static void test_paths(void)
{
    LW_CHECK(run("import os\n"
                 "def attempt(path, mode):\n"
                 "    try: open(path, mode).close(); return 0\n"
                 "    except OSError as error: return error.errno\n"
                 "print(attempt('/tmp/new', 'w'), attempt('/usr/lib/os-release', 'r'), attempt('/dev/null', 'w'),\n"
                 "      attempt('/closed/new', 'w'), attempt('/usr/new', 'w'), attempt('/new', 'w'), attempt('/mnt/ro/new', 'w'),\n"
                 "      attempt('/etc/passwd', 'r'), attempt('/input', 'r'), attempt('/proc/1/environ', 'r'))\n"
                 "print(open('/proc/1/cmdline').read().strip('\\0') == '', open('/proc/1/comm').read().strip())\n"
                 "print(sorted(entry for entry in os.listdir('/proc') if entry.isdigit()) == ['1', str(os.getpid())])\n"
                 "print([line.split(None, 2)[2].strip() for line in open('/proc/self/uid_map')])\n") == 0);
    LW_CHECK(exited(0));
    int results[10];
    LW_CHECK(sscanf(job.out, "%d %d %d %d %d %d %d %d %d %d", &results[0], &results[1], &results[2], &results[3], &results[4],
                    &results[5], &results[6], &results[7], &results[8], &results[9]) == 10);
    LW_CHECK(results[0] == 0 && results[1] == 0 && results[2] == 0);
    LW_CHECK(results[3] == EACCES && results[6] == EACCES);
    LW_CHECK((results[4] == EACCES || results[4] == EROFS) && (results[5] == EACCES || results[5] == EROFS));
    LW_CHECK(results[7] == ENOENT && results[8] == ENOENT && results[9] == EACCES);
    LW_CHECK(strstr(job.out, "\nTrue leeward-init\nTrue\n['1']\n"));
}

static void test_limits(void)
{
    LW_CHECK(run("limits = open('/proc/self/limits').readlines()\n"
                 "print([line.split()[-3:-1] for line in limits if 'core' in line or 'open files' in line])") == 0);
    LW_CHECK(exited(0) && strcmp(job.out, "[['1', '1'], ['64', '64']]\n") == 0);
}

/* As on a kernel of ABI 1, and as on one without Landlock, which the plan's minimum refuses. */
static void test_older_landlock(void)
{
    supervisor.landlock_abi_cap = 1;
    int result = run("pass");
    supervisor.landlock_abi_cap = LW_LANDLOCK_ABI_UNCAPPED;
    LW_CHECK(result == 0 && exited(0));
    LW_CHECK(job.report.landlock_abi == 1 && job.report.landlock_handled_fs == 0x1fff && job.report.landlock_scoped == 0);
    supervisor.landlock_abi_cap = 0;
    result = mini_supervisor_run(&supervisor, slot_uid, "{}", "", &job);
    supervisor.landlock_abi_cap = LW_LANDLOCK_ABI_UNCAPPED;
    LW_CHECK(result == -EOPNOTSUPP);
    LW_CHECK(job.report.kind == LW_REPORT_FAILED && job.report.error.stage == LW_STAGE_LANDLOCK && *job.out == '\0');
}

/* --- fixtures --------------------------------------------------------------------------------------------------- */

static const char *worker_directory(void)
{
    static char path[4096];
    return realpath("build/worker", path); /* also when this is sanitized: an interpreter cannot preload such a library */
}

static int start(const char *interpreter, const char *settings)
{
    static _Alignas(8) char plan[LW_SMOKE_PLAN_MAX];
    const char *worker = worker_directory();
    if (!worker) {
        snprintf(supervisor.text, sizeof(supervisor.text), "no worker: %s", strerror(errno));
        return -errno;
    }
    size_t size = lw_smoke_plan(plan, worker, interpreter, settings);
    int memfd = memfd_create("plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memfd < 0 || lw_fd_write_all(memfd, plan, size))
        return -errno;
    if (fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
        return -errno;
    return mini_supervisor_start(&supervisor, memfd, size, slot_uid != 0, workspace);
}

static void test_failed_exec(void)
{
    LW_CHECK(start("/usr/bin/no-such-python", "{}") == -ENOENT);
    LW_CHECK(strcmp(supervisor.text, "zygote: exec[0]: No such file or directory") == 0);
}

static void test_failed_preload(void)
{
    LW_CHECK(start(PYTHON, "{\"preload\": [\"no_such_module\"]}") != 0);
    LW_CHECK(strstr(supervisor.text, "ModuleNotFoundError: No module named 'no_such_module'"));
}

static void test_refused_threads(void)
{
    LW_CHECK(start(PYTHON, "{\"warmup\": \"import threading, time\\nthreading.Thread(target=time.sleep, args=(60,), daemon=True)"
                           ".start()\"}") != 0);
    LW_CHECK(strstr(supervisor.text, "left 2 threads"));
}

static void test_refused_descriptors(void)
{
    LW_CHECK(start(PYTHON, "{\"warmup\": \"import builtins; builtins.kept = open('/dev/null')\"}") != 0);
    LW_CHECK(strstr(supervisor.text, "left descriptors open (4: /dev/null)"));
}

static void test_refused_shared_memory(void)
{
    LW_CHECK(start(PYTHON, "{\"warmup\": \"import builtins, mmap; builtins.kept = mmap.mmap(-1, 4096)\"}") != 0);
    LW_CHECK(strstr(supervisor.text, "left writable shared memory"));
}

static void test_too_many_fork_handlers(void)
{
    LW_CHECK(start(PYTHON, "{\"warmup\": \"import ctypes\\nfor _ in range(1000):\\n"
                           " ctypes.CDLL(None).__register_atfork(None, None, None, None)\"}") != 0);
    LW_CHECK(strstr(supervisor.text, "leeward_worker_ready"));
}

static void test_start(void)
{
    int result = start(PYTHON, SETTINGS);
    if (result)
        printf("# %s\n", supervisor.text);
    LW_CHECK(result == 0);
}

static void test_stop(void)
{
    int result = mini_supervisor_stop(&supervisor);
    if (result)
        printf("# %s\n", supervisor.text);
    LW_CHECK(result == 0);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    {"failed exec", test_failed_exec}, {"failed preload", test_failed_preload}, {"refused threads", test_refused_threads},
    {"refused descriptors", test_refused_descriptors}, {"refused shared memory", test_refused_shared_memory},
    {"too many fork handlers", test_too_many_fork_handlers}, {"start", test_start},
    {"hello", test_hello}, {"time zone", test_time_zone}, {"posture", test_posture}, {"receipt", test_receipt}, {"ids outside", test_ids_outside},
    {"exception", test_exception}, {"syntax error", test_syntax_error}, {"exit with text", test_exit_with_text},
    {"end of interpreter", test_end_of_interpreter}, {"destructors", test_destructors},
    {"replaced stdout", test_replaced_stdout}, {"exit statuses", test_exit_statuses}, {"source lines", test_source_lines},
    {"lost claims", test_lost_claims}, {"descriptor flags", test_descriptor_flags},
    {"preloaded streams", test_preloaded_streams}, {"session keyring", test_session_keyring},
    {"broken stdout", test_broken_stdout},
    {"signal to itself", test_signal_to_itself}, {"fresh entropy", test_fresh_entropy},
    {"nothing is left", test_nothing_is_left}, {"denied calls", test_denied_calls}, {"paths", test_paths},
    {"limits", test_limits}, {"older Landlock", test_older_landlock}, {"stop", test_stop},
};

static void print_job(void)
{
    printf("# waited %d, status %d, denied", job.waited, job.exit_status);
    for (int i = 0; i < job.denied_count && i < 64; i++)
        printf(" %d", job.denied[i]);
    printf("\n# stdout: %s\n# stderr: %s\n", job.out, job.err);
    fflush(stdout);
}

/* PID 1 of a PID namespace, with a /proc of its own. Never returns. */
static _Noreturn void run_tests(void)
{
    signal(SIGPIPE, SIG_IGN);
    (void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, SESSION_KEYRING);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        printf("not ok %s: private /proc: %s\n", variant, strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s: %s", variant, tests[i].name);
        int failures = lw_test_failures;
        lw_test_run(name, tests[i].test);
        if (lw_test_failures > failures)
            print_job();
    }
    _exit(lw_test_status());
}

static int become_ordinary(void)
{
    if (lw_identity_become(NOBODY, 0) || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 || unshare(CLONE_NEWUSER) < 0)
        return -errno;
    LW_AUTO_CLOSE int proc = lw_proc_open();
    return proc < 0 ? proc : lw_id_map_self(proc, 0, NOBODY, 0, NOBODY);
}

/* Runs the tests in namespaces that end with them, within the time limit. Returns the exit status. */
static int run_variant(const char *name, int privileged)
{
    variant = name;
    slot_uid = privileged ? 1 : 0;
    fflush(stdout);
    int pidfd;
    pid_t pid = lw_clone(0, &pidfd);
    if (pid == 0) {
        if (!privileged && become_ordinary()) {
            printf("skip %s: an ordinary user may not make a user namespace here\n", name);
            fflush(stdout);
            _exit(0);
        }
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        alarm(TIME_LIMIT_SECONDS);
        pid_t first = lw_clone(CLONE_NEWPID | CLONE_NEWNS, NULL);
        if (first == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
            run_tests();
        }
        int status = 0;
        _exit(first > 0 && waitpid(first, &status, 0) == first && WIFEXITED(status) ? WEXITSTATUS(status) : 2);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (!WIFEXITED(status))
        printf("not ok %s: ended by signal %d\n", name, WTERMSIG(status));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* As above, with a workspace directory: made before and removed after, as rmdir(2) detaches what is mounted there anywhere. */
static int run_in_workspace(const char *name, int privileged)
{
    strcpy(workspace + sizeof(workspace) - 7, "XXXXXX");
    if (!mkdtemp(workspace)) {
        printf("not ok %s: mkdtemp: %s\n", name, strerror(errno));
        return 1;
    }
    int result = run_variant(name, privileged);
    (void)rmdir(workspace);
    return result;
}

int main(int count, char **arguments)
{
    mini_supervisor_arguments = arguments[0];
    mini_supervisor_arguments_size = (size_t)(arguments[count - 1] + strlen(arguments[count - 1]) - arguments[0]);
    if (geteuid() != 0) {
        printf("skip pool_smoke: needs root\n");
        return 0;
    }
    int service = run_in_workspace("service", 1);
    return run_in_workspace("rootless", 0) || service;
}
