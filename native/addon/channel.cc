#include "addon/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "addon/addon.h"
#include "addon/error.h"

namespace leeward {

namespace {

/* How long an ending environment waits for a supervisor that has just lost its channel, so that it is reaped. */
constexpr int kReapMilliseconds = 250;

bool IsPacketSocket(int fd)
{
    int type = 0;
    socklen_t size = sizeof(type);
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

/* The descriptors of a JavaScript array; false when it holds something else. */
bool ReadDescriptors(Napi::Value value, std::vector<int> *fds)
{
    if (!value.IsArray()) return false;
    Napi::Array array = value.As<Napi::Array>();
    for (uint32_t i = 0; i < array.Length(); i++) {
        Napi::Value entry = array.Get(i);
        if (!entry.IsNumber()) return false;
        fds->push_back(entry.As<Napi::Number>().Int32Value());
    }
    return true;
}

Napi::Object PacketToObject(Napi::Env env, Packet *packet)
{
    Napi::Array fds = Napi::Array::New(env, packet->fds.size());
    /* From here on JavaScript owns the descriptors. */
    for (uint32_t i = 0; i < packet->fds.size(); i++) fds.Set(i, Napi::Number::New(env, packet->fds[i].Release()));
    Napi::Object object = Napi::Object::New(env);
    object.Set("data", Napi::Buffer<uint8_t>::Copy(env, packet->data.data(), packet->data.size()));
    object.Set("fds", fds);
    return object;
}

Napi::Value NumberOrNull(Napi::Env env, int value)
{
    return value < 0 ? env.Null() : Napi::Number::New(env, value);
}

}  // namespace

Napi::Function Channel::Define(Napi::Env env)
{
    return DefineClass(env, "Channel",
                       {
                           InstanceMethod<&Channel::Send>("send"),
                           InstanceMethod<&Channel::OnPackets>("onPackets"),
                           InstanceMethod<&Channel::OnClose>("onClose"),
                           InstanceMethod<&Channel::OnExit>("onExit"),
                           InstanceMethod<&Channel::Kill>("kill"),
                           InstanceMethod<&Channel::Close>("close"),
                           InstanceMethod<&Channel::RefLoop>("ref"),
                           InstanceMethod<&Channel::UnrefLoop>("unref"),
                       });
}

Channel::Channel(const Napi::CallbackInfo &info) : Napi::ObjectWrap<Channel>(info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsNumber() || !info[1].IsNumber()) {
        ThrowCode(env, "LW_NATIVE_ARGUMENT", "Channel: needs a socket and a pidfd (or -1)");
        return;
    }
    int socket = info[0].As<Napi::Number>().Int32Value();
    int pidfd = info[1].As<Napi::Number>().Int32Value();
    if (!IsPacketSocket(socket)) {
        ThrowCode(env, "LW_NATIVE_ARGUMENT", "Channel: descriptor " + std::to_string(socket) + " is no SOCK_SEQPACKET socket");
        return;
    }
    /* One that came through exec has no close-on-exec: the children of child_process must not get it. */
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    Open(env, socket, pidfd);
}

void Channel::Open(Napi::Env env, int socket, int pidfd)
{
    core_ = std::make_shared<ChannelCore>(Addon::Of(env).reactor, UniqueFd(socket), UniqueFd(pidfd));
    auto link = std::make_unique<Link>(Link{core_, this});
    napi_status status = napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "leeward.Channel"), 0, 1,
                                                         link.get(), OnFinalize, link.get(), OnEvent, &function_);
    if (status != napi_ok) {
        ThrowCode(env, "LW_NATIVE_CLOSED", "Channel: the environment is ending");
        return;
    }
    link_ = link.release();
    core_->Attach(function_);
    socket_open_ = true;
    child_running_ = pidfd >= 0;
    Ref();
    int result = core_->WatchExit();
    if (result == 0) return;
    socket_open_ = child_running_ = false;
    FinishIfDone();
    ThrowErrno(env, "epoll_ctl", -result);
}

Channel::~Channel()
{
    if (link_ != nullptr) link_->channel = nullptr;
}

Napi::Value Channel::Send(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    std::vector<int> fds;
    if (!info[0].IsBuffer() || !ReadDescriptors(info[1], &fds)) {
        return ThrowCode(env, "LW_NATIVE_ARGUMENT", "send: needs a Buffer and an array of descriptors");
    }
    if (!socket_open_) return ThrowCode(env, "LW_NATIVE_CLOSED", "send: the channel is closed");
    Napi::Buffer<uint8_t> data = info[0].As<Napi::Buffer<uint8_t>>();
    int result = core_->Send(data.Data(), data.Length(), fds.data(), fds.size());
    if (result >= 0) return Napi::Boolean::New(env, result == 1);
    if (result == -ENOBUFS) return ThrowCode(env, "LW_NATIVE_QUEUE_FULL", "send: the peer does not read, the queue is full");
    if (result == -EPIPE || result == -ECONNRESET) return ThrowCode(env, "LW_NATIVE_CLOSED", "send: the peer has closed");
    return ThrowErrno(env, "sendmsg", -result);
}

void Channel::OnPackets(const Napi::CallbackInfo &info)
{
    if (!info[0].IsFunction()) {
        ThrowCode(info.Env(), "LW_NATIVE_ARGUMENT", "onPackets: needs a function");
        return;
    }
    on_packets_ = Napi::Persistent(info[0].As<Napi::Function>());
    if (!socket_open_) return;
    int result = core_->StartReading();
    if (result < 0) ThrowErrno(info.Env(), "epoll_ctl", -result);
}

void Channel::OnClose(const Napi::CallbackInfo &info)
{
    if (!info[0].IsFunction()) {
        ThrowCode(info.Env(), "LW_NATIVE_ARGUMENT", "onClose: needs a function");
        return;
    }
    on_close_ = Napi::Persistent(info[0].As<Napi::Function>());
}

void Channel::OnExit(const Napi::CallbackInfo &info)
{
    if (!info[0].IsFunction()) {
        ThrowCode(info.Env(), "LW_NATIVE_ARGUMENT", "onExit: needs a function");
        return;
    }
    on_exit_ = Napi::Persistent(info[0].As<Napi::Function>());
}

Napi::Value Channel::Kill(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsNumber()) return ThrowCode(env, "LW_NATIVE_ARGUMENT", "kill: needs the number of a signal");
    int result = core_->Kill(info[0].As<Napi::Number>().Int32Value());
    if (result == 0 || result == -ESRCH) return Napi::Boolean::New(env, result == 0);
    return ThrowErrno(env, "pidfd_send_signal", -result);
}

void Channel::Close(const Napi::CallbackInfo &)
{
    if (!socket_open_) return;
    socket_open_ = false;
    core_->Close();
    FinishIfDone();
}

void Channel::RefLoop(const Napi::CallbackInfo &info)
{
    if (link_ != nullptr) napi_ref_threadsafe_function(info.Env(), function_);
}

void Channel::UnrefLoop(const Napi::CallbackInfo &info)
{
    if (link_ != nullptr) napi_unref_threadsafe_function(info.Env(), function_);
}

/* With socket and child gone no event can come: lets the process end and this object be collected. */
void Channel::FinishIfDone()
{
    if (socket_open_ || child_running_ || link_ == nullptr) return;
    std::exchange(link_, nullptr)->channel = nullptr;
    core_->Shut();
    Unref();
}

void Channel::OnEvent(napi_env env, napi_value, void *link, void *data)
{
    std::unique_ptr<ChannelEvent> event(static_cast<ChannelEvent *>(data));
    Channel *channel = static_cast<Link *>(link)->channel;
    /* No environment: it is ending, and the queue is only emptied. */
    if (env == nullptr || channel == nullptr) return;
    channel->Deliver(Napi::Env(env), std::move(event));
}

/* Calls JavaScript last, and touches nothing of this object afterwards: the callback may have been the end of it. */
void Channel::Deliver(Napi::Env env, std::unique_ptr<ChannelEvent> event)
{
    if (event->kind == ChannelEvent::Kind::kPackets) {
        DeliverPackets(env, std::move(event->packets));
        return;
    }
    bool closed = event->kind == ChannelEvent::Kind::kClosed;
    Napi::FunctionReference &callback = closed ? on_close_ : on_exit_;
    Napi::Function function = callback.IsEmpty() ? Napi::Function() : callback.Value();
    bool wanted = !callback.IsEmpty() && (!closed || socket_open_);
    (closed ? socket_open_ : child_running_) = false;
    FinishIfDone();
    if (!wanted) return;
    if (closed) {
        function.Call({event->errno_value == 0 ? env.Null() : Napi::String::New(env, ErrnoName(event->errno_value))});
    } else {
        function.Call({NumberOrNull(env, event->exit.exit_code), NumberOrNull(env, event->exit.signal)});
    }
}

void Channel::DeliverPackets(Napi::Env env, std::vector<Packet> packets)
{
    core_->Delivered(packets.size());
    if (!socket_open_ || on_packets_.IsEmpty()) return;
    Napi::Array batch = Napi::Array::New(env, packets.size());
    for (uint32_t i = 0; i < packets.size(); i++) batch.Set(i, PacketToObject(env, &packets[i]));
    on_packets_.Value().Call({batch});
}

void Channel::OnFinalize(napi_env, void *data, void *)
{
    std::unique_ptr<Link> link(static_cast<Link *>(data));
    if (link->channel != nullptr) {
        link->channel->link_ = nullptr;
        link->channel->socket_open_ = false;
    }
    UniqueFd child = link->core->Detach();
    if (!child) return;
    pollfd ended = {child.Get(), POLLIN, 0};
    ExitStatus status;
    if (poll(&ended, 1, kReapMilliseconds) == 1) ReapChild(child.Get(), &status);
}

}  // namespace leeward
