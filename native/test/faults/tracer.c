#include "tracer.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "registers.h"

enum { TRACEES_MAX = 512, BIRTHS_MAX = 512 };
enum mode { MODE_OFF, MODE_RECORD, MODE_INJECT };
enum command { COMMAND_SEIZE, COMMAND_RECORD, COMMAND_INJECT, COMMAND_MET, COMMAND_DISARM };

struct order {
    enum command command;
    pid_t pid;
    struct fault_target target;
};

struct tracee {
    pid_t tid;
    char who[WHO_MAX];
    char role[16];
    int thread;
    int announced;   /* its parent's event has told its name */
    int stopped;     /* it came before that event */
    int loading;     /* the dynamic loader or the interpreter runs: see `begins` */
    int interrupted; /* asked to stop, and did not yet */
    int answering;   /* the exit of the call gets `result` */
    long result;
    int shortened; /* the exit of the call gets its argument back: the caller's compiler counts on it */
    uint64_t argument;
};

/* Shared by the tracer and who commands it. */
struct shared {
    uint32_t record_count;
    struct fault_record records[RECORDS_MAX];
};

static struct shared *shared;
static int channel = -1; /* of the commanding side */

static struct tracee tracees[TRACEES_MAX];
static uint32_t tracee_count;
static char births[BIRTHS_MAX][WHO_MAX];
static uint32_t birth_count;
static enum mode mode;
static struct fault_target target;
static uint32_t met;
static int done;

/* --- who ---------------------------------------------------------------------------------------------------------- */

static struct tracee *find(pid_t tid)
{
    for (uint32_t i = 0; i < tracee_count; i++) {
        if (tracees[i].tid == tid) return &tracees[i];
    }
    return NULL;
}

static struct tracee *add(pid_t tid)
{
    if (tracee_count == TRACEES_MAX) abort();
    tracees[tracee_count] = (struct tracee){.tid = tid};
    return &tracees[tracee_count++];
}

static void forget(pid_t tid)
{
    struct tracee *tracee = find(tid);
    if (tracee) *tracee = tracees[--tracee_count];
}

static void read_role(struct tracee *tracee)
{
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)tracee->tid);
    FILE *file = fopen(path, "re");
    if (!file) return;
    if (fgets(tracee->role, sizeof(tracee->role), file)) tracee->role[strcspn(tracee->role, "\n")] = '\0';
    fclose(file);
}

static uint32_t count_birth(const char *name)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < birth_count; i++) count += strcmp(births[i], name) == 0;
    if (birth_count < BIRTHS_MAX) snprintf(births[birth_count++], WHO_MAX, "%s", name);
    return count;
}

static void name_child(struct tracee *child, const struct tracee *parent, uint64_t flags)
{
    static const struct {
        uint64_t flag;
        const char *name;
    } names[] = {{CLONE_THREAD, " thread"}, {CLONE_NEWUSER, " user"}, {CLONE_NEWPID, " pid"}, {CLONE_NEWNS, " mnt"},
                 {CLONE_PARENT, " sibling"}};
    char name[WHO_MAX];
    size_t size = (size_t)snprintf(name, sizeof(name), "%.60s >", parent->who);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (flags & names[i].flag && size < sizeof(name)) size += (size_t)snprintf(name + size, sizeof(name) - size, "%s", names[i].name);
    }
    snprintf(child->who, sizeof(child->who), "%.88s %u", name, count_birth(name));
    snprintf(child->role, sizeof(child->role), "%s", parent->role);
    child->thread = (flags & CLONE_THREAD) != 0;
    child->announced = 1;
}

/* --- stops -------------------------------------------------------------------------------------------------------- */

static int is_wanted(const struct tracee *tracee)
{
    if (tracee->answering || tracee->shortened) return 1;
    if (mode == MODE_RECORD) return 1;
    return mode == MODE_INJECT && !done && strcmp(tracee->who, target.site.who) == 0;
}

static void resume(struct tracee *tracee, int signal)
{
    ptrace(is_wanted(tracee) ? PTRACE_SYSCALL : PTRACE_CONT, tracee->tid, NULL, (void *)(long)signal);
}

/*
 * A program's own calls begin where its dynamic loader's and its interpreter's end: with the supervisor's first look at its socket,
 * with the zygote's first prctl. The others are made by trusted code of others, before anything of a job is there.
 */
static int begins(const struct fault_call *call)
{
    return call->nr == SYS_getsockopt || (call->nr == SYS_prctl && call->args[0] == PR_SET_DUMPABLE);
}

static uint32_t occurrence_of(const struct tracee *tracee, const char *name)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < shared->record_count; i++) {
        const struct fault_record *record = &shared->records[i];
        count += strcmp(record->call, name) == 0 && strcmp(record->who, tracee->who) == 0;
    }
    return count;
}

static void record(const struct tracee *tracee, const struct fault_call *call, const char *name)
{
    if (shared->record_count == RECORDS_MAX) return;
    struct fault_record entry = {.nr = (uint32_t)call->nr, .occurrence = occurrence_of(tracee, name)};
    memcpy(entry.who, tracee->who, sizeof(entry.who));
    memcpy(entry.role, tracee->role, sizeof(entry.role));
    memcpy(entry.call, name, sizeof(entry.call));
    shared->records[shared->record_count++] = entry;
}

/* The call becomes getpid(2), which every filter of the tests lets through, and what it answers is replaced. */
static void fail_call(struct tracee *tracee, const struct fault_call *call)
{
    done = 1;
    if (target.action == FAULT_KILL) {
        kill(tracee->tid, SIGKILL);
        return;
    }
    if (target.action == FAULT_SHORT) {
        tracee->shortened = 1;
        tracee->argument = call->args[2];
        registers_set_argument(tracee->tid, 2, call->args[2] / 2);
        return;
    }
    if (target.action != FAULT_AFTER) registers_set_call(tracee->tid, SYS_getpid);
    tracee->answering = 1;
    tracee->result = target.action == FAULT_ZERO ? 0 : -target.value;
}

static void call_entered(struct tracee *tracee, const struct __ptrace_syscall_info *info)
{
    struct fault_call call = {.nr = info->entry.nr};
    char name[CALL_NAME_MAX];
    for (int i = 0; i < 6; i++) call.args[i] = info->entry.args[i];
    if (tracee->loading && !begins(&call)) return;
    tracee->loading = 0;
    if (!is_wanted(tracee) || mode == MODE_OFF) return;
    if (mode == MODE_INJECT && call.nr != target.site.nr) return;
    call_name(tracee->tid, &call, name);
    if (mode == MODE_RECORD) {
        record(tracee, &call, name);
    } else if (strcmp(name, target.site.call) == 0 && ++met == target.site.occurrence) {
        fail_call(tracee, &call);
    }
}

static void call_left(struct tracee *tracee)
{
    if (tracee->shortened) registers_set_argument(tracee->tid, 2, tracee->argument);
    tracee->shortened = 0;
    if (!tracee->answering) return;
    registers_set_result(tracee->tid, tracee->result);
    tracee->answering = 0;
}

static void child_born(struct tracee *parent)
{
    unsigned long number = 0;
    ptrace(PTRACE_GETEVENTMSG, parent->tid, NULL, &number);
    pid_t tid = (pid_t)number;
    uint64_t flags = registers_clone_flags(parent->tid);
    struct tracee *child = find(tid);
    if (!child) {
        pid_t parent_tid = parent->tid;
        child = add(tid);
        parent = find(parent_tid);
    }
    name_child(child, parent, flags);
    if (child->stopped) resume(child, 0);
    child->stopped = 0;
}

static void executed(struct tracee *tracee)
{
    read_role(tracee);
    size_t size = strlen(tracee->who);
    snprintf(tracee->who + size, sizeof(tracee->who) - size, " = %.15s", tracee->role);
    tracee->loading = 1;
}

static void stopped_by_event(struct tracee *tracee, int event)
{
    if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) child_born(tracee);
    if (event == PTRACE_EVENT_EXEC) executed(tracee);
    if (event == PTRACE_EVENT_STOP && !tracee->announced)
        tracee->stopped = 1;
    else
        resume(tracee, 0);
}

static void stopped(pid_t tid, int status)
{
    struct tracee *tracee = find(tid);
    if (!tracee) tracee = add(tid);
    int signal = WSTOPSIG(status), event = status >> 16;
    tracee->interrupted = 0; /* any stop takes the place of the one that was asked for (ptrace_stop of the kernel's signal.c) */
    if (event) {
        stopped_by_event(tracee, event);
        return;
    }
    /*
     * The end of abort(3), which as PID 1 of a namespace nothing else ends: untraced it dies of this; while it is traced the kernel
     * leaves it unkillable (force_sig_info_to_task), and it would fault for ever.
     */
    if (signal == SIGSEGV) {
        kill(tid, SIGKILL);
        return;
    }
    if (signal != (SIGTRAP | 0x80)) {
        resume(tracee, signal);
        return;
    }
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, (void *)sizeof(info), &info) > 0) {
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) call_entered(tracee, &info);
        if (info.op == PTRACE_SYSCALL_INFO_EXIT) call_left(tracee);
    }
    resume(tracee, 0);
}

static void take_stops(void)
{
    int status;
    pid_t tid;
    while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
        if (WIFSTOPPED(status))
            stopped(tid, status);
        else
            forget(tid);
    }
}

/* --- orders ------------------------------------------------------------------------------------------------------- */

static int is_interrupted(void)
{
    for (uint32_t i = 0; i < tracee_count; i++) {
        if (tracees[i].interrupted) return 1;
    }
    return 0;
}

static void await_stop(int signals)
{
    struct signalfd_siginfo info;
    struct pollfd watched = {.fd = signals, .events = POLLIN};
    take_stops();
    while (is_interrupted()) {
        if (poll(&watched, 1, 1000) <= 0) return;
        (void)!read(signals, &info, sizeof(info));
        take_stops();
    }
}

/* Those that live already get the name that they have now; the second of a name gets a number. */
static void name_all(void)
{
    birth_count = 0;
    /* The kernel tells of the end of a killed thread by that of its leader. */
    for (uint32_t i = tracee_count; i-- > 0;) {
        if (kill(tracees[i].tid, 0) < 0 && errno == ESRCH) forget(tracees[i].tid);
    }
    for (uint32_t i = 0; i < tracee_count; i++) {
        char name[WHO_MAX];
        tracees[i].loading = 0;
        read_role(&tracees[i]);
        snprintf(name, sizeof(name), "%s%s", tracees[i].role, tracees[i].thread ? " thread" : "");
        uint32_t number = count_birth(name);
        snprintf(tracees[i].who, sizeof(tracees[i].who), number > 1 ? "%.80s (%u)" : "%.80s", name, number);
    }
}

static void arm(enum mode wanted, int signals)
{
    take_stops();
    name_all();
    mode = wanted;
    met = 0;
    done = 0;
    if (wanted == MODE_RECORD) shared->record_count = 0;
    for (uint32_t i = 0; i < tracee_count; i++) {
        struct tracee *tracee = &tracees[i];
        if (is_wanted(tracee) && tracee->announced && ptrace(PTRACE_INTERRUPT, tracee->tid, NULL, NULL) == 0)
            tracee->interrupted = 1;
    }
    await_stop(signals);
}

static int seize(pid_t pid)
{
    const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
                         PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    struct tracee *tracee = add(pid);
    tracee->announced = 1;
    snprintf(tracee->who, sizeof(tracee->who), "start");
    tracee->loading = 1;
    return ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) < 0 ? -errno : 0;
}

static void name_roles(void)
{
    for (uint32_t i = 0; i < tracee_count; i++) {
        read_role(&tracees[i]);
        for (uint32_t k = 0; k < shared->record_count; k++) {
            if (strcmp(shared->records[k].who, tracees[i].who) == 0) memcpy(shared->records[k].role, tracees[i].role, 16);
        }
    }
}

static void print_tracees(void)
{
    printf("# not met: %s|%s #%u, met %u\n", target.site.who, target.site.call, target.site.occurrence, met);
    for (uint32_t i = 0; i < tracee_count; i++) printf("# %d %s\n", (int)tracees[i].tid, tracees[i].who);
    fflush(stdout);
}

static void obey(int socket, int signals)
{
    struct order order;
    int answer = 0;
    if (recv(socket, &order, sizeof(order), 0) != sizeof(order)) _exit(0);
    switch (order.command) {
    case COMMAND_SEIZE: answer = seize(order.pid); break;
    case COMMAND_RECORD: arm(MODE_RECORD, signals); break;
    case COMMAND_INJECT:
        target = order.target;
        arm(MODE_INJECT, signals);
        break;
    case COMMAND_MET: answer = done; break;
    case COMMAND_DISARM:
        take_stops();
        if (mode == MODE_RECORD) name_roles();
        answer = mode == MODE_RECORD || done;
        if (!answer && getenv("LW_TRACE")) print_tracees();
        mode = MODE_OFF;
        break;
    }
    (void)!send(socket, &answer, sizeof(answer), MSG_NOSIGNAL);
}

static _Noreturn void trace(int socket)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_NAME, "tracer", 0, 0, 0);
    struct pollfd watched[] = {{.fd = signals, .events = POLLIN}, {.fd = socket, .events = POLLIN}};
    for (;;) {
        struct signalfd_siginfo info;
        if (poll(watched, 2, -1) < 0 && errno != EINTR) _exit(1);
        if (watched[0].revents) (void)!read(signals, &info, sizeof(info));
        take_stops();
        if (watched[1].revents) obey(socket, signals);
    }
}

/* --- the commanding side ------------------------------------------------------------------------------------------ */

static int command(struct order order)
{
    int answer = -EPIPE;
    if (send(channel, &order, sizeof(order), MSG_NOSIGNAL) != sizeof(order)) return -EPIPE;
    return recv(channel, &answer, sizeof(answer), 0) == sizeof(answer) ? answer : -EPIPE;
}

int tracer_start(void)
{
    int ends[2];
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    pid_t pid = fork();
    if (pid == 0) trace(ends[1]);
    close(ends[1]);
    channel = ends[0];
    return pid < 0 ? -1 : 0;
}

int tracer_seize(pid_t pid)
{
    return command((struct order){.command = COMMAND_SEIZE, .pid = pid});
}

int tracer_record(void)
{
    return command((struct order){.command = COMMAND_RECORD});
}

int tracer_inject(const struct fault_target *wanted)
{
    return command((struct order){.command = COMMAND_INJECT, .target = *wanted});
}

int tracer_met(void)
{
    return command((struct order){.command = COMMAND_MET});
}

int tracer_disarm(void)
{
    return command((struct order){.command = COMMAND_DISARM});
}

const struct fault_record *tracer_records(uint32_t *count)
{
    *count = shared->record_count;
    return shared->records;
}
