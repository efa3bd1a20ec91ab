/*
 * What zygote.py calls in libleeward-worker.so, by ctypes.PyDLL (which keeps the GIL). The library is loaded by LD_PRELOAD,
 * so that it sees every fork handler that is registered with libc; it needs no header of Python.
 */
#ifndef LEEWARD_WORKER_H
#define LEEWARD_WORKER_H

#include <stdint.h>

#define LEEWARD_API __attribute__((visibility("default")))

/*
 * Maps the plan (descriptor LW_ZYGOTE_FD_PLAN), validates it, and makes the process not dumpable. To be called once,
 * first. Returns 0 or -errno: -ENOSYS when the process is no Python interpreter or the library was not preloaded.
 */
LEEWARD_API int leeward_worker_prepare(void);

/* The plan's work_dir, the current directory of every job. Preconditions: leeward_worker_prepare done, not in a job. */
LEEWARD_API const char *leeward_worker_directory(void);

/*
 * Tells the supervisor that the zygote is ready, with `threads` as counted. To be called when all libraries are loaded. Returns 0 or
 * -errno: -E2BIG when they have registered more fork handlers than can be kept.
 */
LEEWARD_API int leeward_worker_ready(uint32_t threads);

/* Tells the supervisor why the zygote gives up; `text` is cut to the message's size. Returns 0 or -errno. */
LEEWARD_API int leeward_worker_failed(const char *text);

/*
 * Serves LW_ZYGOTE_FORK until the supervisor closes its end.
 *
 * Preconditions: leeward_worker_prepare done, the GIL is held, the process has one thread.
 * Returns 0 in every job, confined and released, with descriptors 0 to 4 as in docs/internals/native.md; 1 in the zygote
 * when the supervisor has closed; -errno in the zygote on a broken channel. A job that cannot be confined never returns.
 */
LEEWARD_API int leeward_worker_serve(void);

/* 1 when the plan lets a process run more than one job. Preconditions: leeward_worker_prepare done. */
LEEWARD_API int leeward_worker_is_reused(void);

/*
 * The end of a job in a process that may run another one: tells the supervisor its exit status, 0 to 255, and waits for the next job.
 * Descriptors 0 to 2 and the claims' are then new ones. Returns the payload's, or -errno: the process is to end.
 */
LEEWARD_API int leeward_worker_next(int status);

/* Flushes the C library's output streams, as exit(3) would, before the caller ends the process by _exit(2). */
LEEWARD_API void leeward_worker_flush(void);

#endif
