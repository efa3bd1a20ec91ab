/*
 * The mounter's other half of work: a job of a reused process has ended by LW_NEXT_JOB and waits in that call. Its mounts go, and it gets
 * pipes of its own for the next job.
 */
#ifndef LW_RENEW_H
#define LW_RENEW_H

#include "lw_channels.h"

/*
 * Takes the request's mounts away and removes their mount points; never lazily (MNT_DETACH): descriptors that the job has kept would go on
 * reading. Preconditions: in the job's mount namespace, as the owner of its root. Returns 0, or -errno with `error` filled; -EBUSY when
 * something of the job is still in there.
 */
int lw_renew_detach(const struct lw_attach_request *request, struct lw_error *error);

/*
 * Puts the pipes behind the job's descriptors 0 to 2 and its claims, whatever it has done to these, and answers its call by the number
 * of the payload's (seccomp_unotify(2), SECCOMP_IOCTL_NOTIF_ADDFD). `fds` in the order of enum lw_renew_fd. Waits until the job's process
 * has run, which the limit of its CPU time may put off. Returns 0, -ENOENT when the call is over, or -errno with `error` filled.
 */
int lw_renew_descriptors(uint64_t call, const int *fds, struct lw_error *error);

#endif
