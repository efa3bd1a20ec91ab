/*
 * descriptors: what the zygote and its request have left open stays open above the job's own: the channel to the supervisor and the
 * pidfd of the job's init among them.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lw_channels.h"
#include "lw_fd.h"

int __wrap_lw_fd_arrange(const int *descriptors, unsigned count);

/* Those are closed as ever: the supervisor waits for the end of the report pipe. */
static int is_own(const int *descriptors, unsigned count, int fd)
{
    for (unsigned i = 0; i < count; i++) {
        if (descriptors[i] == fd)
            return 1;
    }
    return 0;
}

int __wrap_lw_fd_arrange(const int *descriptors, unsigned count)
{
    int moved[LW_FD_ARRANGE_MAX];
    const int above = LW_JOB_FD_LISTENER + 1;
    /* What lies where the job's own belong gets another number first. */
    for (int fd = 0; fd < above; fd++) {
        if (!is_own(descriptors, count, fd))
            (void)fcntl(fd, F_DUPFD, above);
    }
    for (unsigned i = 0; i < count; i++) {
        moved[i] = fcntl(descriptors[i], F_DUPFD_CLOEXEC, above);
        if (moved[i] < 0)
            return -errno;
        close(descriptors[i]);
    }
    for (unsigned i = 0; i < count; i++) {
        if (dup2(moved[i], (int)i) < 0)
            return -errno;
        close(moved[i]);
    }
    for (int fd = (int)count; fd < above; fd++)
        close(fd);
    return 0;
}
