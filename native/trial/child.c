#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_fd.h"
#include "lw_namespaces.h"
#include "lw_uapi.h"
#include "trial/trial.h"

enum { PATIENCE_MS = 10000 };

static int is_first(const struct lw_trial *trial)
{
    return trial->result->outcome == LW_TRIAL_UNFINISHED;
}

static void set_step(const struct lw_trial *trial, const char *step)
{
    snprintf(trial->result->step, sizeof(trial->result->step), "%s", step);
}

void lw_trial_works(const struct lw_trial *trial, const char *format, ...)
{
    if (!is_first(trial)) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->result->detail, sizeof(trial->result->detail), format, arguments);
    va_end(arguments);
    trial->result->outcome = LW_TRIAL_WORKS;
}

void lw_trial_refused(const struct lw_trial *trial, const char *step, int errno_value)
{
    if (!is_first(trial)) return;
    set_step(trial, step);
    trial->result->errno_ = errno_value < 0 ? -errno_value : errno_value;
    trial->result->outcome = LW_TRIAL_REFUSED;
}

void lw_trial_ineffective(const struct lw_trial *trial, const char *step, const char *format, ...)
{
    if (!is_first(trial)) return;
    set_step(trial, step);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->result->detail, sizeof(trial->result->detail), format, arguments);
    va_end(arguments);
    trial->result->outcome = LW_TRIAL_INEFFECTIVE;
}

void lw_trial_untried(const struct lw_trial *trial, const char *missing)
{
    if (!is_first(trial)) return;
    set_step(trial, missing);
    trial->result->outcome = LW_TRIAL_UNTRIED;
}

pid_t lw_trial_start(const struct lw_trial *trial, lw_trial_body *body, int *pidfd)
{
    pid_t parent = getpid();
    pid_t pid = lw_clone(0, pidfd);
    if (pid) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    body(trial);
    _exit(0);
}

_Noreturn void lw_trial_wait_for_end(const struct lw_trial *trial)
{
    char byte;
    close(trial->alive[1]);
    while (read(trial->alive[0], &byte, 1) < 0 && errno == EINTR) continue;
    _exit(0);
}

int lw_trial_end(int pidfd)
{
    siginfo_t info = {0};
    lw_pidfd_send_signal(pidfd, SIGKILL);
    while (waitid((idtype_t)LW_P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR) continue;
    return info.si_code == CLD_EXITED ? 0 : info.si_status;
}

void lw_trial_in_child(const struct lw_trial *trial, lw_trial_body *body)
{
    LW_AUTO_CLOSE int pidfd = -1;
    pid_t pid = lw_trial_start(trial, body, &pidfd);
    if (pid < 0) {
        lw_trial_refused(trial, "clone", pid);
        return;
    }
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int ended = poll(&end, 1, PATIENCE_MS);
    int signal = lw_trial_end(pidfd);
    if (ended == 0) lw_trial_refused(trial, "answer in time", ETIMEDOUT);
    lw_trial_ineffective(trial, "child", "signal %d", signal);
}

int lw_trial_map_ids(const struct lw_trial *trial)
{
    LW_AUTO_CLOSE int proc = lw_proc_open();
    return proc < 0 ? proc : lw_id_map_self(proc, 0, trial->uid, 0, trial->gid);
}

int lw_trial_gain_rights(const struct lw_trial *trial)
{
    if (trial->privileged) return 0;
    int error = lw_namespaces_unshare(CLONE_NEWUSER);
    if (error) {
        lw_trial_untried(trial, "user namespace");
        return error;
    }
    error = lw_trial_map_ids(trial);
    if (error) lw_trial_untried(trial, "user namespace");
    return error;
}

int lw_trial_status_line(const char *name, char *value, size_t size)
{
    LW_AUTO_FILE FILE *file = fopen("/proc/self/status", "re");
    char line[512];
    if (!file) return -errno;
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) != 0) continue;
        const char *text = line + strlen(name);
        text += strspn(text, " \t");
        snprintf(value, size, "%.*s", (int)strcspn(text, "\n"), text);
        return 0;
    }
    return -ENOENT;
}
