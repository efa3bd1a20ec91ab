#include "addon/user_namespace_probe.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "addon/unique_fd.h"

namespace leeward {

namespace {

enum Step { kUnshare, kSetgroups, kUidMap, kGidMap, kMountNamespace, kMount, kStepCount };

constexpr const char *kStepNames[kStepCount] = {"unshare user namespace", "deny setgroups",  "write uid_map",
                                                "write gid_map",          "unshare mount namespace", "mount"};

/* Made before the fork, because the child may not format. */
struct Maps {
    char uid[32];
    char gid[32];
};

struct Report {
    int step;
    int errno_value;
};

int WriteText(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t size = static_cast<ssize_t>(strlen(text));
    int result = write(fd, text, static_cast<size_t>(size)) == size ? 0 : -1;
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int RunStep(int step, const Maps &maps)
{
    switch (step) {
    case kUnshare:
        return unshare(CLONE_NEWUSER);
    case kSetgroups:
        return WriteText("/proc/self/setgroups", "deny");
    case kUidMap:
        return WriteText("/proc/self/uid_map", maps.uid);
    case kGidMap:
        return WriteText("/proc/self/gid_map", maps.gid);
    case kMountNamespace:
        return unshare(CLONE_NEWNS);
    default:
        return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    }
}

/*
 * Preconditions: runs in the child after _Fork() of a process with threads: only system calls, no allocation, no locks, no parsing.
 * `report` is the write end of a pipe; the answer is below PIPE_BUF. Ends the process.
 */
[[noreturn]] void ChildMain(const Maps &maps, int report)
{
    Report result = {kStepCount, 0};
    for (int step = 0; step < kStepCount; step++) {
        if (RunStep(step, maps) == 0) continue;
        result = {step, errno};
        break;
    }
    ssize_t written = write(report, &result, sizeof(result));
    _exit(written == static_cast<ssize_t>(sizeof(result)) ? 0 : 1);
}

}  // namespace

UserNamespaceProbe ProbeUserNamespace()
{
    Maps maps;
    snprintf(maps.uid, sizeof(maps.uid), "0 %u 1", geteuid());
    snprintf(maps.gid, sizeof(maps.gid), "0 %u 1", getegid());
    int pair[2];
    if (pipe2(pair, O_CLOEXEC) < 0) return {"pipe", errno};
    UniqueFd reader(pair[0]), writer(pair[1]);
    pid_t child = _Fork();
    if (child < 0) return {"fork", errno};
    if (child == 0) ChildMain(maps, writer.Get());

    writer.Reset();
    Report report = {};
    ssize_t size;
    do {
        size = read(reader.Get(), &report, sizeof(report));
    } while (size < 0 && errno == EINTR);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
    /* Killed before it could answer: by a seccomp filter around us, most likely. */
    if (size != static_cast<ssize_t>(sizeof(report))) return {kStepNames[kUnshare], EPERM};
    if (report.step == kStepCount) return {};
    return {kStepNames[report.step], report.errno_value};
}

}  // namespace leeward
