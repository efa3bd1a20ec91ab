#include "supervisor/mounter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_channels.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_namespaces.h"
#include "lw_plan_gen.h"
#include "lw_uapi.h"
#include "supervisor/process.h"
#include "supervisor/renew.h"

/* setns by the pidfd of a process that is not dumpable; ids and the write to directories of the pool's root (see act_as). */
static const uint64_t capabilities = 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_CHROOT | 1ull << CAP_SYS_PTRACE |
                                     1ull << CAP_SETUID | 1ull << CAP_SETGID | 1ull << CAP_DAC_OVERRIDE;
static const uint64_t no_links = LW_RESOLVE_NO_MAGICLINKS | LW_RESOLVE_NO_SYMLINKS;

/*
 * Files of the job's tmpfs mounts must belong to ids of the pool's user namespace, which host root is none of (EOVERFLOW). The
 * owner of the root directory is one: the pool's uid 0.
 */
static int act_as_owner_of_root(void)
{
    struct stat root;
    if (stat("/", &root) < 0) return -errno;
    syscall(SYS_setfsgid, root.st_gid);
    syscall(SYS_setfsuid, root.st_uid);
    return 0;
}

/* A directory or an empty file. The parents are tmpfs mounts that hold nothing else. Returns a descriptor or -errno. */
static int make_mount_point(const char *path, uint32_t is_file)
{
    int result = is_file ? mknod(path, S_IFREG | 0444, 0) : mkdir(path, 0555);
    if (result < 0) return -errno;
    return lw_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, no_links);
}

static int attach(const char *path, uint32_t is_file, int tree)
{
    LW_AUTO_CLOSE int target = make_mount_point(path, is_file);
    return target < 0 ? target : lw_move_mount(tree, target);
}

static int mount_id(const char *path, uint64_t *id)
{
    LW_AUTO_CLOSE int fd = lw_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, no_links);
    if (fd < 0) return fd;
    struct statx status;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0) return -errno;
    *id = status.stx_mnt_id;
    return 0;
}

/* 0 when `path` lies on the root's own tmpfs: what is made elsewhere would end on a host directory or be hidden by a mount. */
static int check_on_root(const char *path)
{
    uint64_t root = 0, own = 0;
    int result = mount_id("/", &root);
    if (!result) result = mount_id(*path ? path : "/", &own);
    return result ? result : root == own ? 0 : -EXDEV;
}

/* The directory of `link` beneath the writable clone of the root, made where it is missing. */
static int make_link_parent(int root, const char *link)
{
    int directory = fcntl(root, F_DUPFD_CLOEXEC, 0);
    if (directory < 0) return -errno;
    char name[LW_PATH_MAX];
    const char *start = link + 1;
    for (const char *slash = strchr(start, '/'); slash; slash = strchr(start, '/')) {
        size_t length = (size_t)(slash - start);
        memcpy(name, start, length);
        name[length] = '\0';
        int next = mkdirat(directory, name, 0755) < 0 && errno != EEXIST
                       ? -errno
                       : lw_openat2(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC, no_links | LW_RESOLVE_BENEATH);
        close(directory);
        if (next < 0) return next;
        directory = next;
        start = slash + 1;
    }
    return directory;
}

static int make_link(int root, const char *link, const char *text)
{
    LW_AUTO_CLOSE int parent = make_link_parent(root, link);
    if (parent < 0) return parent;
    char path[LW_PATH_MAX];
    size_t length = (size_t)(strrchr(link, '/') - link);
    memcpy(path, link, length);
    path[length] = '\0';
    int result = check_on_root(path);
    if (result) return result;
    return symlinkat(text, parent, strrchr(link, '/') + 1) < 0 ? -errno : 0;
}

/* The job's root is read-only as a mount; a private clone of it, without that flag, shows the same file system. */
static int open_writable_root(void)
{
    int root = lw_open_tree(AT_FDCWD, "/", LW_OPEN_TREE_CLONE | O_CLOEXEC);
    if (root < 0) return root;
    struct lw_mount_attr attr = {.attr_clr = LW_MOUNT_ATTR_RDONLY};
    int result = lw_mount_setattr(root, "", AT_EMPTY_PATH, &attr);
    if (!result) return root;
    close(root);
    return result;
}

static int attach_all(const struct lw_attach_request *request, const int *trees, struct lw_error *error)
{
    LW_AUTO_CLOSE int root = -1;
    int result = 0;
    for (uint32_t i = 0; i < request->count; i++) {
        const char *link = request->mounts[i].link;
        result = attach(request->mounts[i].mount_point, request->mounts[i].is_file, trees[i]);
        if (!result && *link && root < 0) result = root = open_writable_root();
        if (result >= 0 && *link) result = make_link(root, link, request->mounts[i].mount_point);
        if (result < 0) return lw_fail(error, LW_STAGE_ATTACH, i, -result);
    }
    return 0;
}

/* The strings come from the supervisor, which has checked them; a message that was cut must not be read beyond its end. */
static int well_formed(const struct lw_attach_request *request, size_t size, unsigned fds)
{
    if (size < offsetof(struct lw_attach_request, mounts) || request->count > LW_ATTACH_MAX) return 0;
    if (size != offsetof(struct lw_attach_request, mounts) + request->count * sizeof(request->mounts[0])) return 0;
    for (uint32_t i = 0; i < request->count; i++) {
        if (!memchr(request->mounts[i].mount_point, '\0', LW_PATH_MAX) || !memchr(request->mounts[i].link, '\0', LW_PATH_MAX))
            return 0;
    }
    int known = request->operation == LW_MOUNTER_ATTACH || request->operation == LW_MOUNTER_RENEW;
    return known && fds == lw_attach_fd_count(request);
}

static int carry_out(const struct lw_attach_request *request, const int *fds, struct lw_error *error)
{
    int result = act_as_owner_of_root();
    if (result) return lw_fail(error, LW_STAGE_ATTACH, 0, -result);
    if (request->operation == LW_MOUNTER_ATTACH) return attach_all(request, fds + 1, error);
    result = lw_renew_detach(request, error);
    return result ? result : lw_renew_descriptors(request->call, fds, error);
}

static void serve(int own_namespace, const struct lw_attach_request *request, const int *fds, struct lw_error *error)
{
    int result = lw_namespaces_join(fds[0], CLONE_NEWNS);
    if (result) {
        lw_fail(error, LW_STAGE_ATTACH, 0, -result);
    } else {
        carry_out(request, fds, error);
        syscall(SYS_setfsuid, geteuid());
        syscall(SYS_setfsgid, getegid());
        /* A mounter that cannot leave a job's namespace must not serve another one. */
        result = lw_namespaces_join(own_namespace, CLONE_NEWNS);
        if (result) _exit(-result);
    }
}

static void reply_to(int channel, const struct lw_attach_reply *reply)
{
    /* An answer that is lost would be waited for. */
    int error = lw_io_send(channel, reply, sizeof(*reply), NULL, 0);
    if (error) _exit(-error); /* the exit status tells why there is none */
}

_Noreturn void lw_mounter_main(int channel)
{
    static struct lw_attach_request request;
    int own_namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    const int keep[] = {channel, own_namespace};
    int error = own_namespace < 0 ? -errno : lw_process_become_helper(keep, 2);
    if (error) _exit(-error);
    prctl(PR_SET_NAME, "leeward-mounter", 0, 0, 0);
    /* Without the fix-up a change of the file system uid takes no capability away. */
    error = lw_caps_apply(capabilities, SECBIT_NO_SETUID_FIXUP);
    if (error) _exit(-error);
    umask(0);
    for (;;) {
        int fds[LW_ATTACH_MAX + 1]; /* LW_RENEW_FD_COUNT are fewer */
        unsigned count = LW_ATTACH_MAX + 1;
        ssize_t size = lw_io_receive(channel, &request, sizeof(request), fds, &count);
        if (size <= 0) _exit((int)-size);
        struct lw_attach_reply reply = {.job_id = request.job_id};
        int served = well_formed(&request, (size_t)size, count);
        if (served) serve(own_namespace, &request, fds, &reply.error);
        /* Before the answer: a mount is busy while its descriptor is open here, and a short job ends at once. */
        for (unsigned i = 0; i < count; i++) close(fds[i]);
        if (served) reply_to(channel, &reply);
    }
}
