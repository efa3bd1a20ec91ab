/* What the kernel says about a confined job before any user code runs in it: proc_pid_status(5), proc_pid_fd(5), namespaces(7).
 */
#ifndef LW_POSTURE_H
#define LW_POSTURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct lw_posture {
    uint32_t receipt_flags; /* no_new_privs, seccomp_filter, capabilities_empty; not_dumpable when the files' owner tells */
    uint32_t namespaces;    /* CLONE_NEW* bits in which the process differs from the supervisor */
    uint64_t descriptors;   /* bit n: descriptor n is open; bit 63: one above 62 */
};

/* Reads it. Returns 0, -ESRCH when the process is gone, or -errno. */
int lw_posture_read(pid_t pid, struct lw_posture *posture);

/*
 * Compares with what a job must be: `namespaces` of its plan, all three flags, descriptors 0 to 4.
 * Returns 0, or -EPERM and the first difference as a sentence in `detail`.
 */
int lw_posture_check(const struct lw_posture *posture, uint32_t namespaces, char *detail, size_t size);

/* The flags out of the text of /proc/PID/status; what is missing there counts as not given. */
uint32_t lw_posture_parse_status(const char *text);

#endif
