#include "supervisor/job_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan.h"
#include "lw_uapi.h"
#include "supervisor/job.h"

/* Absolute, no empty, "." or ".." component, not the root itself. */
static int is_normal(const char *target)
{
    if (target[0] != '/' || target[1] == '\0') return 0;
    for (const char *part = target; *part;) {
        part++;
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.')) return 0;
        part += length;
    }
    return 1;
}

static const struct lw_plan_job_mount *entry_for(const void *plan, const char *target)
{
    uint32_t count;
    const struct lw_plan_job_mount *entries = lw_plan_job_mounts(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(lw_plan_string(plan, entries[i].target), target) == 0) return &entries[i];
    }
    return NULL;
}

static int is_taken(const void *plan, const char *parent, const char *mount_point, const struct lw_job_place *taken,
                    uint32_t taken_count)
{
    uint32_t count;
    const struct lw_plan_job_mount *entries = lw_plan_job_mounts(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(lw_plan_string(plan, entries[i].name), mount_point + strlen(parent) + 1) == 0) return 1;
    }
    for (uint32_t i = 0; i < taken_count; i++) {
        if (strcmp(taken[i].mount_point, mount_point) == 0) return 1;
    }
    return 0;
}

/* "/data/in" becomes "data_in"; where that is taken ("/data_in") a number makes it one of its own. */
static int make_name(const void *plan, const char *parent, const char *target, const struct lw_job_place *taken,
                     uint32_t taken_count, struct lw_job_place *place)
{
    char name[LW_PATH_MAX];
    if (snprintf(name, sizeof(name), "%s", target + 1) >= (int)sizeof(name)) return -ENAMETOOLONG;
    for (char *c = name; *c; c++) {
        if (*c == '/') *c = '_';
    }
    int size = snprintf(place->mount_point, LW_PATH_MAX, "%s/%s", parent, name);
    for (uint32_t i = 0; size < LW_PATH_MAX && is_taken(plan, parent, place->mount_point, taken, taken_count); i++) {
        if (i > LW_ATTACH_MAX + LW_PLAN_MAX_JOB_MOUNTS) return -EEXIST;
        size = snprintf(place->mount_point, LW_PATH_MAX, "%s/%s-%u", parent, name, i);
    }
    if (size >= LW_PATH_MAX) return -ENAMETOOLONG;
    return snprintf(place->link, LW_PATH_MAX, "%s", target) >= LW_PATH_MAX ? -ENAMETOOLONG : 0;
}

int lw_job_place(const void *plan, const char *target, uint32_t flags, const struct lw_job_place *taken, uint32_t taken_count,
                 struct lw_job_place *place)
{
    const struct lw_plan_header *header = lw_plan_header(plan);
    const struct lw_plan_job_mount *entry = entry_for(plan, target);
    *place = (struct lw_job_place){.flags = flags};
    if (!is_normal(target)) return -EINVAL;
    if (entry && (flags & LW_JOB_MOUNT_FLAG_WRITABLE) && !(entry->flags & LW_JOB_MOUNT_FLAG_WRITABLE)) return -EROFS;
    /* The plan's own link leads to the parent of its kind, also when this request wants less than it allows. */
    uint32_t kind = entry ? entry->flags : flags;
    const char *parent =
        lw_plan_string(plan, kind & LW_JOB_MOUNT_FLAG_WRITABLE ? header->job_parent_writable : header->job_parent_read_only);
    if (*parent == '\0') return -ENOTSUP;
    if (!entry) {
        for (uint32_t i = 0; i < taken_count; i++) {
            if (strcmp(taken[i].link, target) == 0) return -EEXIST;
        }
        return make_name(plan, parent, target, taken, taken_count, place);
    }
    place->flags |= entry->flags & LW_JOB_MOUNT_FLAG_NOEXEC;
    int size = snprintf(place->mount_point, LW_PATH_MAX, "%s/%s", parent, lw_plan_string(plan, entry->name));
    if (size >= LW_PATH_MAX) return -ENAMETOOLONG;
    for (uint32_t i = 0; i < taken_count; i++) {
        if (strcmp(taken[i].mount_point, place->mount_point) == 0) return -EEXIST;
    }
    return 0;
}

static int refuse(struct lw_job *job, uint32_t stage, uint32_t index, int error, const char *what)
{
    const struct lw_job_mount *mount = &job->mounts[index];
    const char *separator = *mount->path ? "/" : "";
    snprintf(job->detail, sizeof(job->detail), "%s%s%s%s%s", mount->root, separator, mount->path, *what ? ": " : "", what);
    return lw_fail(&job->error, stage, index, -error);
}

static int is_allowed_type(const void *plan, uint64_t type)
{
    uint32_t count;
    const struct lw_plan_file_system *types = lw_plan_file_systems(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if ((types[i].magic & 0xffffffff) == type) return 1;
    }
    return 0;
}

/* What pools have attached there came from behind directories that the peer may not search. 1, 0 or -errno. */
static int is_in_workspace(const struct lw_supervisor *supervisor, int fd)
{
    char path[PATH_MAX], workspace[PATH_MAX];
    int error = lw_fd_path(fd, path);
    if (!error) error = lw_fd_path(supervisor->workspace, workspace);
    if (error) return error;
    size_t length = strlen(workspace);
    return strncmp(path, workspace, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static int check_source(struct lw_job *job, uint32_t index)
{
    char text[PATH_MAX];
    const struct lw_job_mount *mount = &job->mounts[index];
    if (!is_allowed_type(job->pool->plan, mount->file_system)) {
        snprintf(text, sizeof(text), "the policy allows no mounts from file systems of type 0x%llx",
                 (unsigned long long)mount->file_system);
        return refuse(job, LW_STAGE_OPEN_SOURCE, index, -EOPNOTSUPP, text);
    }
    int within = is_in_workspace(job->supervisor, mount->source);
    if (within < 0) return refuse(job, LW_STAGE_OPEN_SOURCE, index, within, "where it lies");
    if (within)
        return refuse(job, LW_STAGE_OPEN_SOURCE, index, -EPERM, "it lies in the supervisor's own workspace");
    return 0;
}

/* What is mounted beneath the source was not asked for, and hides what is there. */
static int clone_alone(struct lw_job *job, uint32_t index)
{
    char text[PATH_MAX];
    const char *submount = NULL;
    int tree = lw_submounts_clone(&job->supervisor->submounts, job->mounts[index].source, 0, &submount);
    if (!submount) return tree < 0 ? refuse(job, LW_STAGE_ATTACH, index, tree, "") : tree;
    snprintf(text, sizeof(text), "another mount lies beneath it: %s", submount);
    return refuse(job, LW_STAGE_OPEN_SOURCE, index, -EOPNOTSUPP, text);
}

/* Adds the id map; what mount_setattr answers where that is not possible is told as such. */
static int add_idmap(struct lw_job *job, uint32_t index, struct lw_mount_attr *attr)
{
    const struct lw_config *config = &job->supervisor->config;
    if (config->subordinate && !job->pool->runs_as_peer)
        return refuse(job, LW_STAGE_ID_MAPPED_MOUNT, index, -EPERM, "without privilege nobody can map its ids to a slot's");
    if (!config->privileged || job->pool->runs_as_peer) return 0;
    int map = lw_idmaps_get(&job->supervisor->idmaps, config->slot_uid_base + job->worker->slot, job->peer.uid, job->peer.gid);
    if (map < 0) return refuse(job, LW_STAGE_ID_MAPPED_MOUNT, index, map, "its user namespace");
    attr->attr_set |= LW_MOUNT_ATTR_IDMAP;
    attr->userns_fd = (uint64_t)map;
    return 0;
}

int lw_job_mount_clone(struct lw_job *job, uint32_t index, uint32_t flags)
{
    int error = check_source(job, index);
    if (error) return error;
    struct lw_mount_attr attr = {.attr_set = LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE};
    if (!(flags & LW_JOB_MOUNT_FLAG_WRITABLE)) attr.attr_set |= LW_MOUNT_ATTR_RDONLY;
    if (flags & LW_JOB_MOUNT_FLAG_NOEXEC) attr.attr_set |= LW_MOUNT_ATTR_NOEXEC;
    error = add_idmap(job, index, &attr);
    if (error) return error;
    int tree = clone_alone(job, index);
    if (tree < 0) return tree;
    error = lw_mount_setattr(tree, "", AT_EMPTY_PATH | LW_AT_RECURSIVE, &attr);
    if (!error) {
        job->cloned++;
        job->id_mapped += (attr.attr_set & LW_MOUNT_ATTR_IDMAP) != 0;
        return tree;
    }
    close(tree);
    if (!(attr.attr_set & LW_MOUNT_ATTR_IDMAP)) return refuse(job, LW_STAGE_ATTACH, index, error, "");
    /* The worker's ids were fixed when it was confined: to run as the peer takes another pool, which the daemon opens. */
    return refuse(job, LW_STAGE_ID_MAPPED_MOUNT, index, error, "this file system cannot be mounted with mapped ids");
}
