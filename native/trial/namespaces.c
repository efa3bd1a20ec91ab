#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_namespaces.h"
#include "trial/trial.h"

static uint32_t wanted_flag;
static const char *wanted_name;

/* The link of a namespace, such as "net:[4026531840]"; unshare(2) of a PID namespace is for children. */
static void read_link(char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/ns/%s", wanted_flag == CLONE_NEWPID ? "pid_for_children" : wanted_name);
    ssize_t length = readlink(path, text, size - 1);
    text[length < 0 ? 0 : length] = '\0';
}

/* A PID namespace has a link only once it has a first process. */
static int populate(void)
{
    return wanted_flag == CLONE_NEWPID ? lw_clone(0, NULL) : 1;
}

static void body(const struct lw_trial *trial)
{
    char before[64], after[64];
    if (wanted_flag != CLONE_NEWUSER && lw_trial_gain_rights(trial)) return;
    read_link(before, sizeof(before));
    int error = lw_namespaces_unshare(wanted_flag);
    if (error) {
        lw_trial_refused(trial, "unshare", error);
        return;
    }
    if (wanted_flag == CLONE_NEWUSER) error = lw_trial_map_ids(trial);
    if (error) {
        lw_trial_refused(trial, "write the id map", error);
        return;
    }
    pid_t child = populate();
    if (child == 0) {
        if (getpid() != 1) lw_trial_ineffective(trial, "first process", "%d", (int)getpid());
        lw_trial_wait_for_end(trial);
    }
    if (child < 0) {
        lw_trial_refused(trial, "clone", child);
        return;
    }
    read_link(after, sizeof(after));
    if (wanted_flag == CLONE_NEWPID) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    if (!*after || strcmp(before, after) == 0)
        lw_trial_ineffective(trial, "read back", "%s", before);
    else
        lw_trial_works(trial, "%s", after);
}

void lw_trial_namespace(const struct lw_trial *trial, uint32_t flag, const char *name)
{
    wanted_flag = flag;
    wanted_name = name;
    lw_trial_in_child(trial, body);
}
