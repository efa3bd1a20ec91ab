#include <sys/socket.h>

#include <cerrno>

#include "addon/addon.h"
#include "addon/child.h"
#include "addon/error.h"

namespace leeward {

namespace {

bool ReadStrings(Napi::Value value, std::vector<std::string> *strings)
{
    if (!value.IsArray()) return false;
    Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) {
        Napi::Value entry = array.Get(i);
        if (!entry.IsString()) return false;
        strings->push_back(entry.As<Napi::String>().Utf8Value());
    }
    return true;
}

}  // namespace

Napi::Value SpawnSupervisor(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    std::vector<std::string> args, environment;
    if (!info[0].IsString() || !ReadStrings(info[1], &args) || !ReadStrings(info[2], &environment) || !info[3].IsNumber()) {
        return ThrowCode(env, "LW_NATIVE_ARGUMENT", "spawnSupervisor: needs a path, argv, an environment and a descriptor or -1");
    }
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return ThrowErrno(env, "socketpair", errno);
    UniqueFd ours(pair[0]), theirs(pair[1]);

    ChildProcess child;
    SpawnFailure failure;
    std::string path = info[0].As<Napi::String>().Utf8Value();
    int envelope = info[3].As<Napi::Number>().Int32Value();
    if (!SpawnChild(path, args, environment, theirs.Get(), envelope, &child, &failure)) {
        return ThrowErrno(env, failure.syscall, failure.errno_value);
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("pid", Napi::Number::New(env, child.pid));
    result.Set("channelFd", Napi::Number::New(env, ours.Release()));
    result.Set("pidfd", Napi::Number::New(env, child.pidfd.Release()));
    return result;
}

}  // namespace leeward
