#include "supervisor/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_uapi.h"
#include "supervisor/give_up.h"
#include "supervisor/loop.h"
#include "supervisor/process.h"

static int write_proc(pid_t pid, const char *file, const char *text)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    return lw_fd_write_file(path, text);
}

int lw_idmap_write(pid_t pid, const char *uid_map, const char *gid_map, int deny_setgroups)
{
    int error = deny_setgroups ? write_proc(pid, "setgroups", "deny") : 0;
    if (!error) error = write_proc(pid, "uid_map", uid_map);
    if (!error) error = write_proc(pid, "gid_map", gid_map);
    return error;
}

/* Preconditions: after clone; does not allocate. Waits to be killed. */
static _Noreturn void hold_namespace(void)
{
    for (;;) pause();
}

static int map_and_open(pid_t pid, uint32_t host_id, uint32_t peer_uid, uint32_t peer_gid)
{
    char uid_map[40], gid_map[40], path[48];
    snprintf(uid_map, sizeof(uid_map), "%u %u 1\n", peer_uid, host_id);
    snprintf(gid_map, sizeof(gid_map), "%u %u 1\n", peer_gid, host_id);
    int error = lw_idmap_write(pid, uid_map, gid_map, 0);
    if (error) return error;
    snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int make_namespace(uint32_t host_id, uint32_t peer_uid, uint32_t peer_gid)
{
    LW_AUTO_CLOSE int pidfd = -1;
    pid_t pid = lw_process_clone_visible(CLONE_NEWUSER, &pidfd);
    if (pid == 0) hold_namespace();
    if (pid < 0) return pid;
    int fd = map_and_open(pid, host_id, peer_uid, peer_gid);
    int unkilled = lw_pidfd_send_signal(pidfd, SIGKILL);
    /* The loop would wait below for ever. */
    if (unkilled) lw_give_up("ending the process that holds a user namespace", unkilled);
    siginfo_t info;
    while (waitid((idtype_t)LW_P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR) continue;
    return fd;
}

int lw_idmaps_get(struct lw_idmaps *idmaps, uint32_t host_id, uint32_t peer_uid, uint32_t peer_gid)
{
    struct lw_idmap *entry = &idmaps->entries[0];
    for (uint32_t i = 0; i < LW_IDMAPS_KEPT; i++) {
        struct lw_idmap *candidate = &idmaps->entries[i];
        int same = candidate->host_id == host_id && candidate->peer_uid == peer_uid && candidate->peer_gid == peer_gid;
        if (candidate->fd > 0 && same) {
            candidate->used_us = lw_now_us();
            return candidate->fd;
        }
        if (entry->fd > 0 && (candidate->fd <= 0 || candidate->used_us < entry->used_us)) entry = candidate;
    }
    int fd = make_namespace(host_id, peer_uid, peer_gid);
    if (fd < 0) return fd;
    if (entry->fd > 0) close(entry->fd);
    *entry = (struct lw_idmap){host_id, peer_uid, peer_gid, fd, lw_now_us()};
    return fd;
}
