/*
 * leeward-trial WORKSPACE CGROUP ID < PLAN
 *
 * Tries what a sandbox needs from this host, and prints one line of JSON for each layer, as soon as it is known:
 * {"layer", "outcome", "step", "errno", "detail"}. Exit status: 0, also when nothing works; 2 for a plan that is refused.
 *
 * WORKSPACE  an empty directory of the caller's own
 * CGROUP     name of a control group that is made beneath the caller's, and removed
 * ID         a host id that nobody has
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lw_plan.h"
#include "trial/trial.h"

enum { PLAN_MAX = 1 << 20 };

static _Alignas(8) char plan[PLAN_MAX];

static const char *const outcomes[] = {"unfinished", "works", "refused", "ineffective", "untried"};

static void print_text(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if (*c >= 0x20 && *c < 0x7f)
            putchar(*c);
        else
            printf("\\u%04x", *c);
    }
    putchar('"');
}

static void report(const struct lw_trial *trial, const char *layer)
{
    struct lw_trial_result *result = trial->result;
    printf("{\"layer\":");
    print_text(layer);
    printf(",\"outcome\":\"%s\",\"step\":", outcomes[result->outcome]);
    print_text(result->step);
    printf(",\"errno\":%d,\"detail\":", result->errno_);
    print_text(result->detail);
    puts("}");
    fflush(stdout);
    memset((void *)result, 0, sizeof(*result));
}

static const struct {
    uint32_t flag;
    const char *layer, *link;
} namespaces[] = {
    {CLONE_NEWUSER, "user namespace", "user"}, {CLONE_NEWNS, "mount namespace", "mnt"},
    {CLONE_NEWPID, "pid namespace", "pid"},    {CLONE_NEWNET, "network namespace", "net"},
    {CLONE_NEWIPC, "ipc namespace", "ipc"},    {CLONE_NEWUTS, "uts namespace", "uts"},
    {CLONE_NEWCGROUP, "cgroup namespace", "cgroup"},
};

static const struct {
    const char *layer;
    lw_trial_body *body;
} layers[] = {
    {"mounts", lw_trial_root},
    {"id-mapped mount", lw_trial_id_mapped_mount},
    {"no_new_privs", lw_trial_no_new_privs},
    {"landlock", lw_trial_landlock},
    {"capabilities", lw_trial_capabilities},
    {"rlimits", lw_trial_rlimits},
};

static void try_all(const struct lw_trial *trial)
{
    for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++) {
        lw_trial_namespace(trial, namespaces[i].flag, namespaces[i].link);
        report(trial, namespaces[i].layer);
    }
    for (size_t i = 0; i < sizeof(layers) / sizeof(*layers); i++) {
        lw_trial_in_child(trial, layers[i].body);
        report(trial, layers[i].layer);
    }
    lw_trial_seccomp(trial);
    report(trial, "seccomp");
    lw_trial_cgroup(trial, report);
}

static int read_plan(void)
{
    struct lw_error error = {0};
    char text[128];
    size_t size = fread(plan, 1, sizeof(plan), stdin);
    if (size < sizeof(plan) && lw_plan_validate(plan, size, lw_plan_host_arch(), &error) == 0) return 0;
    fprintf(stderr, "leeward-trial: %s\n", lw_plan_refusal_text(&error, text, sizeof(text)));
    return -1;
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: leeward-trial WORKSPACE CGROUP ID < PLAN (by leeward doctor)\n");
        return 2;
    }
    if (read_plan()) return 2;
    struct {
        struct lw_trial_result result;
        volatile int listener;
    } *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("leeward-trial: mmap");
        return 2;
    }
    struct lw_trial trial = {
        .plan = plan,
        .privileged = geteuid() == 0,
        .uid = geteuid(),
        .gid = getegid(),
        .workspace = arguments[1],
        .cgroup_name = arguments[2],
        .mapped_id = (uint32_t)strtoul(arguments[3], NULL, 10),
        .result = &shared->result,
        .listener = &shared->listener,
    };
    if (pipe2(trial.alive, O_CLOEXEC) < 0) {
        perror("leeward-trial: pipe2");
        return 2;
    }
    try_all(&trial);
    return 0;
}
