#include "supervisor/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "lw_uapi.h"

static int is_source(const struct lw_plan_mount *mount)
{
    return mount->kind == LW_MOUNT_KIND_BIND || mount->kind == LW_MOUNT_KIND_DEVICE;
}

static uint64_t attributes_of(const struct lw_plan_mount *mount)
{
    uint64_t attributes = 0;
    if (mount->flags & LW_MOUNT_FLAG_READ_ONLY) attributes |= LW_MOUNT_ATTR_RDONLY;
    if (mount->flags & LW_MOUNT_FLAG_NOSUID) attributes |= LW_MOUNT_ATTR_NOSUID;
    if (mount->flags & LW_MOUNT_FLAG_NODEV) attributes |= LW_MOUNT_ATTR_NODEV;
    if (mount->flags & LW_MOUNT_FLAG_NOEXEC) attributes |= LW_MOUNT_ATTR_NOEXEC;
    return attributes;
}

/* What the plan takes for a file must be one, a device a device: a host that changed must not change the sandbox. */
static int check_type(int fd, const struct lw_plan_mount *mount, mode_t *mode)
{
    struct stat status;
    if (fstat(fd, &status) < 0) return -errno;
    *mode = status.st_mode;
    if (mount->kind == LW_MOUNT_KIND_DEVICE) return S_ISCHR(status.st_mode) ? 0 : -ENODEV;
    if (mount->flags & LW_MOUNT_FLAG_FILE) return S_ISREG(status.st_mode) ? 0 : -EISDIR;
    return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

/* What of the envelope a mount makes use of. */
static uint32_t use_of(const struct lw_plan_mount *mount)
{
    if (mount->kind == LW_MOUNT_KIND_DEVICE) return LW_ROOT_FLAG_DEVICE;
    return mount->flags & LW_MOUNT_FLAG_READ_ONLY ? LW_ROOT_FLAG_SOURCE : LW_ROOT_FLAG_SOURCE | LW_ROOT_FLAG_WRITABLE;
}

/* A detached clone with the plan's flags, or -errno; a mount point of another mount beneath goes to `detail`. */
static int clone_source(const struct lw_sources *sources, const struct lw_plan_mount *mount, mode_t *mode, char *detail,
                        size_t size)
{
    const char *path = lw_plan_string(sources->plan, mount->source);
    snprintf(detail, size, "%s", path);
    LW_AUTO_CLOSE int fd = lw_envelope_open_source(sources->envelope, path, use_of(mount));
    if (fd < 0) return fd;
    int error = check_type(fd, mount, mode);
    if (error) return error;
    const char *submount = NULL;
    int tree = lw_submounts_clone(sources->submounts, fd, (mount->flags & LW_MOUNT_FLAG_RECURSIVE) != 0, &submount);
    if (submount) {
        snprintf(detail, size, "%s has the mount %s beneath it, and the policy does not say recursive", path, submount);
        return -EXDEV;
    }
    if (tree < 0) return tree;
    struct lw_mount_attr attr = {.attr_set = attributes_of(mount), .propagation = MS_PRIVATE};
    error = lw_mount_setattr(tree, "", AT_EMPTY_PATH | LW_AT_RECURSIVE, &attr);
    if (!error) return tree;
    close(tree);
    return error;
}

static int attach_source(const struct lw_sources *sources, int directory, uint32_t index, const struct lw_plan_mount *mount,
                         char *detail, size_t size)
{
    mode_t mode = 0;
    LW_AUTO_CLOSE int tree = clone_source(sources, mount, &mode, detail, size);
    if (tree < 0) return tree;
    char name[16];
    snprintf(name, sizeof(name), "%u", index);
    int made = S_ISDIR(mode) ? mkdirat(directory, name, 0555) : mknodat(directory, name, S_IFREG | 0444, 0);
    if (made < 0) return -errno;
    LW_AUTO_CLOSE int target = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return target < 0 ? -errno : lw_move_mount(tree, target);
}

static int attach_all(const struct lw_sources *sources, struct lw_error *error, char *detail, size_t size)
{
    char name[32];
    snprintf(name, sizeof(name), "pool-%u", sources->number);
    /* Everybody may search, nobody list: the pool's processes enter it with ids of their own. */
    if (mkdirat(sources->workspace, name, 0711) < 0) return lw_fail(error, LW_STAGE_POOL_INIT, 0, errno);
    LW_AUTO_CLOSE int directory = openat(sources->workspace, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || mkdirat(directory, "root", 0755) < 0) return lw_fail(error, LW_STAGE_POOL_INIT, 0, errno);
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(sources->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        int result = is_source(&mounts[i]) ? attach_source(sources, directory, i, &mounts[i], detail, size) : 0;
        if (result) return lw_fail(error, LW_STAGE_OPEN_SOURCE, i, -result);
    }
    detail[0] = '\0';
    return 0;
}

/* Before anything is made: a plan outside of the envelope is refused as a whole. */
static int check_envelope(const struct lw_sources *sources, struct lw_error *error, char *detail, size_t size)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(sources->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *path = lw_plan_string(sources->plan, mounts[i].source);
        if (!is_source(&mounts[i]) || lw_envelope_has_source(sources->envelope, path, use_of(&mounts[i]), detail, size)) continue;
        return lw_fail(error, LW_STAGE_ENVELOPE, i, EPERM);
    }
    return 0;
}

int lw_sources_attach(const struct lw_sources *sources, struct lw_error *error, char *detail, size_t size)
{
    int result = check_envelope(sources, error, detail, size);
    if (result) return result;
    result = attach_all(sources, error, detail, size);
    if (result) lw_sources_detach(sources);
    return result;
}

static int is_file(const struct lw_plan_mount *mount)
{
    return mount->kind == LW_MOUNT_KIND_BIND && (mount->flags & LW_MOUNT_FLAG_FILE);
}

/*
 * What move_mount(2) goes by, too: `nlink` would not do, as another link may keep the inode, and overlayfs counts those of a lower layer.
 * What cannot be looked at cannot be mounted either, and the step that tries it says why.
 */
static int has_lost_its_name(const struct lw_sources *sources, uint32_t index)
{
    static const char mark[] = " (deleted)";
    char name[48], path[PATH_MAX];
    snprintf(name, sizeof(name), "pool-%u/%u", sources->number, index);
    LW_AUTO_CLOSE int fd = openat(sources->workspace, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || lw_fd_path(fd, path)) return 0;
    size_t length = strlen(path);
    return length >= sizeof(mark) && strcmp(path + length - (sizeof(mark) - 1), mark) == 0;
}

int lw_sources_find_replaced(const struct lw_sources *sources)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(sources->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (is_file(&mounts[i]) && has_lost_its_name(sources, i)) return (int)i;
    }
    return -1;
}

int lw_sources_is_replaced(const struct lw_sources *sources, const struct lw_error *error)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(sources->plan, &count);
    return error->stage == LW_STAGE_MOUNT && error->errno_ == ENOENT && error->index < count && is_file(&mounts[error->index]);
}

void lw_sources_detach(const struct lw_sources *sources)
{
    char name[32];
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(sources->plan, &count);
    snprintf(name, sizeof(name), "pool-%u", sources->number);
    LW_AUTO_CLOSE int directory = openat(sources->workspace, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0 || fchdir(directory) < 0) return;
    for (uint32_t i = 0; i < count; i++) {
        char index[16];
        if (!is_source(&mounts[i])) continue;
        snprintf(index, sizeof(index), "%u", i);
        umount2(index, MNT_DETACH | UMOUNT_NOFOLLOW);
        if (unlink(index) < 0) rmdir(index);
    }
    rmdir("root");
    if (chdir("/") == 0) unlinkat(sources->workspace, name, AT_REMOVEDIR);
}
