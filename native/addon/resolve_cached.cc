#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>

#include "addon/addon.h"
#include "addon/error.h"
#include "addon/unique_fd.h"

/* linux/openat2.h, Linux 5.12 */
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

namespace leeward {

namespace {

/* openat2(2) that never waits: EAGAIN when the kernel would have to ask a file system. Nothing is opened but a name. */
int OpenCached(const char *path)
{
    open_how how = {};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_CACHED;
    long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
    return fd < 0 ? -errno : static_cast<int>(fd);
}

}  // namespace

Napi::Value ResolveCached(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsString()) return ThrowCode(env, "LW_NATIVE_ARGUMENT", "resolveCached: needs a path");
    int opened = OpenCached(info[0].As<Napi::String>().Utf8Value().c_str());
    if (opened == -EAGAIN) return env.Null();
    if (opened < 0) return ThrowErrno(env, "openat2", -opened);
    UniqueFd fd(opened);
    char link[40], path[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", opened);
    ssize_t size = readlink(link, path, sizeof(path));
    if (size < 0) return ThrowErrno(env, "readlink", errno);
    /* Cut off, or no path in this mount namespace. */
    if (size == sizeof(path) || path[0] != '/') return env.Null();
    return Napi::String::New(env, path, static_cast<size_t>(size));
}

}  // namespace leeward
