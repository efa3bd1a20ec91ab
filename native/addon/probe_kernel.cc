#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "addon/addon.h"
#include "addon/error.h"
#include "addon/user_namespace_probe.h"

/* What Debian 12's headers lack. */
#ifndef LANDLOCK_CREATE_RULESET_VERSION
#define LANDLOCK_CREATE_RULESET_VERSION (1U << 0)
#endif
#ifndef LANDLOCK_CREATE_RULESET_ERRATA
#define LANDLOCK_CREATE_RULESET_ERRATA (1U << 1)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace leeward {

namespace {

/* Each is called with arguments that its real handler refuses before it does anything: the errno tells whether it is there. */
struct HarmlessCall {
    const char *name;
    long number;
    long first, second, third;
};

constexpr HarmlessCall kCalls[] = {
    {"clone3", SYS_clone3, 0, 0, 0},
    {"close_range", SYS_close_range, 1, 0, 0},
    {"mount_setattr", SYS_mount_setattr, -1, 0, -1},
    {"open_tree", SYS_open_tree, -1, 0, -1},
    {"openat2", SYS_openat2, -1, 0, 0},
    {"pidfd_getfd", SYS_pidfd_getfd, -1, -1, 0},
    {"pidfd_open", SYS_pidfd_open, 0, 0, 0},
};

int ErrnoOf(long result) { return result < 0 ? errno : 0; }

Napi::Object ProbeCalls(Napi::Env env)
{
    Napi::Object calls = Napi::Object::New(env);
    for (const HarmlessCall &call : kCalls) {
        int error = ErrnoOf(syscall(call.number, call.first, call.second, call.third, 0, 0, 0));
        calls.Set(call.name, Napi::String::New(env, error == 0 ? "" : ErrnoName(error)));
    }
    return calls;
}

Napi::Object ProbeLandlock(Napi::Env env)
{
    long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    int error = ErrnoOf(abi);
    /* Kernels before 6.15 answer EINVAL: no erratum is known to be fixed. */
    long errata = error == 0 ? syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_ERRATA) : 0;
    Napi::Object landlock = Napi::Object::New(env);
    landlock.Set("abi", Napi::Number::New(env, error == 0 ? static_cast<double>(abi) : 0));
    landlock.Set("errata", Napi::Number::New(env, errata > 0 ? static_cast<double>(errata) : 0));
    landlock.Set("errnoName", Napi::String::New(env, error == 0 ? "" : ErrnoName(error)));
    return landlock;
}

/* A filter address of null: a kernel that knows the flags answers EFAULT, one that does not EINVAL; nothing is installed. */
bool HasSeccompFlags(unsigned long flags)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, nullptr) < 0 && errno == EFAULT;
}

}  // namespace

Napi::Value ProbeKernel(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    utsname names = {};
    if (uname(&names) < 0) return ThrowErrno(env, "uname", errno);
    UserNamespaceProbe user = ProbeUserNamespace();
    constexpr unsigned long kListener = SECCOMP_FILTER_FLAG_NEW_LISTENER;

    Napi::Object result = Napi::Object::New(env);
    result.Set("release", Napi::String::New(env, names.release));
    result.Set("machine", Napi::String::New(env, names.machine));
    result.Set("landlock", ProbeLandlock(env));
    result.Set("seccompListener", Napi::Boolean::New(env, HasSeccompFlags(kListener)));
    result.Set("seccompWaitKillable",
               Napi::Boolean::New(env, HasSeccompFlags(kListener | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)));
    result.Set("calls", ProbeCalls(env));
    result.Set("userNamespaceStep", Napi::String::New(env, user.step == nullptr ? "" : user.step));
    result.Set("userNamespaceErrno", Napi::String::New(env, user.step == nullptr ? "" : ErrnoName(user.errno_value)));
    return result;
}

}  // namespace leeward
