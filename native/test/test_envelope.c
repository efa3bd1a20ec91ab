#include "test_envelope.h"

#include <string.h>

#include "lw_message.h"
#include "test_daemon.h"

struct test_envelope test_envelope_wide(const char *cgroup_name, const char *workspace)
{
    static const struct test_peer peers[] = {{LW_WHO_UID, 0}, {LW_WHO_UID, 23456}, {LW_WHO_UID, 23457}};
    static const struct test_root all = {"/", LW_ROOT_FLAG_KNOWN, LW_WHO_EVERY_PEER, 0};
    return (struct test_envelope){.slot_uid_base = 200000,
                                  .slot_count = 64,
                                  .pool_uid_base = 300000,
                                  .pool_count = 8,
                                  .cgroup_name = cgroup_name,
                                  .workspace = workspace,
                                  .peers = peers,
                                  .peer_count = 3,
                                  .roots = &all,
                                  .root_count = 1};
}

int test_envelope_memfd(const struct test_envelope *envelope)
{
    _Alignas(8) static char buffer[32768];
    struct lw_message_envelope *message = (struct lw_message_envelope *)(void *)buffer;
    memset(buffer, 0, sizeof(buffer));
    *message = (struct lw_message_envelope){.header = {.type = LW_MESSAGE_ENVELOPE},
                                            .slot_uid_base = envelope->slot_uid_base,
                                            .slot_count = envelope->slot_count,
                                            .pool_uid_base = envelope->pool_uid_base,
                                            .pool_count = envelope->pool_count,
                                            .daemon_uid = envelope->daemon_uid,
                                            .daemon_gid = envelope->daemon_gid,
                                            .peer_count = envelope->peer_count,
                                            .root_count = envelope->root_count};
    char *tail = buffer + sizeof(*message);
    if (envelope->peer_count) memcpy(tail, envelope->peers, envelope->peer_count * sizeof(struct lw_message_envelope_peer));
    tail += envelope->peer_count * sizeof(struct lw_message_envelope_peer);
    struct lw_message_envelope_root *roots = (struct lw_message_envelope_root *)(void *)tail;
    for (uint32_t i = 0; i < envelope->root_count; i++) {
        roots[i].flags = envelope->roots[i].flags;
        roots[i].who = envelope->roots[i].who;
        roots[i].host_id = envelope->roots[i].host_id;
    }
    lw_message_begin(message, sizeof(buffer));
    lw_message_add_string(message, sizeof(buffer), &message->cgroup_name, envelope->cgroup_name);
    lw_message_add_string(message, sizeof(buffer), &message->workspace, envelope->workspace);
    for (uint32_t i = 0; i < envelope->root_count; i++)
        lw_message_add_string(message, sizeof(buffer), &roots[i].path, envelope->roots[i].path);
    return test_sealed_memfd(message, message->header.size);
}
