#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_mount.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "lw_uapi.h"
#include "supervisor/idmap.h"
#include "trial/trial.h"

struct root_step {
    const char *name;
    int (*run)(struct lw_root *root, struct lw_error *error);
};

static const struct root_step root_steps[] = {
    {"private mounts", lw_root_make_private}, {"root", lw_root_create}, {"mount", lw_root_populate}, {"pivot_root", lw_root_pivot},
};

static unsigned long vfs_flags(uint32_t flags)
{
    return (flags & LW_MOUNT_FLAG_READ_ONLY ? ST_RDONLY : 0ul) | (flags & LW_MOUNT_FLAG_NOSUID ? ST_NOSUID : 0ul) |
           (flags & LW_MOUNT_FLAG_NODEV ? ST_NODEV : 0ul) | (flags & LW_MOUNT_FLAG_NOEXEC ? ST_NOEXEC : 0ul);
}

static int is_mount(uint32_t kind)
{
    return kind != LW_MOUNT_KIND_SYMLINK && kind != LW_MOUNT_KIND_DIRECTORY;
}

/* Number of mounts that have the flags they were made with, or -1 and reported. */
static int read_flags_back(const struct lw_trial *trial)
{
    uint32_t count;
    int mounts = 0;
    const struct lw_plan_mount *operations = lw_plan_mounts(trial->plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_mount(operations[i].kind)) continue;
        const char *target = lw_plan_string(trial->plan, operations[i].target);
        unsigned long wanted = vfs_flags(operations[i].flags);
        struct statvfs found;
        if (statvfs(target, &found) < 0) {
            lw_trial_refused(trial, "statvfs", errno);
            return -1;
        }
        if ((found.f_flag & wanted) != wanted) {
            lw_trial_ineffective(trial, "flags", "%s has 0x%lx, not 0x%lx", target, found.f_flag, wanted);
            return -1;
        }
        mounts++;
    }
    return mounts;
}

/* From a further user namespace, as a job is in one, no flag of the root can be taken back. */
static int flags_are_locked(const struct lw_trial *trial)
{
    int error = lw_namespaces_unshare(CLONE_NEWUSER | CLONE_NEWNS);
    if (error) {
        lw_trial_refused(trial, "user namespace of the job", error);
        return 0;
    }
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0) {
        lw_trial_ineffective(trial, "remount writable", "/");
        return 0;
    }
    if (errno != EPERM) lw_trial_refused(trial, "remount writable", errno);
    return errno == EPERM;
}

static void build_root(const struct lw_trial *trial)
{
    struct lw_root root = {.plan = trial->plan, .fd = -1};
    struct lw_error error = {0};
    if (mount("leeward", trial->workspace, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k,mode=0711") < 0 ||
        chdir(trial->workspace) < 0 || mkdir("root", 0755) < 0) {
        lw_trial_refused(trial, "workspace", errno);
        return;
    }
    for (size_t i = 0; i < sizeof(root_steps) / sizeof(*root_steps); i++) {
        int result = root_steps[i].run(&root, &error);
        if (result) {
            lw_trial_refused(trial, root_steps[i].name, result);
            return;
        }
    }
    if (access(trial->workspace, F_OK) == 0) {
        lw_trial_ineffective(trial, "pivot_root", "%s can still be seen", trial->workspace);
        return;
    }
    int mounts = read_flags_back(trial);
    if (mounts >= 0 && flags_are_locked(trial)) lw_trial_works(trial, "%d", mounts);
}

void lw_trial_root(const struct lw_trial *trial)
{
    if (lw_trial_gain_rights(trial)) return;
    int error = lw_namespaces_unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC);
    if (error) {
        lw_trial_refused(trial, "unshare", error);
        return;
    }
    pid_t pid = lw_clone(0, NULL);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        build_root(trial);
        _exit(0);
    }
    if (pid < 0)
        lw_trial_refused(trial, "clone", pid);
    else
        waitpid(pid, NULL, 0);
}

/* --- id-mapped mounts ------------------------------------------------------------------------------------------------ */

enum { OWNER_ON_DISK = 1000 };

/* `path` with a file `owned`, both of an ordinary user: whose ids are not mapped, there root may do nothing. */
static int make_owned(const char *path)
{
    if (mkdir(path, 0711) < 0) return -errno;
    LW_AUTO_CLOSE int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -errno;
    LW_AUTO_CLOSE int file = openat(folder, "owned", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0 || fchown(file, OWNER_ON_DISK, OWNER_ON_DISK) < 0 || fchown(folder, OWNER_ON_DISK, OWNER_ON_DISK) < 0)
        return -errno;
    return 0;
}

void lw_trial_id_mapped_mount(const struct lw_trial *trial)
{
    static struct lw_idmaps maps;
    struct stat found;
    if (!trial->privileged) {
        lw_trial_untried(trial, "root");
        return;
    }
    char path[512];
    snprintf(path, sizeof(path), "%s/mapped", trial->workspace);
    int error = make_owned(path);
    if (error) {
        lw_trial_refused(trial, "workspace", error);
        return;
    }
    int map = lw_idmaps_get(&maps, trial->mapped_id, OWNER_ON_DISK, OWNER_ON_DISK);
    LW_AUTO_CLOSE int tree = lw_open_tree(AT_FDCWD, path, LW_OPEN_TREE_CLONE | O_CLOEXEC);
    struct lw_mount_attr attr = {.attr_set = LW_MOUNT_ATTR_IDMAP, .propagation = MS_PRIVATE, .userns_fd = (uint64_t)map};
    if (map < 0)
        lw_trial_refused(trial, "user namespace of the map", map);
    else if (tree < 0)
        lw_trial_refused(trial, "open_tree", tree);
    else if ((error = lw_mount_setattr(tree, "", AT_EMPTY_PATH, &attr)) != 0)
        lw_trial_refused(trial, "mount_setattr", error);
    else if (fstatat(tree, "owned", &found, AT_SYMLINK_NOFOLLOW) < 0)
        lw_trial_refused(trial, "stat", errno);
    else if (found.st_uid != trial->mapped_id)
        lw_trial_ineffective(trial, "owner", "uid %u", found.st_uid);
    else
        lw_trial_works(trial, "uid %u", found.st_uid);
}
