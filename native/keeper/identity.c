#include "keeper/identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lw_caps.h"

static int find_group(const char *name, gid_t *gid)
{
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    const struct group *group = getgrnam(name);
    if (group) {
        *gid = group->gr_gid;
        return 0;
    }
    *gid = (gid_t)number;
    return *name != '\0' && *end == '\0' ? 0 : -1;
}

int lw_keeper_identity_find(struct lw_keeper_identity *identity, const char *user, const char *group)
{
    *identity = (struct lw_keeper_identity){0};
    const struct passwd *entry = getpwnam(user);
    if (entry && entry->pw_uid != 0) {
        identity->uid = entry->pw_uid;
        identity->gid = identity->socket_group = entry->pw_gid;
        identity->group_count = LW_KEEPER_GROUPS_MAX;
        if (getgrouplist(user, entry->pw_gid, identity->groups, &identity->group_count) < 0) {
            dprintf(STDERR_FILENO, "leeward-keeper: user %s has more than %d groups\n", user, LW_KEEPER_GROUPS_MAX);
            return -1;
        }
    }
    if (!group || find_group(group, &identity->socket_group) == 0) return 0;
    dprintf(STDERR_FILENO, "leeward-keeper: there is no group %s\n", group);
    return -1;
}

/* Locked, so that uid 0 stays without capabilities, also after an exec. */
static const uint32_t securebits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                                   SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

int lw_keeper_identity_take(const struct lw_keeper_identity *identity)
{
    /* Without the fix-up the sets outlive the change of ids, and lw_caps_apply empties all five at once. */
    if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0) return -errno;
    if (setgroups((size_t)identity->group_count, identity->groups) < 0) return -errno;
    if (setresgid(identity->gid, identity->gid, identity->gid) < 0) return -errno;
    if (setresuid(identity->uid, identity->uid, identity->uid) < 0) return -errno;
    int error = lw_caps_apply(0, securebits);
    if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) error = -errno;
    return error;
}
