/* cgroup: the job's group is made, and the job never put into it. */
#include <string.h>

#include "knockout.h"
#include "lw_cgroup.h"

int __real_lw_cgroup_attach(const struct lw_cgroup *cgroup, const char *group, pid_t pid);
int __wrap_lw_cgroup_attach(const struct lw_cgroup *cgroup, const char *group, pid_t pid);

int __wrap_lw_cgroup_attach(const struct lw_cgroup *cgroup, const char *group, pid_t pid)
{
    return strncmp(group, "worker-", 7) == 0 ? 0 : __real_lw_cgroup_attach(cgroup, group, pid);
}

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    posture->groups_joined |= wanted->limits;
}
