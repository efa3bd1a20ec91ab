#include <sys/file.h>

#include <cerrno>

#include "addon/addon.h"
#include "addon/error.h"

namespace leeward {

Napi::Value CloseFd(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsNumber()) return ThrowCode(env, "LW_NATIVE_ARGUMENT", "closeFd: needs a descriptor");
    /* close(2): after EINTR the descriptor is closed all the same, a second try could hit a stranger's. */
    if (close(info[0].As<Napi::Number>().Int32Value()) < 0 && errno != EINTR) return ThrowErrno(env, "close", errno);
    return env.Undefined();
}

Napi::Value Flock(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsNumber()) return ThrowCode(env, "LW_NATIVE_ARGUMENT", "flock: needs a descriptor");
    if (flock(info[0].As<Napi::Number>().Int32Value(), LOCK_EX | LOCK_NB) == 0) return Napi::Boolean::New(env, true);
    if (errno == EWOULDBLOCK) return Napi::Boolean::New(env, false);
    return ThrowErrno(env, "flock", errno);
}

}  // namespace leeward
