#include "addon/child.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace leeward {

namespace {

constexpr int kChannelFd = 3;
constexpr int kEnvelopeFd = 4;

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

class SpawnSetup {
 public:
    SpawnSetup()
    {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnSetup()
    {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
    }
    SpawnSetup(const SpawnSetup &) = delete;
    SpawnSetup &operator=(const SpawnSetup &) = delete;

    int Configure(int channel, int envelope);

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

/* A copy above the numbers that the child gets, so that no dup2 below takes the place of what another one needs. */
UniqueFd CopyAbove(int fd)
{
    return UniqueFd(fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, kEnvelopeFd + 1));
}

int SpawnSetup::Configure(int channel, int envelope)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
    constexpr short kFlags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID;
    if (error == 0) error = posix_spawnattr_setflags(&attributes, kFlags);
    /* Other than dup2(2), a dup2 onto itself clears close-on-exec here; libuv sets it on Node's own standard streams. */
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, channel, kChannelFd);
    if (error == 0 && envelope >= 0) error = posix_spawn_file_actions_adddup2(&actions, envelope, kEnvelopeFd);
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDERR_FILENO);
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    if (error == 0) error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, envelope < 0 ? kEnvelopeFd : kEnvelopeFd + 1);
    return error;
}

std::vector<char *> Pointers(const std::vector<std::string> &strings)
{
    std::vector<char *> pointers;
    for (const std::string &string : strings) pointers.push_back(const_cast<char *>(string.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

bool SpawnChild(const std::string &path, const std::vector<std::string> &args, const std::vector<std::string> &environment,
                int channel, int envelope, ChildProcess *child, SpawnFailure *failure)
{
    SpawnSetup setup;
    UniqueFd channel_copy = CopyAbove(channel), envelope_copy = CopyAbove(envelope);
    if (!channel_copy || (envelope >= 0 && !envelope_copy)) {
        *failure = {"fcntl", errno};
        return false;
    }
    int error = setup.Configure(channel_copy.Get(), envelope_copy.Get());
    std::vector<char *> argv = Pointers(args);
    std::vector<char *> envp = Pointers(environment);
    if (error == 0) error = posix_spawn(&child->pid, path.c_str(), &setup.actions, &setup.attributes, argv.data(), envp.data());
    if (error != 0) {
        *failure = {"posix_spawn", error};
        return false;
    }
    /* No race: the child is ours and unreaped, so its pid cannot have been given to another process. */
    child->pidfd.Reset(static_cast<int>(syscall(SYS_pidfd_open, child->pid, 0)));
    if (child->pidfd) return true;
    *failure = {"pidfd_open", errno};
    kill(child->pid, SIGKILL);
    waitpid(child->pid, nullptr, 0);
    return false;
}

int ReapChild(int pidfd, ExitStatus *status)
{
    siginfo_t info = {};
    if (waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) < 0) return -errno;
    if (info.si_pid == 0) return 0;
    if (info.si_code == CLD_EXITED) {
        status->exit_code = info.si_status;
    } else {
        status->signal = info.si_status;
    }
    return 1;
}

}  // namespace leeward
