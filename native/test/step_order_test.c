/* The order of confinement is a decision, not an accident: whoever changes a table changes this test, and says why. */
#include <string.h>

#include "lw_plan_gen.h"
#include "lw_test.h"
#include "pool/lw_pool.h"
#include "worker/job.h"

/* Whether the table has exactly these stages with these names, in this order. */
static int is_table(const struct lw_step *steps, size_t count, const char *const *wanted)
{
    size_t i = 0;
    for (; i < count && wanted[i]; i++) {
        char line[128];
        snprintf(line, sizeof(line), "%s: %s", lw_stage_name(steps[i].stage), steps[i].name);
        if (strcmp(line, wanted[i]) != 0 || !steps[i].run) {
            printf("# step %zu is \"%s\", not \"%s\"\n", i, line, wanted[i]);
            return 0;
        }
    }
    return i == count && !wanted[i];
}

static void test_job_init(void)
{
    static const char *const order[] = {
        "descriptors: descriptors", "private_mounts: private mounts", "root: root", "mount: mounts", "attach: job mount links",
        "pivot: pivot", "hostname: hostname", "dumpable: reachable", "no_new_privs: no_new_privs", "capabilities: capabilities",
        NULL};
    LW_CHECK(is_table(lw_job_init_steps, lw_job_init_step_count, order));
}

static void test_zygote_launch(void)
{
    static const char *const order[] = {
        "descriptors: inherited", "descriptors: null", "zygote: workspace", "user_namespace: user namespace",
        "namespaces: namespaces",
        "private_mounts: private mounts", "identity: identity", "identity: session keyring", "root: root", "mount: mounts",
        "attach: job mount links", "pivot: pivot", "hostname: hostname", "descriptors: descriptors", "zygote: parent death signal", "exec: exec", NULL};
    LW_CHECK(is_table(lw_zygote_steps, lw_zygote_step_count, order));
}

static void test_job(void)
{
    static const char *const order[] = {
        "namespaces: session", "namespaces: namespaces", "cgroup: cgroup", "cgroup_namespace: cgroup namespace",
        "rlimits: rlimits", "descriptors: descriptors", "identity: identity", "job_user_namespace: job user namespace",
        "id_map: id map", "job_user_namespace: user namespaces", "dumpable: dumpable", "no_new_privs: no_new_privs", "landlock: landlock",
        "capabilities: capabilities", "plan: forget plan", "seccomp: seccomp", NULL};
    LW_CHECK(is_table(lw_job_steps, lw_job_step_count, order));
}

int main(void)
{
    LW_RUN(test_job_init);
    LW_RUN(test_zygote_launch);
    LW_RUN(test_job);
    return lw_test_status();
}
