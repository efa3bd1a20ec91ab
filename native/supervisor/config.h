/* The first message of the daemon: what this supervisor may use. */
#ifndef LW_CONFIG_H
#define LW_CONFIG_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "lw_message.h"

struct lw_config {
    uint32_t slot_uid_base;
    uint32_t slot_gid_base; /* slot_uid_base for a service */
    uint32_t slot_count;
    uint32_t pool_uid_base;
    uint32_t pool_count;
    uint32_t landlock_abi_cap;
    pid_t daemon_pid;
    uint32_t open_deadline_ms;
    uint32_t open_hanging_max;
    uint32_t worker_deadline_ms;
    uint32_t pool_deadline_ms;
    uint32_t privileged; /* 1: root of the initial user namespace with CAP_SYS_ADMIN */
    uint32_t subordinate; /* 1: without privilege, but with the user's subordinate ids mapped from 1 on: slots have ids of their own */
    uint32_t own_uid;    /* host ids of this process before it entered a user namespace */
    uint32_t own_gid;
    char cgroup_name[NAME_MAX];
    char workspace[PATH_MAX - 64]; /* with room for a pool's directory */
};

/* Whether slots have host ids of their own; else all jobs have the user's. */
int lw_config_has_slot_ids(const struct lw_config *config);

/* 1 for an id that sandboxes and zygotes have, so that nobody else may. */
int lw_config_is_sandbox_id(const struct lw_config *config, uint32_t id);

/* 1 for an id that somebody who asks may have: neither a sandbox's nor one that stands for anybody. */
int lw_config_is_peer_id(const struct lw_config *config, uint32_t id);

/* Whether the ids of slots and pools can be given away. Returns 0, or -EINVAL with `reason`. */
int lw_config_check_ids(const struct lw_config *config, char *reason, size_t size);

/* *privileged 1: root of the initial user namespace with CAP_SYS_ADMIN. Returns 0 or -errno. */
int lw_config_find_privilege(uint32_t *privileged);

/* What the tables of this program hold; how many a host uses is the config's. */
#define LW_SLOTS_MAX 16384u
#define LW_POOLS_MAX 256u

/*
 * Copies and checks a received message. `reason` (of `size` bytes) gets a sentence for the operator on failure.
 * Returns 0 or -EINVAL.
 */
int lw_config_read(struct lw_config *config, const void *message, size_t message_size, char *reason, size_t size);

#endif
