#include "supervisor/envelope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_cgroup_find.h"
#include "lw_fd.h"
#include "lw_message.h"
#include "lw_plan_strings.h"
#include "lw_uapi.h"
#include "supervisor/memory.h"

static const uint64_t no_links = LW_RESOLVE_NO_SYMLINKS | LW_RESOLVE_NO_MAGICLINKS;

__attribute__((format(printf, 3, 4))) static int refuse(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, size, format, arguments);
    va_end(arguments);
    return -EPERM;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* A copy of a memfd that nobody can change any more; NULL with errno when it is none. */
static void *copy_sealed(int fd, size_t *size)
{
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    struct stat status;
    int have = fcntl(fd, F_GET_SEALS);
    if (have < 0 || fstat(fd, &status) < 0) return NULL;
    errno = EINVAL;
    if ((have & seals) != seals) return NULL;
    if (status.st_size <= 0 || status.st_size > (off_t)LW_MESSAGE_MAX) return NULL;
    *size = (size_t)status.st_size;
    char *copy = lw_new(*size);
    if (pread(fd, copy, *size, 0) == (ssize_t)*size) return copy;
    free(copy);
    return NULL;
}

static int check_ids(const struct lw_message_envelope *message, char *reason, size_t size)
{
    const struct lw_config ids = {.slot_uid_base = message->slot_uid_base,
                                  .slot_count = message->slot_count,
                                  .pool_uid_base = message->pool_uid_base,
                                  .pool_count = message->pool_count,
                                  .privileged = 1};
    if (lw_config_check_ids(&ids, reason, size)) return -EPERM;
    if (lw_config_is_sandbox_id(&ids, message->daemon_uid) || lw_config_is_sandbox_id(&ids, message->daemon_gid))
        return refuse(reason, size, "envelope: the daemon's own ids %u and %u are among those of slots and pools",
                      message->daemon_uid, message->daemon_gid);
    const struct lw_message_envelope_peer *peers = lw_message_envelope_peers(message);
    for (uint32_t i = 0; i < message->peer_count; i++) {
        if (peers[i].who == LW_WHO_EVERY_PEER || !lw_config_is_peer_id(&ids, peers[i].host_id))
            return refuse(reason, size, "envelope: %u can be nobody's id", peers[i].host_id);
    }
    return 0;
}

static int check_root(const struct lw_envelope_root *root, char *reason, size_t size)
{
    if (lw_check_path(root->path, 1) || !(root->flags & ~(uint32_t)LW_ROOT_FLAG_WRITABLE))
        return refuse(reason, size, "envelope: the root %s must be a normal path with a use", root->path);
    return 0;
}

static int take_roots(struct lw_envelope *envelope, char *reason, size_t size)
{
    const struct lw_message_envelope_root *roots = lw_message_envelope_roots(envelope->message);
    envelope->root_count = envelope->message->root_count;
    envelope->roots = lw_new((envelope->root_count + 1) * sizeof(*envelope->roots));
    for (uint32_t i = 0; i < envelope->root_count; i++) {
        envelope->roots[i] = (struct lw_envelope_root){.path = lw_message_string(envelope->message, roots[i].path),
                                                       .flags = roots[i].flags,
                                                       .who = roots[i].who,
                                                       .host_id = roots[i].host_id,
                                                       .held = -1};
        if (check_root(&envelope->roots[i], reason, size)) return -EPERM;
    }
    return 0;
}

/* Whatever the user himself may reach. */
static int take_own_rights(struct lw_envelope *envelope)
{
    envelope->root_count = 1;
    envelope->roots = lw_new(sizeof(*envelope->roots));
    *envelope->roots = (struct lw_envelope_root){.path = "/", .flags = LW_ROOT_FLAG_KNOWN, .who = LW_WHO_EVERY_PEER, .held = -1};
    return 0;
}

int lw_envelope_read(struct lw_envelope *envelope, int fd, uint32_t privileged, char *reason, size_t size)
{
    struct lw_error error = {0};
    size_t message_size = 0;
    *envelope = (struct lw_envelope){0};
    if (!privileged) return take_own_rights(envelope);
    void *message = copy_sealed(fd, &message_size);
    if (!message)
        return refuse(reason, size, "envelope: whoever starts a supervisor as root passes one in a sealed memfd as descriptor %d (%s)",
                      fd, strerror(errno));
    if (lw_message_validate(message, message_size, &error) ||
        ((const struct lw_message_header *)message)->type != LW_MESSAGE_ENVELOPE) {
        free(message);
        return refuse(reason, size, "envelope: malformed: %s", lw_plan_reason_name(error.detail));
    }
    envelope->message = message;
    int result = check_ids(message, reason, size);
    return result ? result : take_roots(envelope, reason, size);
}

/* --- config ------------------------------------------------------------------------------------------------------- */

static int lies_within(uint32_t base, uint32_t count, uint32_t outer_base, uint32_t outer_count)
{
    return base >= outer_base && (uint64_t)base + count <= (uint64_t)outer_base + outer_count;
}

int lw_envelope_check_config(const struct lw_envelope *envelope, const struct lw_config *config, char *reason, size_t size)
{
    const struct lw_message_envelope *message = envelope->message;
    if (!message) return 0;
    const char *cgroup = lw_message_string(message, message->cgroup_name);
    const char *workspace = lw_message_string(message, message->workspace);
    size_t length = strlen(cgroup);
    if (!lies_within(config->slot_uid_base, config->slot_count, message->slot_uid_base, message->slot_count))
        return refuse(reason, size, "config: the ids of slots %u+%u are outside of the envelope", config->slot_uid_base,
                      config->slot_count);
    if (!lies_within(config->pool_uid_base, config->pool_count, message->pool_uid_base, message->pool_count))
        return refuse(reason, size, "config: the ids of pools %u+%u are outside of the envelope", config->pool_uid_base,
                      config->pool_count);
    if (strncmp(config->cgroup_name, cgroup, length) != 0 || (config->cgroup_name[length] && config->cgroup_name[length] != '/'))
        return refuse(reason, size, "config: the control group %s is outside of the envelope, which gives %s",
                      config->cgroup_name, cgroup);
    if (strcmp(config->workspace, workspace) != 0)
        return refuse(reason, size, "config: the workspace %s is not the envelope's %s", config->workspace, workspace);
    return 0;
}

/* --- roots -------------------------------------------------------------------------------------------------------- */

int lw_envelope_hold(struct lw_envelope *envelope)
{
    for (uint32_t i = 0; i < envelope->root_count; i++) {
        int fd = lw_openat2(AT_FDCWD, envelope->roots[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC, no_links);
        /* A file is replaced when it changes (ld.so.cache): its path is what root meant. */
        if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && fd != -ELOOP) return fd;
        envelope->roots[i].held = fd < 0 ? -1 : fd;
    }
    return 0;
}

const char *lw_envelope_rest(const char *root, const char *path)
{
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(root, path, length) != 0 || (path[length] && path[length] != '/')) return NULL;
    return path[length] ? path + length + 1 : path + length;
}

static int has_group(const struct lw_peer *peer, uint32_t gid)
{
    if (peer->gid == gid) return 1;
    for (uint32_t i = 0; i < peer->group_count; i++) {
        if (peer->groups[i] == gid) return 1;
    }
    return 0;
}

static int matches(uint32_t who, uint32_t host_id, const struct lw_peer *peer)
{
    switch (who) {
    case LW_WHO_EVERY_PEER: return 1;
    case LW_WHO_UID: return peer->uid == host_id;
    default: return has_group(peer, host_id);
    }
}

/* The deepest root with all of `flags` that the path lies beneath; `peer` NULL looks at no peer. */
static const struct lw_envelope_root *find_root(const struct lw_envelope *envelope, const struct lw_peer *peer, const char *path,
                                                uint32_t flags)
{
    const struct lw_envelope_root *best = NULL;
    for (uint32_t i = 0; i < envelope->root_count; i++) {
        const struct lw_envelope_root *root = &envelope->roots[i];
        if ((root->flags & flags) != flags || (peer && !matches(root->who, root->host_id, peer))) continue;
        if (lw_envelope_rest(root->path, path) && (!best || strlen(root->path) > strlen(best->path))) best = root;
    }
    return best;
}

const struct lw_envelope_root *lw_envelope_request_root(const struct lw_envelope *envelope, const struct lw_peer *peer,
                                                        const char *path, int writable, char *detail, size_t size)
{
    uint32_t flags = LW_ROOT_FLAG_REQUEST | (writable ? (uint32_t)LW_ROOT_FLAG_WRITABLE : 0u);
    if (lw_check_path(path, 1)) {
        refuse(detail, size, "%s: a root is an absolute path without empty, `.` or `..` parts", path);
        return NULL;
    }
    const struct lw_envelope_root *root = find_root(envelope, peer, path, flags);
    if (!root)
        refuse(detail, size, "%s: outside of what root allowed at start for %s by uid %u", path, writable ? "writing" : "reading",
               peer->uid);
    return root;
}

int lw_envelope_has_source(const struct lw_envelope *envelope, const char *path, uint32_t flags, char *detail, size_t size)
{
    if (find_root(envelope, NULL, path, flags)) return 1;
    const char *use = flags & LW_ROOT_FLAG_DEVICE     ? "as a device"
                      : flags & LW_ROOT_FLAG_WRITABLE ? "as a writable source of a plan"
                                                      : "as a source of a plan";
    refuse(detail, size, "%s: outside of what root allowed at start %s", path, use);
    return 0;
}

int lw_envelope_open_source(const struct lw_envelope *envelope, const char *path, uint32_t flags)
{
    const struct lw_envelope_root *root = find_root(envelope, NULL, path, flags);
    if (!root) return -EPERM;
    const char *rest = lw_envelope_rest(root->path, path);
    if (root->held < 0) return lw_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, no_links);
    if (*rest == '\0') return lw_openat2(root->held, ".", O_PATH | O_CLOEXEC, no_links);
    return lw_openat2(root->held, rest, O_PATH | O_CLOEXEC, no_links | LW_RESOLVE_BENEATH);
}

/* --- peers -------------------------------------------------------------------------------------------------------- */

/* No id that stands for anybody, none of a sandbox's; and what root's group may read is not the peer's, whatever the daemon says. */
static int check_peer_ids(const struct lw_config *config, const struct lw_peer *peer, char *detail, size_t size)
{
    if (!lw_config_is_peer_id(config, peer->uid) || !lw_config_is_peer_id(config, peer->gid))
        return refuse(detail, size, "uid %u, gid %u: the peer has an overflow id, which may be anybody, or is a sandbox itself",
                      peer->uid, peer->gid);
    for (uint32_t i = 0; i < peer->group_count; i++) {
        if (config->privileged && !lw_config_is_peer_id(config, peer->groups[i]))
            return refuse(detail, size, "uid %u comes with the group %u, which is nobody's or a sandbox's", peer->uid, peer->groups[i]);
    }
    if (!config->privileged || peer->uid == 0 || !has_group(peer, 0)) return 0;
    return refuse(detail, size, "uid %u comes with root's group, which is lent to nobody", peer->uid);
}

int lw_envelope_check_peer(const struct lw_envelope *envelope, const struct lw_config *config, const struct lw_peer *peer,
                           char *detail, size_t size)
{
    const struct lw_message_envelope *message = envelope->message;
    if (check_peer_ids(config, peer, detail, size)) return -EPERM;
    if (!message) return 0;
    const struct lw_message_envelope_peer *peers = lw_message_envelope_peers(message);
    for (uint32_t i = 0; i < message->peer_count; i++) {
        if (matches(peers[i].who, peers[i].host_id, peer)) return 0;
    }
    return refuse(detail, size, "uid %u, gid %u: root allowed no jobs for this peer at start", peer->uid, peer->gid);
}

int lw_envelope_check_run_as(const struct lw_envelope *envelope, const struct lw_config *config, const struct lw_peer *peer,
                             char *detail, size_t size)
{
    const struct lw_message_envelope *message = envelope->message;
    if (!message) return 0;
    if (peer->uid == 0 || peer->gid == 0) return refuse(detail, size, "no job runs as host uid 0 or gid 0");
    if (peer->uid == message->daemon_uid || peer->gid == message->daemon_gid)
        return refuse(detail, size, "no job runs with the daemon's own uid %u or gid %u", message->daemon_uid,
                      message->daemon_gid);
    return lw_envelope_check_peer(envelope, config, peer, detail, size);
}
