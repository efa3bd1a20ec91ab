/*
 * The supervisor's end of seccomp notifications (seccomp_unotify(2)): taking a job's listener, receiving and answering, what
 * the plan says about a call, and the record of what was denied. Answers never depend on the job's memory, which it can change
 * meanwhile.
 */
#ifndef LW_NOTIFY_H
#define LW_NOTIFY_H

#include <stdint.h>

/* One notified call. */
struct lw_notification {
    uint64_t id;  /* of the notification, for the answer */
    uint32_t pid; /* caller, in the reader's PID namespace; 0 when it has none there */
    uint32_t nr;
    uint32_t arch; /* AUDIT_ARCH_* */
    uint32_t pad;
    uint64_t args[6];
};

/* A CONTINUE, an errno, or the end of the job, which needs no answer. */
struct lw_notify_verdict {
    uint32_t action; /* enum lw_notify_action */
    uint32_t errno_; /* positive with errno, else 0 */
};

/*
 * Receives one notification. There is no non-blocking mode, so it is called once per readiness of the descriptor.
 * Returns 0, -ENOENT when the caller died meanwhile, or -errno.
 */
int lw_notify_receive(int listener, struct lw_notification *notification);

/* Answers. Returns 0, -ENOENT when the caller died meanwhile, or -errno. */
int lw_notify_answer(int listener, uint64_t id, const struct lw_notify_verdict *verdict);

/* What the plan says about a call: its entry in `notify`, else notify_default_errno; also for a foreign architecture. */
struct lw_notify_verdict lw_notify_verdict_of(const void *plan, const struct lw_notification *notification);

/* One denied call number. */
struct lw_denial {
    uint32_t nr;
    uint32_t arch;
    uint32_t errno_; /* what it was answered; 0: let through in audit mode, or the job was killed for it */
    uint32_t pad;
    uint64_t args[6]; /* of the first occurrence */
    uint64_t count;
};

/* What a result can usefully name; the count goes on beyond it. How fast denials are answered is the plan's. */
#define LW_DENIALS_MAX 64u

/* What was denied to one job, by call number; numbers beyond LW_DENIALS_MAX are only counted in `total`. */
struct lw_denials {
    uint32_t count;
    uint32_t pad;
    uint64_t total;
    struct lw_denial entries[LW_DENIALS_MAX];
};

void lw_denials_add(struct lw_denials *denials, const struct lw_notification *notification, uint32_t errno_value);

/* Token bucket: `burst` tokens, `per_second` new ones. Times are microseconds of one monotonic clock. */
struct lw_bucket {
    uint64_t burst;
    uint64_t per_second;
    uint64_t millionths; /* tokens left, in millionths */
    uint64_t updated_us;
};

void lw_bucket_init(struct lw_bucket *bucket, uint32_t burst, uint32_t per_second, uint64_t now_us);

/* Takes a token. Returns 0, or the microseconds until there is one (then none was taken). */
uint64_t lw_bucket_take(struct lw_bucket *bucket, uint64_t now_us);

#endif
