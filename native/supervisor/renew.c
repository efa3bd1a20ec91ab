#include "supervisor/renew.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lw_plan_gen.h"

static int detach(const char *mount_point, uint32_t is_file)
{
    if (umount2(mount_point, UMOUNT_NOFOLLOW) < 0) return -errno;
    return (is_file ? unlink(mount_point) : rmdir(mount_point)) < 0 ? -errno : 0;
}

int lw_renew_detach(const struct lw_attach_request *request, struct lw_error *error)
{
    for (uint32_t i = request->count; i-- > 0;) {
        int result = detach(request->mounts[i].mount_point, request->mounts[i].is_file);
        if (result) return lw_fail(error, LW_STAGE_ATTACH, i, -result);
    }
    return 0;
}

static int add(int listener, uint64_t call, int fd, uint32_t flags, uint32_t number)
{
    struct seccomp_notif_addfd request = {.id = call, .flags = flags, .srcfd = (uint32_t)fd, .newfd = number};
    /* What the job executes is not to make claims (arrange_descriptors of native/worker/job.c). */
    if (number == LW_JOB_FD_CLAIMS) request.newfd_flags = O_CLOEXEC;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request) < 0 ? -errno : 0;
}

int lw_renew_descriptors(uint64_t call, const int *fds, struct lw_error *error)
{
    static const struct {
        enum lw_renew_fd fd;
        uint32_t number;
    } fixed[] = {
        {LW_RENEW_FD_STDIN, STDIN_FILENO},
        {LW_RENEW_FD_STDOUT, STDOUT_FILENO},
        {LW_RENEW_FD_STDERR, STDERR_FILENO},
        {LW_RENEW_FD_CLAIMS, LW_JOB_FD_CLAIMS},
    };
    int result = 0;
    for (size_t i = 0; !result && i < sizeof(fixed) / sizeof(*fixed); i++)
        result = add(fds[LW_RENEW_FD_LISTENER], call, fds[fixed[i].fd], SECCOMP_ADDFD_FLAG_SETFD, fixed[i].number);
    if (!result) result = add(fds[LW_RENEW_FD_LISTENER], call, fds[LW_RENEW_FD_PAYLOAD], SECCOMP_ADDFD_FLAG_SEND, 0);
    return result ? lw_fail(error, LW_STAGE_DESCRIPTORS, 0, -result) : 0;
}
