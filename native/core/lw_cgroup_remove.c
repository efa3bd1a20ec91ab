#include "lw_cgroup_remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lw_auto.h"

/* Somebody who makes groups faster than they are removed must not keep us. */
#define MOST_GROUPS 4096

static int open_group(int directory, const char *name)
{
    return openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* Some group beneath this one. Returns 1, or 0 when there is none. */
static int find_child(int group, char name[NAME_MAX + 1])
{
    int copy = open_group(group, ".");
    LW_AUTO_DIRECTORY DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) {
        if (copy >= 0) close(copy);
        return 0;
    }
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
        return 1;
    }
    return 0;
}

/* Removes one group beneath `name` that has none itself. Returns 0; -EBUSY when there is none, or it has members; or -errno. */
static int remove_one_beneath(int directory, const char *name)
{
    char child[NAME_MAX + 1];
    LW_AUTO_CLOSE int parent = -1;
    LW_AUTO_CLOSE int group = open_group(directory, name);
    if (group < 0) return errno == ENOENT ? 0 : -errno;
    if (!find_child(group, child)) return -EBUSY;
    char deeper[NAME_MAX + 1];
    for (;;) {
        lw_fd_cleanup(&parent);
        parent = lw_fd_take(&group);
        group = open_group(parent, child);
        if (group < 0) return errno == ENOENT ? 0 : -errno;
        if (!find_child(group, deeper)) break;
        memcpy(child, deeper, sizeof(child));
    }
    return unlinkat(parent, child, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -errno;
}

int lw_cgroup_remove_tree(int directory, const char *name)
{
    for (int removed = 0; removed < MOST_GROUPS; removed++) {
        if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
        /* The kernel's word for a group with groups is that for a group with members. */
        if (errno != EBUSY && errno != ENOTEMPTY) return -errno;
        int error = remove_one_beneath(directory, name);
        if (error) return error;
    }
    return -EBUSY;
}

static int is_group_of_ours(const char *name)
{
    return strncmp(name, "worker-", 7) == 0 || strncmp(name, "zygote-", 7) == 0;
}

static void remove_patiently(int directory, const char *name, int *pauses)
{
    const struct timespec moment = {.tv_nsec = 20 * 1000000};
    while (lw_cgroup_remove_tree(directory, name) == -EBUSY && *pauses > 0) {
        --*pauses;
        nanosleep(&moment, NULL);
    }
}

void lw_cgroup_remove_groups(int directory, int *pauses)
{
    int copy = open_group(directory, ".");
    LW_AUTO_DIRECTORY DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (!stream) {
        if (copy >= 0) close(copy);
        return;
    }
    for (struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
        if (is_group_of_ours(entry->d_name)) remove_patiently(directory, entry->d_name, pauses);
    }
}
