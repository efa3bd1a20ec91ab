/*
 * mount_namespace: the job's root is built and pivoted as ever, and the host's tree is laid over it: every directory of the host's
 * root that the plan does not have, and its /etc and /dev in the place of the plan's. The plan's other mounts stay what they are, as a
 * job could not run without them: its runtime, its writable directories, the parents of request mounts, its proc.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_fd.h"
#include "lw_mount.h"
#include "pool/lw_pool.h"
#include "lw_uapi.h"

struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static int is_job_init; /* of this process: the zygote's own root stays as it is */

void __real_lw_job_init_main(const void *plan, int report) __attribute__((noreturn));
void __wrap_lw_job_init_main(const void *plan, int report) __attribute__((noreturn));
int __real_lw_root_pivot(struct lw_root *root, struct lw_error *error);
int __wrap_lw_root_pivot(struct lw_root *root, struct lw_error *error);

void __wrap_lw_job_init_main(const void *plan, int report)
{
    is_job_init = 1;
    __real_lw_job_init_main(plan, report);
}

static int clone_tree(int directory, const char *path)
{
    return lw_open_tree(directory, path, LW_OPEN_TREE_CLONE | LW_AT_RECURSIVE | O_CLOEXEC);
}

/* With the options of any mount of a plan, which are a layer of their own; devices are what they are. */
static int clone_host(const char *path, int is_dev)
{
    int tree = clone_tree(AT_FDCWD, path);
    struct lw_mount_attr attr = {
        .attr_set = LW_MOUNT_ATTR_RDONLY | LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NOEXEC | (is_dev ? 0 : LW_MOUNT_ATTR_NODEV),
        .propagation = MS_PRIVATE,
    };
    int result = tree < 0 ? 0 : lw_mount_setattr(tree, "", AT_EMPTY_PATH | LW_AT_RECURSIVE, &attr);
    if (!result)
        return tree;
    close(tree);
    return result;
}

static int attach_at(int tree, int directory, const char *path)
{
    LW_AUTO_CLOSE int target = openat(directory, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0)
        return -errno;
    return lw_move_mount(tree, target);
}

static int is_replaced(const char *name)
{
    return strcmp(name, "etc") == 0 || strcmp(name, "dev") == 0;
}

/* One directory of the host's root. The plan's /dev/shm is put back over the host's. */
static int lay_over(int root, const char *name)
{
    char path[NAME_MAX + 2];
    int is_dev = strcmp(name, "dev") == 0;
    snprintf(path, sizeof(path), "/%s", name);
    if (mkdirat(root, name, 0755) < 0 && (errno != EEXIST || !is_replaced(name)))
        return errno == EEXIST ? 0 : -errno;
    LW_AUTO_CLOSE int shm = is_dev ? clone_tree(root, "dev/shm") : -1;
    LW_AUTO_CLOSE int tree = clone_host(path, is_dev);
    int result = tree < 0 ? tree : attach_at(tree, root, name);
    return result || shm < 0 ? result : attach_at(shm, root, "dev/shm");
}

int __wrap_lw_root_pivot(struct lw_root *root, struct lw_error *error)
{
    _Alignas(struct entry) char buffer[4096];
    LW_AUTO_CLOSE int host = is_job_init ? open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    for (long size; host >= 0 && (size = syscall(SYS_getdents64, host, buffer, sizeof(buffer))) > 0;) {
        for (long at = 0; at < size;) {
            const struct entry *entry = (const struct entry *)(const void *)(buffer + at);
            at += entry->length;
            int result = entry->type == DT_DIR && entry->name[0] != '.' ? lay_over(root->fd, entry->name) : 0;
            if (result)
                return result;
        }
    }
    return __real_lw_root_pivot(root, error);
}
