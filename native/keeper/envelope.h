/* What root allows the supervisors of this keeper: given on its command line, before there is a daemon (supervisor/envelope.h). */
#ifndef LW_KEEPER_ENVELOPE_H
#define LW_KEEPER_ENVELOPE_H

#include <stdint.h>

#include "keeper/identity.h"
#include "lw_plan_gen.h"

struct lw_keeper_envelope {
    uint32_t slot_uid_base, slot_count, pool_uid_base, pool_count;
    const char *cgroup_name;
    const char *workspace;
    struct lw_message_envelope_peer peers[LW_MESSAGE_MAX_ENVELOPE_PEERS];
    uint32_t peer_count;
    struct {
        const char *path;
        uint32_t flags, who, host_id;
    } roots[LW_MESSAGE_MAX_ENVELOPE_ROOTS];
    uint32_t root_count;
};

/* The options that belong to the envelope. */
enum lw_keeper_envelope_option {
    LW_KEEPER_SLOT_UIDS = 256, /* BASE:COUNT */
    LW_KEEPER_POOL_UIDS,       /* BASE:COUNT */
    LW_KEEPER_CGROUP,          /* NAME */
    LW_KEEPER_WORKSPACE,       /* PATH */
    LW_KEEPER_PEER,            /* uid:N or gid:N */
    LW_KEEPER_REQUEST_ROOT,    /* PATH:MODE or uid:N=PATH:MODE or gid:N=PATH:MODE, where MODE is ro or rw */
    LW_KEEPER_SOURCE,          /* PATH:MODE */
    LW_KEEPER_DEVICE,          /* PATH */
};

/* Takes one option; `text` is kept. Returns 0, or -1 after a line on stderr. */
int lw_keeper_envelope_take(struct lw_keeper_envelope *envelope, enum lw_keeper_envelope_option option, const char *text);

/* 0 when nothing is missing that every supervisor needs, or -1 after a line on stderr. */
int lw_keeper_envelope_check(const struct lw_keeper_envelope *envelope);

/*
 * The sealed memfd for a supervisor. Without a --peer these are root and the daemon's user. Returns it, or -1 after a line on
 * stderr.
 */
int lw_keeper_envelope_seal(const struct lw_keeper_envelope *envelope, const struct lw_keeper_identity *identity);

#endif
