#include "stuck_file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void answer(int device, uint64_t request, int error, const void *body, size_t size)
{
    char buffer[512];
    struct fuse_out_header header = {.len = (uint32_t)(sizeof(header) + size), .error = -error, .unique = request};
    memcpy(buffer, &header, sizeof(header));
    if (size) memcpy(buffer + sizeof(header), body, size);
    if (write(device, buffer, header.len) < 0 && errno != ENOENT) _exit(1);
}

/* Nothing may be kept: every look at the directory asks again. */
static void answer_attributes(int device, uint64_t request)
{
    struct fuse_attr_out attributes = {.attr = {.ino = 1, .mode = S_IFDIR | 0777, .nlink = 2, .blksize = 4096}};
    answer(device, request, 0, &attributes, sizeof(attributes));
}

static void answer_init(int device, uint64_t request, const struct fuse_init_in *asked)
{
    struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION, .minor = asked->minor, .max_readahead = asked->max_readahead,
                                 .max_write = 4096};
    answer(device, request, 0, &init, sizeof(init));
}

static _Noreturn void serve(int device, unsigned unanswered)
{
    static _Alignas(8) char buffer[FUSE_MIN_READ_BUFFER * 2];
    for (;;) {
        ssize_t size = read(device, buffer, sizeof(buffer));
        if (size < 0 && (errno == EINTR || errno == ENOENT)) continue;
        if (size < (ssize_t)sizeof(struct fuse_in_header)) _exit(0);
        const struct fuse_in_header *header = (const struct fuse_in_header *)(void *)buffer;
        if (header->opcode == unanswered || header->opcode == FUSE_FORGET || header->opcode == FUSE_INTERRUPT) continue;
        if (header->opcode == FUSE_INIT)
            answer_init(device, header->unique, (const struct fuse_init_in *)(const void *)(header + 1));
        else if (header->opcode == FUSE_GETATTR)
            answer_attributes(device, header->unique);
        else
            answer(device, header->unique, ENOSYS, NULL, 0);
    }
}

pid_t stuck_file_system_mount(const char *path, unsigned unanswered)
{
    char options[128];
    int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0) return -errno;
    snprintf(options, sizeof(options), "fd=%d,rootmode=40777,user_id=0,group_id=0,default_permissions,allow_other", device);
    pid_t pid = mount("stuck", path, "fuse", MS_NOSUID | MS_NODEV, options) < 0 ? -errno : fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        serve(device, unanswered);
    }
    close(device);
    return pid;
}
