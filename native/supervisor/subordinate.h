/*
 * The user namespace of a supervisor without privilege whose user has subordinate ids (subuid(5)): he is 0 in it, they are 1 and up,
 * so that each slot has a host id of its own. Only root's tools may map them: newuidmap(1), newgidmap(1), run as helpers.
 */
#ifndef LW_SUBORDINATE_H
#define LW_SUBORDINATE_H

#include <stddef.h>

#include "supervisor/config.h"

/*
 * Makes that namespace with config->slot_count ids from slot_uid_base and slot_gid_base on, and joins it. The tools get
 * worker_deadline_ms. Returns 0; 1 with the step and what it said in `reason` when that cannot be, and nothing has changed; -errno
 * with `reason` when a process of its own could not be ended: the caller must end, which ends that one, too.
 *
 * Preconditions: one thread, in the user's own user namespace, without no_new_privs.
 */
int lw_subordinate_enter(const struct lw_config *config, char *reason, size_t size);

#endif
