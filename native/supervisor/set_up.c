/* What the inner process makes of itself before it serves: its mounts, its capabilities, its flags. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_namespaces.h"
#include "supervisor/supervisor.h"

/*
 * SYS_ADMIN, SYS_CHROOT: mounts, namespaces. SETUID, SETGID: maps and openers. KILL, SYS_PTRACE: processes of other ids, their
 * listeners and descriptor tables. DAC_READ_SEARCH: the plan's sources wherever they lie. DAC_OVERRIDE: the mounter, in tmpfs
 * mounts of pools. SETPCAP: helpers that drop.
 */
static const uint64_t capabilities = 1ull << CAP_SYS_ADMIN | 1ull << CAP_SYS_CHROOT | 1ull << CAP_SETUID | 1ull << CAP_SETGID |
                                     1ull << CAP_KILL | 1ull << CAP_SYS_PTRACE | 1ull << CAP_DAC_READ_SEARCH |
                                     1ull << CAP_DAC_OVERRIDE | 1ull << CAP_SETPCAP;

static int failed(char *reason, size_t size, const char *what)
{
    int error = -errno;
    snprintf(reason, size, "%s: %s", what, strerror(-error));
    return error;
}

/* The signal comes only from a parent that dies after the call, hence the pipe. */
static int die_with_outer(int alive, char *reason, size_t size)
{
    struct pollfd end = {.fd = alive, .events = POLLIN};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return failed(reason, size, "parent death signal");
    if (poll(&end, 1, 0) > 0) {
        errno = ECHILD;
        return failed(reason, size, "the outer process is gone");
    }
    return 0;
}

static int make_mounts(struct lw_supervisor *supervisor, char *reason, size_t size)
{
    const char *workspace = supervisor->config.workspace;
    /* What the host mounts and unmounts comes here, nothing goes back (docs/adr/0009). */
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return failed(reason, size, "making the mounts slaves of the host's");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return failed(reason, size, "mounting proc (without privilege that needs a /proc with nothing mounted over it)");
    if (mount("leeward", workspace, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0711,size=16m,nr_inodes=131072") < 0)
        return failed(reason, size, workspace);
    supervisor->workspace = open(workspace, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (supervisor->workspace < 0) return failed(reason, size, workspace);
    errno = -lw_envelope_hold(&supervisor->envelope);
    if (errno) return failed(reason, size, "opening what root allows");
    supervisor->proc = lw_proc_open();
    errno = supervisor->proc < 0 ? -supervisor->proc : 0;
    if (errno) return failed(reason, size, "/proc");
    supervisor->pid_namespace = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
    if (supervisor->pid_namespace < 0) return failed(reason, size, "/proc/self/ns/pid");
    if (lw_submounts_read(&supervisor->submounts)) return failed(reason, size, "/proc/self/mountinfo");
    return 0;
}

/* Ten descriptors a worker, and the daemon's limit is meant for another kind of program. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int reduce_rights(uint32_t privileged, char *reason, size_t size)
{
    /* The id 0 of a pool without privilege is the 0 of our own user namespace; mapping that takes one more
     * (user_namespaces(7)). */
    int error = lw_caps_apply(capabilities | (privileged ? 0 : 1ull << CAP_SETFCAP), 0);
    if (error) {
        errno = -error;
        return failed(reason, size, "reducing the capabilities");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return failed(reason, size, "no_new_privs");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return failed(reason, size, "dumpable");
    return 0;
}

int lw_supervisor_set_up(struct lw_supervisor *supervisor, const struct lw_inheritance *inheritance, char *reason, size_t size)
{
    int error = die_with_outer(inheritance->outer_alive, reason, size);
    if (error) return error;
    setsid();
    prctl(PR_SET_NAME, "leeward-super", 0, 0, 0);
    raise_descriptor_limit();
    error = make_mounts(supervisor, reason, size);
    if (!error && chdir("/") < 0) error = failed(reason, size, "/");
    return error ? error : reduce_rights(supervisor->config.privileged, reason, size);
}
