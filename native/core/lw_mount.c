#include "lw_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "lw_text.h"
#include "lw_uapi.h"

static int open_beneath(int root, const char *path, uint64_t flags)
{
    return lw_openat2(root, path, flags | O_PATH | O_CLOEXEC, LW_RESOLVE_IN_ROOT | LW_RESOLVE_NO_MAGICLINKS);
}

/* The last component of an absolute, normalized path. */
static const char *last_component(const char *path)
{
    return strrchr(path, '/') + 1;
}

/*
 * Opens the directory that the first `length` bytes of `path` name, and makes what is missing on the way. Each prefix is
 * resolved anew inside the root: a component may be a symlink that the plan itself has made.
 */
static int open_directory(int root, const char *path, size_t length)
{
    char prefix[LW_STRING_MAX + 1];
    int directory = open_beneath(root, "/", O_DIRECTORY);
    for (size_t start = 1; directory >= 0 && start < length;) {
        const char *slash = memchr(path + start, '/', length - start);
        size_t end = slash ? (size_t)(slash - path) : length;
        memcpy(prefix, path, end);
        prefix[end] = '\0';
        int next = open_beneath(root, prefix, O_DIRECTORY);
        if (next == -ENOENT && mkdirat(directory, prefix + start, 0755) < 0)
            next = -errno;
        else if (next == -ENOENT)
            next = open_beneath(root, prefix, O_DIRECTORY);
        close(directory);
        directory = next;
        start = end + 1;
    }
    return directory;
}

static int open_parent(int root, const char *path)
{
    return open_directory(root, path, (size_t)(last_component(path) - path - 1));
}

/* Opens a mount point, made when it is missing: a directory, or an empty file. */
static int open_mount_point(int root, const char *path, int is_file)
{
    if (!is_file)
        return open_directory(root, path, strlen(path));
    int target = open_beneath(root, path, 0);
    if (target != -ENOENT)
        return target;
    LW_AUTO_CLOSE int parent = open_parent(root, path);
    if (parent < 0)
        return parent;
    LW_AUTO_CLOSE int file = openat(parent, last_component(path), O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
    return file < 0 ? -errno : open_beneath(root, path, 0);
}

static int attach(int root, int tree, const char *target, int is_file)
{
    if (tree < 0)
        return tree;
    LW_AUTO_CLOSE int mount_point = open_mount_point(root, target, is_file);
    return mount_point < 0 ? mount_point : lw_move_mount(tree, mount_point);
}

static int set_number(int context, const char *key, uint64_t value, unsigned base)
{
    char digits[24];
    struct lw_text text = lw_text_in(digits, sizeof(digits));
    lw_text_append_number(&text, value, base);
    return lw_fsconfig_string(context, key, digits);
}

/* A detached tmpfs, bounded in bytes and inodes: 0 would mean no bound and is refused. */
static int create_tmpfs(uint64_t size, uint64_t inodes, uint32_t mode, unsigned attributes)
{
    if (!size || !inodes)
        return -EINVAL;
    LW_AUTO_CLOSE int context = lw_fsopen("tmpfs");
    int result = context < 0 ? context : set_number(context, "size", size, 10);
    if (!result)
        result = set_number(context, "nr_inodes", inodes, 10);
    if (!result)
        result = set_number(context, "mode", mode, 8);
    if (!result)
        result = lw_fsconfig_create(context);
    return result ? result : lw_fsmount(context, attributes);
}

/* proc of the caller's PID namespace. Needs a wholly visible proc in the mount namespace, hence before the pivot. */
static int create_proc(unsigned attributes)
{
    LW_AUTO_CLOSE int context = lw_fsopen("proc");
    int result = context < 0 ? context : lw_fsconfig_string(context, "subset", "pid");
    if (!result)
        result = lw_fsconfig_create(context);
    return result ? result : lw_fsmount(context, attributes);
}

/*
 * A detached clone of what the supervisor attached at `./<index>`. Flags and propagation are set again although they are
 * there already: a clone is never wider than the plan, whoever prepared it.
 */
static int clone_source(uint32_t index, unsigned attributes)
{
    char path[16];
    struct lw_text text = lw_text_in(path, sizeof(path));
    lw_text_append_number(&text, index, 10);
    int tree = lw_open_tree(AT_FDCWD, path, LW_OPEN_TREE_CLONE | LW_AT_RECURSIVE | O_CLOEXEC);
    if (tree < 0)
        return tree;
    struct lw_mount_attr attr = {.attr_set = attributes, .propagation = MS_PRIVATE};
    int result = lw_mount_setattr(tree, "", AT_EMPTY_PATH | LW_AT_RECURSIVE, &attr);
    if (result) {
        close(tree);
        return result;
    }
    return tree;
}

static int make_symlink(int root, const char *target, const char *text)
{
    LW_AUTO_CLOSE int parent = open_parent(root, target);
    if (parent < 0)
        return parent;
    return symlinkat(text, parent, last_component(target)) < 0 ? -errno : 0;
}

static int make_directory(int root, const char *target, uint32_t mode)
{
    LW_AUTO_CLOSE int parent = open_parent(root, target);
    if (parent < 0)
        return parent;
    if (mkdirat(parent, last_component(target), mode) < 0 && errno != EEXIST)
        return -errno;
    /*
     * Not subject to the umask, and right for one that was made on the way to an earlier target. A link is not followed: in a
     * writable mount a job may have put it there, and an absolute one still leads into the old root.
     */
    LW_AUTO_CLOSE int directory =
        openat(parent, last_component(target), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return directory < 0 || fchmod(directory, mode) < 0 ? -errno : 0;
}

static unsigned mount_attributes(const struct lw_plan_mount *mount)
{
    unsigned attributes = LW_MOUNT_ATTR_NOSUID;
    if (mount->kind != LW_MOUNT_KIND_DEVICE)
        attributes |= LW_MOUNT_ATTR_NODEV;
    if (mount->flags & LW_MOUNT_FLAG_READ_ONLY)
        attributes |= LW_MOUNT_ATTR_RDONLY;
    if (mount->flags & LW_MOUNT_FLAG_NOEXEC)
        attributes |= LW_MOUNT_ATTR_NOEXEC;
    return attributes;
}

static int carry_out(const struct lw_root *root, uint32_t index, const struct lw_plan_mount *mount)
{
    const char *target = lw_plan_string(root->plan, mount->target);
    unsigned attributes = mount_attributes(mount);
    LW_AUTO_CLOSE int tree = -EINVAL;
    int is_file = 0;
    switch (mount->kind) {
    case LW_MOUNT_KIND_SYMLINK: return make_symlink(root->fd, target, lw_plan_string(root->plan, mount->source));
    case LW_MOUNT_KIND_DIRECTORY: return make_directory(root->fd, target, mount->mode);
    case LW_MOUNT_KIND_TMPFS: tree = create_tmpfs(mount->size, mount->inodes, mount->mode, attributes); break;
    case LW_MOUNT_KIND_PROC: tree = create_proc(attributes); break;
    case LW_MOUNT_KIND_BIND:
        tree = clone_source(index, attributes);
        is_file = (mount->flags & LW_MOUNT_FLAG_FILE) != 0;
        break;
    case LW_MOUNT_KIND_DEVICE:
        tree = clone_source(index, attributes);
        is_file = 1;
        break;
    default: break; /* lw_plan_validate knows no other kind */
    }
    return attach(root->fd, tree, target, is_file);
}

int lw_root_make_private(struct lw_root *root, struct lw_error *error)
{
    (void)root;
    (void)error;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int lw_root_create(struct lw_root *root, struct lw_error *error)
{
    (void)error;
    /* Directories that lead to mount points must be open to the job's uid, whatever umask the daemon had. */
    umask(022);
    const struct lw_plan_header *header = lw_plan_header(root->plan);
    LW_AUTO_CLOSE int tree =
        create_tmpfs(header->root_size, header->root_inodes, 0755, LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NODEV);
    if (tree < 0)
        return tree;
    LW_AUTO_CLOSE int mount_point = open("root", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (mount_point < 0)
        return -errno;
    int result = lw_move_mount(tree, mount_point);
    if (result)
        return result;
    root->fd = open("root", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return root->fd < 0 ? -errno : 0;
}

int lw_root_populate(struct lw_root *root, struct lw_error *error)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(root->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        int result = carry_out(root, i, &mounts[i]);
        if (result)
            return lw_fail(error, LW_STAGE_MOUNT, i, -result);
    }
    return 0;
}

static int make_job_parent(int root, const struct lw_plan_header *header, const char *path)
{
    if (!*path)
        return 0;
    LW_AUTO_CLOSE int tree = create_tmpfs(header->job_parent_size, header->job_parent_inodes, header->job_parent_mode,
                                          LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NODEV | LW_MOUNT_ATTR_NOEXEC);
    return attach(root, tree, path, 0);
}

static int make_job_link(const struct lw_root *root, const struct lw_plan_job_mount *mount)
{
    const struct lw_plan_header *header = lw_plan_header(root->plan);
    int writable = (mount->flags & LW_JOB_MOUNT_FLAG_WRITABLE) != 0;
    char buffer[LW_JOB_PATH_MAX + 1];
    struct lw_text text = lw_text_in(buffer, sizeof(buffer));
    lw_text_append(&text, lw_plan_string(root->plan, writable ? header->job_parent_writable : header->job_parent_read_only));
    lw_text_append(&text, "/");
    lw_text_append(&text, lw_plan_string(root->plan, mount->name));
    if (text.overflow)
        return -ENAMETOOLONG;
    return make_symlink(root->fd, lw_plan_string(root->plan, mount->target), text.buffer);
}

int lw_root_link_job_mounts(struct lw_root *root, struct lw_error *error)
{
    const struct lw_plan_header *header = lw_plan_header(root->plan);
    int result = make_job_parent(root->fd, header, lw_plan_string(root->plan, header->job_parent_read_only));
    if (!result)
        result = make_job_parent(root->fd, header, lw_plan_string(root->plan, header->job_parent_writable));
    if (result)
        return lw_fail(error, LW_STAGE_ROOT, 0, -result);
    uint32_t count;
    const struct lw_plan_job_mount *mounts = lw_plan_job_mounts(root->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        result = make_job_link(root, &mounts[i]);
        if (result)
            return lw_fail(error, LW_STAGE_ATTACH, i, -result);
    }
    return 0;
}

int lw_root_pivot(struct lw_root *root, struct lw_error *error)
{
    (void)error;
    if (fchdir(root->fd) < 0)
        return -errno;
    close(root->fd);
    root->fd = -1;
    /* The same directory twice: the old root comes to lie on top of the new one and is taken away at once (pivot_root(2)). */
    int result = lw_pivot_root(".", ".");
    if (!result && umount2(".", MNT_DETACH) < 0)
        result = -errno;
    if (!result && chdir("/") < 0)
        result = -errno;
    struct lw_mount_attr attr = {.attr_set = LW_MOUNT_ATTR_RDONLY};
    return result ? result : lw_mount_setattr(AT_FDCWD, "/", 0, &attr);
}
