#include "fork.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "atfork.h"
#include "lw_uapi.h"

/* Of the interpreter (cpython, Python/sysmodule and Modules/posixmodule.c): what os.fork() does before and after. */
extern void PyOS_BeforeFork(void) __attribute__((weak));
extern void PyOS_AfterFork_Parent(void) __attribute__((weak));
extern void PyOS_AfterFork_Child(void) __attribute__((weak));

int lw_fork_is_possible(void)
{
    return PyOS_BeforeFork && PyOS_AfterFork_Parent && PyOS_AfterFork_Child;
}

/*
 * The job's pid in its own namespace. Libraries that notice a fork by a changed pid (OpenSSL's random generator, tempfile) would
 * miss it if the job had the number that the zygote has in its namespace.
 */
static pid_t choose_pid(void)
{
    return getpid() == 2 ? 3 : 2;
}

static pid_t clone_sibling(int32_t *pidfd, void *thread_id)
{
    pid_t wanted = choose_pid();
    struct lw_clone_args args = {
        .flags = LW_CLONE_PARENT | LW_CLONE_PIDFD | LW_CLONE_CHILD_SETTID | LW_CLONE_CHILD_CLEARTID,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .child_tid = (uint64_t)(uintptr_t)thread_id,
        .exit_signal = 0, /* with CLONE_PARENT it must be: the kernel takes the zygote's */
        .set_tid = (uint64_t)(uintptr_t)&wanted,
        .set_tid_size = 1,
    };
    return lw_clone3(&args);
}

/*
 * Where libc keeps the calling thread's id, by the table that it exports for debuggers (nptl_db: size in bits, number, offset).
 * NULL when there is no such table, or when the id does not stand there.
 */
static void *thread_id_by_table(void)
{
    const uint32_t *field = (const uint32_t *)dlsym(RTLD_DEFAULT, "_thread_db_pthread_tid");
    if (!field || field[0] != 8 * sizeof(pid_t) || field[1] != 1)
        return NULL;
    void *address = (char *)pthread_self() + field[2];
    return *(pid_t *)address == gettid() ? address : NULL;
}

/* The address that libc gave to set_tid_address(2). Kernels without CONFIG_CHECKPOINT_RESTORE do not tell it. */
static void *thread_id_address(void)
{
    void *address = NULL;
    return prctl(PR_GET_TID_ADDRESS, &address, 0, 0, 0) == 0 ? address : thread_id_by_table();
}

/*
 * libc caches the thread's id behind the address that it gave to set_tid_address(2), and the head of the list of robust mutexes;
 * clone3 writes the one, the other must be registered again.
 */
static pid_t clone_with_thread_state(int32_t *pidfd)
{
    void *thread_id = thread_id_address();
    struct robust_list_head *robust = NULL;
    size_t robust_size = 0;
    if (!thread_id)
        return -EOPNOTSUPP;
    long result = lw_result(syscall(SYS_get_robust_list, 0, &robust, &robust_size));
    if (result)
        return (pid_t)result;
    pid_t pid = clone_sibling(pidfd, thread_id);
    if (pid == 0)
        (void)syscall(SYS_set_robust_list, robust, robust_size);
    return pid;
}

pid_t lw_fork_job(int *pidfd)
{
    int32_t fd = -1;
    PyOS_BeforeFork();
    lw_atfork_prepare();
    pid_t pid = clone_with_thread_state(&fd);
    if (pid == 0) {
        lw_atfork_child();
        PyOS_AfterFork_Child();
        return 0;
    }
    lw_atfork_parent();
    PyOS_AfterFork_Parent();
    *pidfd = fd;
    return pid;
}
