/*
 * User namespaces for id-mapped mounts (mount_setattr(2), MOUNT_ATTR_IDMAP): on disk the peer's ids, inside the mount the
 * slot's. Made by a throw-away child, kept for the next request of the same peer in the same slot. Service only.
 */
#ifndef LW_IDMAP_H
#define LW_IDMAP_H

#include <stdint.h>
#include <sys/types.h>

#define LW_IDMAPS_KEPT 256u

struct lw_idmap {
    uint32_t host_id; /* of the slot, uid and gid alike */
    uint32_t peer_uid;
    uint32_t peer_gid;
    int fd; /* 0 = unused entry, so that a zeroed table is empty */
    uint64_t used_us;
};

struct lw_idmaps {
    struct lw_idmap entries[LW_IDMAPS_KEPT];
};

/* The namespace's descriptor, which stays the table's; or -errno. */
int lw_idmaps_get(struct lw_idmaps *idmaps, uint32_t host_id, uint32_t peer_uid, uint32_t peer_gid);

/* Writes the uid and gid map of a process's new user namespace; `deny_setgroups` where the writer is not privileged. 0 or
 * -errno. */
int lw_idmap_write(pid_t pid, const char *uid_map, const char *gid_map, int deny_setgroups);

#endif
