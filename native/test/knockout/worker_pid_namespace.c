/* pid_namespace: the job's init is in the pool's own, so the job is, too; the number that it would have is taken there. */
#include "lw_uapi.h"
#include "wrapped_syscall.h"

static int change_call(long number, long words[6])
{
    if (number == SYS_clone3) {
        struct lw_clone_args *args = (struct lw_clone_args *)words[0];
        args->set_tid = args->set_tid_size = 0;
    }
    return 0;
}
