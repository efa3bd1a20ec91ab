/*
 * The same process for another job, where the plan says so (reuse_max): from the call by which its job says that it has ended to the
 * standby. Only jobs of one peer meet in it. Whatever is doubtful ends the process: the next job gets another one.
 */
#ifndef LW_RENEWAL_H
#define LW_RENEWAL_H

#include "supervisor/pool.h"

/* 1 when processes of this pool may run more than one job. */
int lw_renewal_is_possible(const struct lw_pool *pool);

/* A job asks for the next one (struct lw_notifier, next_job). */
int lw_renewal_asked(struct lw_notifier *notifier, const struct lw_notification *call);

/* What the next job must not find is kept for its removal: the mounts of this request. */
void lw_renewal_note_mounts(struct lw_worker *worker, const struct lw_attach_request *request);

/* The worker runs jobs of this peer alone from now on. */
void lw_renewal_bind(struct lw_worker *worker, const struct lw_peer *peer);

/* 1 when it may run a job of this peer. */
int lw_renewal_suits(const struct lw_worker *worker, const struct lw_peer *peer);

/* Its job has got everything: the process is made ready for the next one, or ended. */
void lw_renewal_begin(struct lw_worker *worker);

/* The process ends, and the log says why. */
void lw_renewal_give_up(struct lw_worker *worker, const char *reason, int error);

/* Memory peak of the job in bytes, LW_CGROUP_UNKNOWN where the kernel counts over the whole life of a group. */
uint64_t lw_renewal_memory_peak(const struct lw_worker *worker, const struct lw_cgroup_usage *usage);

/* Releases what a worker holds for its renewal. */
void lw_renewal_forget(struct lw_worker *worker);

/* Callbacks of the renewer. */
void lw_renewal_done(struct lw_attacher *renewer, const struct lw_attach_reply *reply);
void lw_renewal_lost(struct lw_attacher *renewer, int reason);

#endif
