#include "keeper/envelope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_message.h"
#include "lw_uapi.h"

static int complain(const char *option, const char *text, const char *what)
{
    dprintf(STDERR_FILENO, "leeward-keeper: --%s %s: %s\n", option, text, what);
    return -1;
}

/* A decimal number up to `end`. Returns where it ends, NULL when there is none. */
static const char *read_number(const char *text, uint32_t *number)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    *number = (uint32_t)value;
    return end == text || *text < '0' || *text > '9' || errno || value >= UINT32_MAX ? NULL : end;
}

static int read_range(const char *option, const char *text, uint32_t *base, uint32_t *count)
{
    const char *end = read_number(text, base);
    end = end && *end == ':' ? read_number(end + 1, count) : NULL;
    return end && *end == '\0' ? 0 : complain(option, text, "it takes BASE:COUNT");
}

/* "uid:N" or "gid:N". Returns where it ends, NULL when it is neither. */
static const char *read_who(const char *text, uint32_t *who, uint32_t *host_id)
{
    if (strncmp(text, "uid:", 4) != 0 && strncmp(text, "gid:", 4) != 0) return NULL;
    *who = text[0] == 'u' ? LW_WHO_UID : LW_WHO_GID;
    return read_number(text + 4, host_id);
}

static int take_peer(struct lw_keeper_envelope *envelope, const char *text)
{
    struct lw_message_envelope_peer peer;
    const char *end = read_who(text, &peer.who, &peer.host_id);
    if (!end || *end) return complain("peer", text, "it takes uid:N or gid:N");
    if (envelope->peer_count == LW_MESSAGE_MAX_ENVELOPE_PEERS) return complain("peer", text, "there are too many");
    envelope->peers[envelope->peer_count++] = peer;
    return 0;
}

/* 1 when the text had this ending, which its copy has no more: the command line stays as ps(1) shows it. */
static int cut_ending(const char **text, const char *ending)
{
    size_t length = strlen(*text), tail = strlen(ending);
    if (length <= tail || strcmp(*text + length - tail, ending) != 0) return 0;
    *text = strndup(*text, length - tail);
    if (!*text) abort();
    return 1;
}

static int add_root(struct lw_keeper_envelope *envelope, const char *option, const char *path, uint32_t flags)
{
    uint32_t who = LW_WHO_EVERY_PEER, host_id = 0;
    if (flags & LW_ROOT_FLAG_REQUEST) {
        const char *end = read_who(path, &who, &host_id);
        if (end && *end == '=') path = end + 1;
    }
    if (path[0] != '/') return complain(option, path, "it takes an absolute path");
    if (envelope->root_count == LW_MESSAGE_MAX_ENVELOPE_ROOTS) return complain(option, path, "there are too many");
    envelope->roots[envelope->root_count].path = path;
    envelope->roots[envelope->root_count].flags = flags;
    envelope->roots[envelope->root_count].who = who;
    envelope->roots[envelope->root_count++].host_id = host_id;
    return 0;
}

/* The mode is always said: a path may well end like one. */
static int take_mode(const char *option, const char **text, uint32_t *flags)
{
    if (cut_ending(text, ":rw"))
        *flags |= LW_ROOT_FLAG_WRITABLE;
    else if (!cut_ending(text, ":ro"))
        return complain(option, *text, "it takes a path with :ro or :rw at its end");
    return 0;
}

static int take_root(struct lw_keeper_envelope *envelope, const char *option, const char *text, uint32_t flags)
{
    return take_mode(option, &text, &flags) ? -1 : add_root(envelope, option, text, flags);
}

int lw_keeper_envelope_take(struct lw_keeper_envelope *envelope, enum lw_keeper_envelope_option option, const char *text)
{
    switch (option) {
    case LW_KEEPER_SLOT_UIDS: return read_range("slot-uids", text, &envelope->slot_uid_base, &envelope->slot_count);
    case LW_KEEPER_POOL_UIDS: return read_range("pool-uids", text, &envelope->pool_uid_base, &envelope->pool_count);
    case LW_KEEPER_CGROUP: envelope->cgroup_name = text; return 0;
    case LW_KEEPER_WORKSPACE: envelope->workspace = text; return 0;
    case LW_KEEPER_PEER: return take_peer(envelope, text);
    case LW_KEEPER_REQUEST_ROOT: return take_root(envelope, "request-root", text, LW_ROOT_FLAG_REQUEST);
    case LW_KEEPER_SOURCE: return take_root(envelope, "source", text, LW_ROOT_FLAG_SOURCE);
    case LW_KEEPER_DEVICE: return add_root(envelope, "device", text, LW_ROOT_FLAG_DEVICE);
    default: return -1;
    }
}

int lw_keeper_envelope_check(const struct lw_keeper_envelope *envelope)
{
    const struct {
        const char *option;
        int given;
    } needed[] = {{"slot-uids", envelope->slot_count > 0},
                  {"pool-uids", envelope->pool_count > 0},
                  {"cgroup", envelope->cgroup_name != NULL},
                  {"workspace", envelope->workspace != NULL}};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        if (needed[i].given) continue;
        dprintf(STDERR_FILENO, "leeward-keeper: --%s is missing: what a supervisor may use is root's to say\n", needed[i].option);
        return -1;
    }
    return 0;
}

/* A path that does not pass through a message as it is would name something else. */
static int add_path(void *message, uint32_t *field, const char *path)
{
    int error = lw_message_add_string(message, LW_MESSAGE_MAX, field, path);
    if (!error && strcmp(lw_message_string(message, *field), path) != 0) error = -EILSEQ;
    if (error) dprintf(STDERR_FILENO, "leeward-keeper: %s: %s\n", path, strerror(-error));
    return error;
}

static void add_peers(const struct lw_keeper_envelope *envelope, const struct lw_keeper_identity *identity,
                      struct lw_message_envelope *message)
{
    struct lw_message_envelope_peer *peers = (struct lw_message_envelope_peer *)(message + 1);
    message->peer_count = envelope->peer_count;
    memcpy(peers, envelope->peers, envelope->peer_count * sizeof(*peers));
    if (envelope->peer_count) return;
    peers[message->peer_count++] = (struct lw_message_envelope_peer){LW_WHO_UID, 0};
    /* Who runs as nobody is nobody in particular. */
    if (identity->uid && identity->uid != LW_OVERFLOW_ID)
        peers[message->peer_count++] = (struct lw_message_envelope_peer){LW_WHO_UID, identity->uid};
}

static int add_roots(const struct lw_keeper_envelope *envelope, struct lw_message_envelope *message)
{
    struct lw_message_envelope_root *roots = (struct lw_message_envelope_root *)(uintptr_t)lw_message_envelope_roots(message);
    message->root_count = envelope->root_count;
    for (uint32_t i = 0; i < envelope->root_count; i++) {
        roots[i].flags = envelope->roots[i].flags;
        roots[i].who = envelope->roots[i].who;
        roots[i].host_id = envelope->roots[i].host_id;
    }
    int error = lw_message_begin(message, LW_MESSAGE_MAX);
    if (!error) error = add_path(message, &message->cgroup_name, envelope->cgroup_name);
    if (!error) error = add_path(message, &message->workspace, envelope->workspace);
    for (uint32_t i = 0; i < envelope->root_count && !error; i++) error = add_path(message, &roots[i].path, envelope->roots[i].path);
    return error;
}

static int seal(const void *data, size_t size)
{
    LW_AUTO_CLOSE int fd = memfd_create("leeward-envelope", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int error = fd < 0 ? -errno : lw_fd_write_all(fd, data, size);
    if (!error && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) error = -errno;
    if (!error) return lw_fd_take(&fd);
    dprintf(STDERR_FILENO, "leeward-keeper: the envelope: %s\n", strerror(-error));
    return -1;
}

int lw_keeper_envelope_seal(const struct lw_keeper_envelope *envelope, const struct lw_keeper_identity *identity)
{
    static _Alignas(8) char buffer[LW_MESSAGE_MAX];
    struct lw_message_envelope *message = (struct lw_message_envelope *)(void *)buffer;
    *message = (struct lw_message_envelope){.header = {.type = LW_MESSAGE_ENVELOPE},
                                            .slot_uid_base = envelope->slot_uid_base,
                                            .slot_count = envelope->slot_count,
                                            .pool_uid_base = envelope->pool_uid_base,
                                            .pool_count = envelope->pool_count,
                                            .daemon_uid = identity->uid,
                                            .daemon_gid = identity->gid};
    add_peers(envelope, identity, message);
    return add_roots(envelope, message) ? -1 : seal(message, message->header.size);
}
