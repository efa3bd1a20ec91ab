/* pid_namespace: the job's init, and so the job, is in the namespace of the pool, with its zygote and the pool's other jobs. */
#include <sched.h>

#include "knockout.h"
#include "lw_namespaces.h"

pid_t __real_lw_clone(uint64_t flags, int *pidfd);
pid_t __wrap_lw_clone(uint64_t flags, int *pidfd);

pid_t __wrap_lw_clone(uint64_t flags, int *pidfd)
{
    /* Supervisor and pool init come with others: a job's init is the one whose user namespace is there already, in the pool. */
    const uint64_t job_init = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
    return __real_lw_clone(flags == job_init ? flags & ~(uint64_t)CLONE_NEWPID : flags, pidfd);
}

void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    (void)wanted;
    posture->namespaces |= CLONE_NEWPID;
}
