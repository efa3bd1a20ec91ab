/* What a request collects from its writable mounts when its job has ended: kept until then, asked of an opener, passed on. */
#ifndef LW_COLLECTION_H
#define LW_COLLECTION_H

#include "lw_message.h"
#include "supervisor/openers.h"
#include "supervisor/submounts.h"

struct lw_collection;
struct lw_job;
struct lw_supervisor;

/* Why what the message collects is refused; NULL: it is not. Mounts that the job may write in, patterns for which there is room. */
const char *lw_collection_refuse(const struct lw_message_job_run *message);

/* NULL when the request collects nothing. */
struct lw_collection *lw_collection_new(const struct lw_message_job_run *message);

/*
 * Holds on to mount `index`, which is made of `source`, when something is collected there: a clone of its own, which nobody can write
 * by. An earlier one is let go. `collection` NULL: nothing is done. Returns 0 or -errno.
 */
int lw_collection_hold(struct lw_collection *collection, uint32_t index, int source, struct lw_submounts *submounts);

/* Its job has ended. Takes the collection over: job_collected follows, at once or later. */
void lw_collection_begin(struct lw_supervisor *supervisor, struct lw_collection *collection, uint64_t job_id,
                         const struct lw_peer *peer);

/* NULL is allowed. */
void lw_collection_free(struct lw_collection *collection);

/* An opener has answered. Returns 1 when that was about a collection; then the descriptor is taken over. */
int lw_collection_answered(struct lw_supervisor *supervisor, const struct lw_open_reply *reply, int fd);

/* Nothing comes from this opener any more. */
void lw_collection_opener_lost(struct lw_supervisor *supervisor, const struct lw_opener *opener, int reason);

#endif
