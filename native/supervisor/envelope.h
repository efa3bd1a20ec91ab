/*
 * The envelope: what root allows at start, and no message of the daemon widens. It stands in a sealed memfd that whoever starts
 * a supervisor as root passes beside the socket: a message `envelope` of schemas/plan.layout.json. Everything that a plan or a
 * job names on the host is held against it here, so that a daemon that was taken over gets no further than root said.
 *
 * Without privilege there is none: the user's own rights are the envelope, and the kernel holds it.
 */
#ifndef LW_ENVELOPE_H
#define LW_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "lw_error.h"
#include "lw_plan_gen.h"
#include "supervisor/config.h"
#include "supervisor/opener.h"

/* error.index of LW_STAGE_ENVELOPE for the peer; else it is that of the mount. */
#define LW_ENVELOPE_PEER UINT32_MAX

struct lw_envelope_root {
    const char *path;
    uint32_t flags; /* LW_ROOT_FLAG_* */
    uint32_t who;   /* LW_WHO_*, with host_id */
    uint32_t host_id;
    int held; /* O_PATH, of a directory that was there at start: what comes to its path later is not it. -1: none */
};

struct lw_envelope {
    const struct lw_message_envelope *message; /* NULL without privilege */
    struct lw_envelope_root *roots;
    uint32_t root_count;
};

/*
 * Takes the envelope out of the memfd `fd`; not asked for without privilege. Returns 0, or -errno with the words for the operator
 * in `reason`.
 */
int lw_envelope_read(struct lw_envelope *envelope, int fd, uint32_t privileged, char *reason, size_t size);

/* Holds the daemon's config against it: that may only narrow. Returns 0 or -EPERM with `reason`. */
int lw_envelope_check_config(const struct lw_envelope *envelope, const struct lw_config *config, char *reason, size_t size);

/* Opens the roots, in the mount namespace and with the rights of the caller. One that is missing, or a file, is not held. Returns 0 or -errno. */
int lw_envelope_hold(struct lw_envelope *envelope);

/* Whether jobs may run for this peer, with these groups. Returns 0 or -EPERM with `detail`. */
int lw_envelope_check_peer(const struct lw_envelope *envelope, const struct lw_config *config, const struct lw_peer *peer,
                           char *detail, size_t size);

/* Whether a process may have these host ids when it is no slot's: those of a peer. Returns 0 or -EPERM with `detail`. */
int lw_envelope_check_run_as(const struct lw_envelope *envelope, const struct lw_config *config, const struct lw_peer *peer,
                             char *detail, size_t size);

/*
 * The root beneath which this peer may ask for `path` (absolute, normal); NULL with `detail` when there is none. The way from
 * there is path + strlen(root->path), without slashes at its start.
 */
const struct lw_envelope_root *lw_envelope_request_root(const struct lw_envelope *envelope, const struct lw_peer *peer,
                                                        const char *path, int writable, char *detail, size_t size);

/*
 * Whether a plan's own source (a path that lw_plan_validate has accepted) lies beneath a root that allows `flags`:
 * LW_ROOT_FLAG_SOURCE or _DEVICE, perhaps _WRITABLE. Returns 1, or 0 with `detail`.
 */
int lw_envelope_has_source(const struct lw_envelope *envelope, const char *path, uint32_t flags, char *detail, size_t size);

/* Opens it beneath that root, with the rights of the caller, without symbolic links. Returns an O_PATH descriptor or -errno. */
int lw_envelope_open_source(const struct lw_envelope *envelope, const char *path, uint32_t flags);

/* What is left of `path` beneath `root`, relative, "" for the root itself; NULL when it does not lie there. Both normal. */
const char *lw_envelope_rest(const char *root, const char *path);

#endif
