/*
 * The keeper, with this program as the daemon that it starts: descriptors, rights, restarts, ends. In PID and mount namespaces
 * that end with the test.
 */
#include "lw_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper/lw_keeper.h"
#include "lw_io.h"
#include "lw_message.h"
#include "lw_namespaces.h"

enum { FACTS_RIGHT = 7, RESTART_RIGHT = 8, TERMINATED = 9, TIME_LIMIT_SECONDS = 60 };

/* What root has to say in any case. */
#define ENVELOPE                                                                                                               \
    "--slot-uids", "200000:64", "--pool-uids", "300000:8", "--cgroup", "leeward-keeper-test", "--workspace", workspace

static char program[4096], self[4096], base[] = "/tmp/leeward-keeper-XXXXXX", socket_path[128], workspace[128];

/* --- as the daemon ------------------------------------------------------------------------------------------------ */

static int number(const char *variable)
{
    const char *value = getenv(variable);
    return value ? atoi(value) : -1;
}

static int is_socket(int fd, int type)
{
    int found = 0;
    socklen_t size = sizeof(found);
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &found, &size) == 0 && found == type;
}

/* No capability in any set, nor a way to get one. */
static int has_no_rights(void)
{
    char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t size = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (size <= 0) return 0;
    text[size] = '\0';
    static const char *const lines[] = {"CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n",
                                        "CapEff:\t0000000000000000\n", "CapBnd:\t0000000000000000\n",
                                        "CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        if (!strstr(text, lines[i])) return 0;
    }
    return 1;
}

static int count_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int check_facts(void)
{
    int listener = number(LW_KEEPER_LISTEN_VARIABLE), accepting = 0;
    socklen_t size = sizeof(accepting);
    if (!is_socket(listener, SOCK_STREAM) || !is_socket(number(LW_KEEPER_SUPERVISOR_VARIABLE), SOCK_SEQPACKET) ||
        !is_socket(number(LW_KEEPER_CONTROL_VARIABLE), SOCK_SEQPACKET))
        return 1;
    if (getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &accepting, &size) < 0 || !accepting) return 2;
    if (!has_no_rights()) return 3;
    if (count_descriptors() != 6) return 4;
    if (getuid() != (uid_t)number("EXPECTED_UID")) return 5;
    return FACTS_RIGHT;
}

/* Sends config and waits for ready. Returns 1 when it came. */
static int talk(int supervisor)
{
    _Alignas(8) static char buffer[LW_MESSAGE_MAX];
    struct lw_message_config *config = (struct lw_message_config *)(void *)buffer;
    struct pollfd watched = {.fd = supervisor, .events = POLLIN};
    memset(buffer, 0, 16384);
    config->header.type = LW_MESSAGE_CONFIG;
    config->slot_uid_base = 200000;
    config->slot_count = 4;
    config->open_deadline_ms = 30000;
    config->open_hanging_max = 4;
    config->worker_deadline_ms = 20000;
    config->pool_deadline_ms = 120000;
    config->pool_uid_base = 300000;
    config->pool_count = 1;
    config->landlock_abi_cap = UINT32_MAX;
    config->daemon_pid = (uint32_t)getpid();
    lw_message_begin(config, 16384);
    lw_message_add_string(config, 16384, &config->cgroup_name, "leeward-keeper-test/exec-1");
    lw_message_add_string(config, 16384, &config->workspace, getenv("WORKSPACE"));
    lw_io_send(supervisor, config, config->header.size, NULL, 0);
    if (poll(&watched, 1, 10000) != 1 || lw_io_receive(supervisor, buffer, sizeof(buffer), NULL, NULL) <= 0) return 0;
    if (config->header.type == LW_MESSAGE_LOG)
        dprintf(2, "# %s\n", lw_message_string(buffer, ((struct lw_message_log *)(void *)buffer)->text));
    return config->header.type == LW_MESSAGE_READY;
}

/* The outer supervisor: the other child of our parent. */
static pid_t find_supervisor(void)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) {
        char path[300], comm[32] = "";
        int pid = atoi(entry->d_name), parent = 0;
        snprintf(path, sizeof(path), "/proc/%.20s/stat", entry->d_name);
        FILE *file = pid > 0 ? fopen(path, "re") : NULL;
        if (!file) continue;
        if (fscanf(file, "%*d (%31[^)]) %*c %d", comm, &parent) == 2 && parent == getppid() &&
            strncmp(comm, "leeward-super", 13) == 0)
            found = pid;
        fclose(file);
    }
    closedir(proc);
    return found;
}

/* Kills two supervisors and gets two new ones. */
static int check_restart(void)
{
    int control = number(LW_KEEPER_CONTROL_VARIABLE), supervisor = number(LW_KEEPER_SUPERVISOR_VARIABLE);
    if (!talk(supervisor)) return 1;
    for (uint32_t round = 1; round <= 2; round++) {
        struct lw_keeper_message message = {0};
        struct pollfd watched = {.fd = control, .events = POLLIN};
        unsigned count = 1;
        char byte;
        pid_t victim = find_supervisor();
        if (victim <= 0 || kill(victim, SIGKILL) < 0) return 2;
        while (lw_io_receive(supervisor, &byte, 1, NULL, NULL) > 0) continue;
        if (poll(&watched, 1, 10000) != 1) return 3;
        if (lw_io_receive(control, &message, sizeof(message), &supervisor, &count) != sizeof(message) || count != 1) return 4;
        if (message.type != LW_KEEPER_SUPERVISOR_STARTED || message.restarts != round || message.signal != SIGKILL) return 5;
        if (!talk(supervisor)) return 6;
    }
    return RESTART_RIGHT;
}

static void on_term(int signal_number)
{
    (void)signal_number;
    _exit(TERMINATED);
}

static int play_daemon(const char *scenario)
{
    signal(SIGTERM, on_term);
    if (strcmp(scenario, "facts") == 0) return check_facts();
    if (strcmp(scenario, "restart") == 0) return check_restart();
    if (strcmp(scenario, "abort") == 0) raise(SIGTRAP);
    if (strcmp(scenario, "wait") == 0 || strcmp(scenario, "serve") == 0) {
        if (*scenario == 's' && !talk(number(LW_KEEPER_SUPERVISOR_VARIABLE))) return 1;
        if (access(getenv("WORKSPACE"), F_OK) == 0) sleep(30);
    }
    return 99;
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

static pid_t start_with(const char *mode, const char *user, const char *scenario)
{
    pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("WORKSPACE", workspace, 1);
    if (!getenv("EXPECTED_UID")) setenv("EXPECTED_UID", "0", 1);
    execl(program, program, "--socket", socket_path, "--mode", mode, "--user", user, ENVELOPE, "--", self, "--daemon", scenario,
          (char *)NULL);
    _exit(126);
}

static pid_t start(const char *scenario)
{
    return start_with("0600", "no-such-user", scenario);
}

static int ended_with(pid_t pid)
{
    int status = 0;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int count_processes(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    DIR *proc = opendir("/proc");
    int count = 0;
    for (struct dirent *entry = readdir(proc); entry; entry = readdir(proc)) count += atoi(entry->d_name) > 0;
    closedir(proc);
    return count;
}

/* It is bound for nobody before it gets its mode. */
static int wait_for_socket(mode_t mode)
{
    struct stat status = {0};
    for (int i = 0; i < 500; i++) {
        if (stat(socket_path, &status) == 0 && (status.st_mode & 0777) == mode) return 1;
        usleep(10000);
    }
    return 0;
}

static int nothing_is_left(void)
{
    return access(socket_path, F_OK) < 0 && count_processes() == 1;
}

static void test_facts(void)
{
    LW_CHECK(ended_with(start("facts")) == FACTS_RIGHT);
    LW_CHECK(nothing_is_left());
}

static void test_user(void)
{
    setenv("EXPECTED_UID", "65534", 1);
    int result = ended_with(start_with("0660", "nobody", "facts"));
    unsetenv("EXPECTED_UID");
    LW_CHECK(result == FACTS_RIGHT && nothing_is_left());
}

static void test_restart(void)
{
    LW_CHECK(ended_with(start("restart")) == RESTART_RIGHT);
    LW_CHECK(nothing_is_left());
}

static void test_forwarded_signal(void)
{
    pid_t keeper = start_with("0640", "no-such-user", "serve");
    LW_CHECK(wait_for_socket(0640));
    usleep(500000);
    kill(keeper, SIGTERM);
    LW_CHECK(ended_with(keeper) == TERMINATED);
    LW_CHECK(nothing_is_left());
}

static void test_signal_of_the_daemon(void)
{
    LW_CHECK(ended_with(start("abort")) == 128 + SIGTRAP);
    LW_CHECK(nothing_is_left());
}

static void test_killed_keeper(void)
{
    pid_t keeper = start("serve");
    LW_CHECK(wait_for_socket(0600));
    usleep(500000);
    kill(keeper, SIGKILL);
    LW_CHECK(ended_with(keeper) == -1);
    for (int i = 0; i < 100 && count_processes() > 1; i++) usleep(20000);
    LW_CHECK(count_processes() == 1);
    /* Its socket file is stale, and replaced. */
    LW_CHECK(access(socket_path, F_OK) == 0);
    LW_CHECK(ended_with(start("facts")) == FACTS_RIGHT);
}

/* A socket that nobody listens on, and that belongs to uid. */
static void leave_socket(uid_t uid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    LW_CHECK(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
    close(fd);
    LW_CHECK(chown(socket_path, uid, uid) == 0);
}

static void test_foreign_socket(void)
{
    leave_socket(54321);
    LW_CHECK(ended_with(start("facts")) == 1 && access(socket_path, F_OK) == 0);
    unlink(socket_path);
}

static void test_taken_socket(void)
{
    pid_t keeper = start("wait");
    LW_CHECK(wait_for_socket(0600));
    usleep(300000);
    LW_CHECK(ended_with(start("facts")) == 1);
    LW_CHECK(access(socket_path, F_OK) == 0);
    kill(keeper, SIGTERM);
    LW_CHECK(ended_with(keeper) == TERMINATED);
    int file = open(socket_path, O_CREAT | O_WRONLY, 0600);
    close(file);
    LW_CHECK(ended_with(start("facts")) == 1 && access(socket_path, F_OK) == 0);
    unlink(socket_path);
}

static int run_as(uid_t uid, const char *const *arguments)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (uid && (setgid(uid) < 0 || setuid(uid) < 0)) _exit(120);
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        execv(program, (char *const *)(uintptr_t)arguments);
        _exit(126);
    }
    return ended_with(pid);
}

/* A root is a root of the host: what is mistyped is not guessed. */
static void test_envelope_options(void)
{
    static const char *const bad[][2] = {{"--slot-uids", "1"},     {"--slot-uids", "1:"},         {"--pool-uids", "-1:3"},
                                         {"--peer", "12"},         {"--peer", "uid:"},            {"--peer", "uid:1=/x"},
                                         {"--peer", "gid:99999999999"}, {"--request-root", "data:ro"}, {"--request-root", "uid:1:/x:ro"},
                                         {"--request-root", "/data"}, {"--source", "/usr"},
                                         {"--source", "usr:rw"},   {"--device", "null"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        LW_CHECK(run_as(0, (const char *const[]){program, ENVELOPE, bad[i][0], bad[i][1], "--", "/bin/true", NULL}) == 2);
    LW_CHECK(run_as(0, (const char *const[]){program, "--slot-uids", "200000:64", "--", "/bin/true", NULL}) == 2);
    LW_CHECK(nothing_is_left());
}

static void test_refusals(void)
{
    LW_CHECK(run_as(65534, (const char *const[]){program, "--", "/bin/true", NULL}) == 1);
    LW_CHECK(run_as(0, (const char *const[]){program, NULL}) == 2);
    LW_CHECK(run_as(0, (const char *const[]){program, "--mode", "9", "--", "/bin/true", NULL}) == 2);
    LW_CHECK(run_as(0, (const char *const[]){program, "--mode", "7777", "--", "/bin/true", NULL}) == 2);
    LW_CHECK(run_as(0, (const char *const[]){program, "--odd", "--", "/bin/true", NULL}) == 2);
    LW_CHECK(run_as(0, (const char *const[]){program, "--socket", socket_path, ENVELOPE, "--group", "no-such-group", "--", "/bin/true",
                                             NULL}) == 1);
    LW_CHECK(run_as(0, (const char *const[]){program, "--socket", socket_path, ENVELOPE, "--supervisor", "/none", "--", "/bin/true",
                                             NULL}) == 1);
    LW_CHECK(run_as(0, (const char *const[]){program, "--socket", socket_path, ENVELOPE, "--", "/no/such/daemon", NULL}) == 127);
    LW_CHECK(nothing_is_left());
}

/* --- fixtures ----------------------------------------------------------------------------------------------------- */

static _Noreturn void run_tests(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
        printf("not ok keeper: private /proc: %s\n", strerror(errno));
        _exit(1);
    }
    LW_RUN(test_facts);
    LW_RUN(test_user);
    LW_RUN(test_forwarded_signal);
    LW_RUN(test_signal_of_the_daemon);
    LW_RUN(test_killed_keeper);
    LW_RUN(test_restart); /* after it, as its supervisors remove what the killed one has left */
    LW_RUN(test_taken_socket);
    LW_RUN(test_foreign_socket);
    LW_RUN(test_envelope_options);
    LW_RUN(test_refusals);
    _exit(lw_test_status());
}

static int find_programs(void)
{
    const char *build = getenv("LW_BUILD");
    char path[4096];
    snprintf(path, sizeof(path), "%s/leeward-keeper", build ? build : "build");
    return realpath(path, program) && realpath("/proc/self/exe", self) ? 0 : -1;
}

static int run_in_namespaces(void)
{
    pid_t pid = lw_clone(CLONE_NEWPID | CLONE_NEWNS, NULL);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        alarm(TIME_LIMIT_SECONDS);
        run_tests();
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int count, char **arguments)
{
    char command[256];
    if (count == 3 && strcmp(arguments[1], "--daemon") == 0) return play_daemon(arguments[2]);
    if (geteuid() != 0) {
        printf("skip keeper: needs root\n");
        return 0;
    }
    if (find_programs() || !mkdtemp(base) || chmod(base, 0755) < 0) {
        printf("not ok keeper: leeward-keeper must be built: %s\n", strerror(errno));
        return 1;
    }
    snprintf(socket_path, sizeof(socket_path), "%s/socket", base);
    snprintf(workspace, sizeof(workspace), "%s/workspace", base);
    mkdir(workspace, 0755);
    int result = run_in_namespaces();
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", base);
    return system(command) || result;
}
