/* Envelopes for tests: what root would pass to a supervisor. */
#ifndef LW_TEST_ENVELOPE_H
#define LW_TEST_ENVELOPE_H

#include <stdint.h>

#include "lw_plan_gen.h"

struct test_peer {
    uint32_t who, host_id; /* LW_WHO_* */
};

struct test_root {
    const char *path;
    uint32_t flags; /* LW_ROOT_FLAG_* */
    uint32_t who, host_id;
};

struct test_envelope {
    uint32_t slot_uid_base, slot_count, pool_uid_base, pool_count;
    uint32_t daemon_uid, daemon_gid;
    const char *cgroup_name, *workspace;
    const struct test_peer *peers;
    uint32_t peer_count;
    const struct test_root *roots;
    uint32_t root_count;
};

/* One with the ids that test_daemon.h asks for, for root and the two peers of the supervisor's tests, with all roots. */
struct test_envelope test_envelope_wide(const char *cgroup_name, const char *workspace);

/* A sealed memfd of it. */
int test_envelope_memfd(const struct test_envelope *envelope);

#endif
