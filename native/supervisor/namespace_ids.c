#include "supervisor/namespace_ids.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_auto.h"

static const struct {
    const char *file;
    uint32_t flag;
} kinds[LW_NAMESPACE_KINDS] = {
    {"ns/user", CLONE_NEWUSER}, {"ns/pid", CLONE_NEWPID}, {"ns/mnt", CLONE_NEWNS},        {"ns/net", CLONE_NEWNET},
    {"ns/ipc", CLONE_NEWIPC},   {"ns/uts", CLONE_NEWUTS}, {"ns/cgroup", CLONE_NEWCGROUP},
};

int lw_namespace_ids_read(int process, struct lw_namespace_ids *ids)
{
    for (size_t i = 0; i < LW_NAMESPACE_KINDS; i++) {
        struct stat status;
        if (fstatat(process, kinds[i].file, &status, 0) < 0) return -errno;
        ids->inodes[i] = status.st_ino;
    }
    return 0;
}

int lw_namespace_ids_of(pid_t pid, struct lw_namespace_ids *ids)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    LW_AUTO_CLOSE int process = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return process < 0 ? -errno : lw_namespace_ids_read(process, ids);
}

void lw_namespace_ids_forget(struct lw_namespace_ids *ids, uint32_t flags)
{
    for (size_t i = 0; i < LW_NAMESPACE_KINDS; i++) {
        if (kinds[i].flag & flags) ids->inodes[i] = 0;
    }
}

uint32_t lw_namespace_ids_apart(const struct lw_namespace_ids *one, const struct lw_namespace_ids *other)
{
    uint32_t apart = 0;
    for (size_t i = 0; i < LW_NAMESPACE_KINDS; i++) {
        if (one->inodes[i] != other->inodes[i]) apart |= kinds[i].flag;
    }
    return apart;
}
