#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "addon/addon.h"
#include "addon/error.h"

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

namespace leeward {

namespace {

/* The supplementary groups of the peer at connect time (socket(7)); 0 or -errno. */
int PeerGroups(int socket, std::vector<gid_t> *groups)
{
    /* The kernel says the size with ERANGE when it does not fit; it cannot change, it was fixed at connect time. */
    socklen_t size = 0;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size) == 0) return 0;
    if (errno != ERANGE) return -errno;
    groups->resize(size / sizeof(gid_t));
    return getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups->data(), &size) < 0 ? -errno : 0;
}

}  // namespace

Napi::Value PeerCredentials(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsNumber()) return ThrowCode(env, "LW_NATIVE_ARGUMENT", "peerCredentials: needs a descriptor");
    int socket = info[0].As<Napi::Number>().Int32Value();
    ucred peer = {};
    socklen_t size = sizeof(peer);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return ThrowErrno(env, "getsockopt", errno);
    /* A socket that is not connected has pid 0 and the ids -1: nobody, and surely not a user. */
    if (peer.pid == 0 && peer.uid == static_cast<uid_t>(-1)) return ThrowErrno(env, "getsockopt", ENOTCONN);
    std::vector<gid_t> groups;
    int result = PeerGroups(socket, &groups);
    if (result < 0) return ThrowErrno(env, "getsockopt", -result);

    Napi::Array list = Napi::Array::New(env, groups.size());
    for (uint32_t i = 0; i < groups.size(); i++) list.Set(i, Napi::Number::New(env, groups[i]));
    Napi::Object object = Napi::Object::New(env);
    object.Set("pid", Napi::Number::New(env, peer.pid));
    object.Set("uid", Napi::Number::New(env, peer.uid));
    object.Set("gid", Napi::Number::New(env, peer.gid));
    object.Set("groups", list);
    return object;
}

Napi::Value PeerIsGone(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsNumber()) return ThrowCode(env, "LW_NATIVE_ARGUMENT", "peerIsGone: needs a descriptor");
    pollfd socket = {info[0].As<Napi::Number>().Int32Value(), POLLRDHUP, 0};
    int ready;
    do {
        ready = poll(&socket, 1, 0);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) return ThrowErrno(env, "poll", errno);
    if (socket.revents & POLLNVAL) return ThrowErrno(env, "poll", EBADF);
    return Napi::Boolean::New(env, ready > 0);
}

}  // namespace leeward
