/*
 * Starting and reaping one child, without touching any other child of the process (libuv has children of its own).
 */
#ifndef LEEWARD_ADDON_CHILD_H
#define LEEWARD_ADDON_CHILD_H

#include <sys/types.h>

#include <string>
#include <vector>

#include "addon/unique_fd.h"

namespace leeward {

struct ChildProcess {
    pid_t pid = -1;
    UniqueFd pidfd;
};

/* Where a start failed. */
struct SpawnFailure {
    const char *syscall = "";
    int errno_value = 0;
};

/*
 * Starts `path` in a session of its own (a terminal's Ctrl-C is for the daemon, which then cancels its jobs), with default signal
 * dispositions and an empty mask. Descriptors of the child: 0 /dev/null, 1 and 2 our standard error, 3 `channel`, 4 `envelope`
 * unless that is -1; nothing else.
 * True, or false with `failure` filled.
 */
bool SpawnChild(const std::string &path, const std::vector<std::string> &args, const std::vector<std::string> &environment,
                int channel, int envelope, ChildProcess *child, SpawnFailure *failure);

/* How a child ended: an exit code, or the signal that killed it; the other is -1. */
struct ExitStatus {
    int exit_code = -1;
    int signal = -1;
};

/* Reaps the child behind `pidfd` when it has ended: 1; still running: 0; not our child, or reaped by someone else: -errno. */
int ReapChild(int pidfd, ExitStatus *status);

}  // namespace leeward

#endif
