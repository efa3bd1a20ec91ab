/* The plan's seccomp filter (seccomp(2), seccomp_unotify(2)). */
#ifndef LW_SECCOMP_H
#define LW_SECCOMP_H

#include <stdint.h>

#include "lw_plan_gen.h"

/*
 * Installs the filter on the calling thread, with a listener. *wait_killable says whether a notified call waits killably
 * (Linux 5.19); older kernels get the filter without it.
 *
 * Preconditions: no_new_privs is set. After it, only what the filter allows may be called.
 * Returns the listener's descriptor (the lowest free number, close-on-exec) or -errno; -EBUSY: a filter with a listener
 * already lies outside.
 */
int lw_seccomp_install(const struct lw_plan_instruction *filter, uint32_t count, int *wait_killable);

#endif
