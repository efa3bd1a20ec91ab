/* As whom the daemon runs. */
#ifndef LW_KEEPER_IDENTITY_H
#define LW_KEEPER_IDENTITY_H

#include <sys/types.h>

#define LW_KEEPER_GROUPS_MAX 64

struct lw_keeper_identity {
    uid_t uid; /* 0: there is no such user; the daemon keeps uid 0 and loses every capability */
    gid_t gid;
    gid_t groups[LW_KEEPER_GROUPS_MAX];
    int group_count;
    gid_t socket_group; /* of the listening socket */
};

/* Looks user and group up. Returns 0, or -1 after a line on stderr: a group that was asked for must exist. */
int lw_keeper_identity_find(struct lw_keeper_identity *identity, const char *user, const char *group);

/* Takes it in the daemon's process: groups, ids, no capability. Preconditions: after fork, before exec. Returns 0 or -errno. */
int lw_keeper_identity_take(const struct lw_keeper_identity *identity);

#endif
