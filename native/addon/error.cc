#include "addon/error.h"

#include <cstring>

namespace leeward {

std::string ErrnoName(int errno_value)
{
    const char *name = strerrorname_np(errno_value);
    return name != nullptr ? name : std::to_string(errno_value);
}

Napi::Value ThrowErrno(Napi::Env env, const char *syscall, int errno_value)
{
    std::string name = ErrnoName(errno_value);
    Napi::Error error = Napi::Error::New(env, std::string(syscall) + ": " + name);
    error.Set("code", Napi::String::New(env, "LW_NATIVE_SYSCALL"));
    error.Set("syscall", Napi::String::New(env, syscall));
    error.Set("errno", Napi::Number::New(env, errno_value));
    error.Set("errnoName", Napi::String::New(env, name));
    error.ThrowAsJavaScriptException();
    return env.Undefined();
}

Napi::Value ThrowCode(Napi::Env env, const char *code, const std::string &message)
{
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    error.ThrowAsJavaScriptException();
    return env.Undefined();
}

}  // namespace leeward
