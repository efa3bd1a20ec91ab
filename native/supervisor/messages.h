/* Messages to the daemon, but for job_output (output.c). */
#ifndef LW_SUPERVISOR_MESSAGES_H
#define LW_SUPERVISOR_MESSAGES_H

#include "lw_error.h"
#include "lw_notify.h"
#include "supervisor/supervisor.h"

void lw_post_ready(struct lw_supervisor *supervisor);
void lw_post_pool_ready(struct lw_supervisor *supervisor, uint64_t pool_id, pid_t zygote, uint64_t setup_us);
void lw_post_pool_failed(struct lw_supervisor *supervisor, uint64_t pool_id, const struct lw_error *error, const char *detail);
void lw_post_pool_closed(struct lw_supervisor *supervisor, uint64_t pool_id);
void lw_post_job_started(struct lw_supervisor *supervisor, uint64_t job_id, const struct lw_message_job_started *facts);
void lw_post_job_denial(struct lw_supervisor *supervisor, uint64_t job_id, const struct lw_denial *denial);

/* `facts` without header, detail and padding, which are set here. */
void lw_post_job_end(struct lw_supervisor *supervisor, uint64_t job_id, const struct lw_message_job_end *facts,
                     const char *detail);

/* `error` 0 or -errno; the descriptor, -1 when there is none, is taken over. */
void lw_post_job_collected(struct lw_supervisor *supervisor, uint64_t job_id, int error, int fd);

/* A job_end of a job that never got a worker; `status` is an enum lw_status. */
void lw_post_job_refused(struct lw_supervisor *supervisor, uint64_t job_id, uint32_t status, const struct lw_error *error,
                         const char *detail);

/* Left out, but for errors, while the daemon does not read. */
__attribute__((format(printf, 3, 4))) void lw_log(struct lw_supervisor *supervisor, uint32_t level, const char *format, ...);

#endif
