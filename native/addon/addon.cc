#include "addon/addon.h"

#include "addon/channel.h"

namespace {

Napi::Object Initialize(Napi::Env env, Napi::Object exports)
{
    env.SetInstanceData(new leeward::Addon());
    exports.Set("Channel", leeward::Channel::Define(env));
    exports.Set("spawnSupervisor", Napi::Function::New(env, leeward::SpawnSupervisor, "spawnSupervisor"));
    exports.Set("peerCredentials", Napi::Function::New(env, leeward::PeerCredentials, "peerCredentials"));
    exports.Set("peerIsGone", Napi::Function::New(env, leeward::PeerIsGone, "peerIsGone"));
    exports.Set("sealedMemfd", Napi::Function::New(env, leeward::SealedMemfd, "sealedMemfd"));
    exports.Set("closeFd", Napi::Function::New(env, leeward::CloseFd, "closeFd"));
    exports.Set("flock", Napi::Function::New(env, leeward::Flock, "flock"));
    exports.Set("resolveCached", Napi::Function::New(env, leeward::ResolveCached, "resolveCached"));
    exports.Set("probeKernel", Napi::Function::New(env, leeward::ProbeKernel, "probeKernel"));
    return exports;
}

}  // namespace

NODE_API_MODULE(leeward, Initialize)
