/*
 * The JavaScript class Channel: the face of a ChannelCore. An open channel keeps itself (and, unless unref() was called, the
 * process) alive, as a socket of node:net does.
 */
#ifndef LEEWARD_ADDON_CHANNEL_H
#define LEEWARD_ADDON_CHANNEL_H

#include <napi.h>

#include <memory>

#include "addon/channel_core.h"

namespace leeward {

class Channel : public Napi::ObjectWrap<Channel> {
 public:
    static Napi::Function Define(Napi::Env env);

    explicit Channel(const Napi::CallbackInfo &info);
    ~Channel() override;

 private:
    /* Belongs to the thread-safe function; `channel` is null when the JavaScript object is done with it. */
    struct Link {
        std::shared_ptr<ChannelCore> core;
        Channel *channel;
    };

    static void OnEvent(napi_env env, napi_value function, void *link, void *event);
    static void OnFinalize(napi_env env, void *link, void *hint);

    void Open(Napi::Env env, int socket, int pidfd);
    Napi::Value Send(const Napi::CallbackInfo &info);
    void OnPackets(const Napi::CallbackInfo &info);
    void OnClose(const Napi::CallbackInfo &info);
    void OnExit(const Napi::CallbackInfo &info);
    Napi::Value Kill(const Napi::CallbackInfo &info);
    void Close(const Napi::CallbackInfo &info);
    void RefLoop(const Napi::CallbackInfo &info);
    void UnrefLoop(const Napi::CallbackInfo &info);

    void Deliver(Napi::Env env, std::unique_ptr<ChannelEvent> event);
    void DeliverPackets(Napi::Env env, std::vector<Packet> packets);
    void FinishIfDone();

    std::shared_ptr<ChannelCore> core_;
    Link *link_ = nullptr; /* null: finished */
    napi_threadsafe_function function_ = nullptr;
    bool socket_open_ = false;
    bool child_running_ = false;
    Napi::FunctionReference on_packets_;
    Napi::FunctionReference on_close_;
    Napi::FunctionReference on_exit_;
};

}  // namespace leeward

#endif
