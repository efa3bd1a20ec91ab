/*
 * The plan of the smoke test: /usr read-only, a bounded /tmp, proc, /dev/null, the worker; an allow list of about forty calls, all
 * others notified. Built in C, so that the native side is tested without the compiler.
 */
#ifndef LW_SMOKE_PLAN_H
#define LW_SMOKE_PLAN_H

#include <stddef.h>

enum { LW_SMOKE_PLAN_MAX = 16384 };

/* Where the plan puts the worker. */
#define LW_SMOKE_WORKER_TARGET "/opt/leeward/worker"

/*
 * Writes a valid plan into `buffer` (8-byte aligned, LW_SMOKE_PLAN_MAX bytes). worker_directory: host path of zygote.py and
 * its library; interpreter: argv[0]; settings: the zygote's JSON. Returns the plan's size.
 */
size_t lw_smoke_plan(void *buffer, const char *worker_directory, const char *interpreter, const char *settings);

/* The same for jobs without request mounts: /input and /output are these host directories. */
size_t lw_smoke_plan_bound(void *buffer, const char *worker_directory, const char *interpreter, const char *settings,
                           const char *input, const char *output);

#endif
