/*
 * What one JavaScript environment (the main thread, or a worker) has of the addon. There are no globals: each environment has its
 * own reactor and its own Channel class, and both go when it ends.
 */
#ifndef LEEWARD_ADDON_ADDON_H
#define LEEWARD_ADDON_ADDON_H

#include <napi.h>

#include <memory>

#include "addon/reactor.h"

namespace leeward {

struct Addon {
    Addon() = default;
    ~Addon() { reactor->Stop(); }
    Addon(const Addon &) = delete;
    Addon &operator=(const Addon &) = delete;

    static Addon &Of(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

    std::shared_ptr<Reactor> reactor = std::make_shared<Reactor>();
};

/* The functions of the addon; what each takes, returns and throws is in src/native/addon.ts. */
Napi::Value SpawnSupervisor(const Napi::CallbackInfo &info);
Napi::Value PeerCredentials(const Napi::CallbackInfo &info);
Napi::Value PeerIsGone(const Napi::CallbackInfo &info);
Napi::Value SealedMemfd(const Napi::CallbackInfo &info);
Napi::Value CloseFd(const Napi::CallbackInfo &info);
Napi::Value Flock(const Napi::CallbackInfo &info);
Napi::Value ResolveCached(const Napi::CallbackInfo &info);
Napi::Value ProbeKernel(const Napi::CallbackInfo &info);

}  // namespace leeward

#endif
