#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

#include "addon/addon.h"
#include "addon/error.h"
#include "addon/unique_fd.h"

namespace leeward {

namespace {

int WriteAll(int fd, const uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(fd, data + done, size - done);
        if (written < 0 && errno != EINTR) return -errno;
        if (written > 0) done += static_cast<size_t>(written);
    }
    return 0;
}

}  // namespace

Napi::Value SealedMemfd(const Napi::CallbackInfo &info)
{
    Napi::Env env = info.Env();
    if (!info[0].IsString() || !info[1].IsBuffer()) {
        return ThrowCode(env, "LW_NATIVE_ARGUMENT", "sealedMemfd: needs a name and a Buffer");
    }
    std::string name = info[0].As<Napi::String>().Utf8Value();
    Napi::Buffer<uint8_t> data = info[1].As<Napi::Buffer<uint8_t>>();
    UniqueFd fd(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return ThrowErrno(env, "memfd_create", errno);
    int result = WriteAll(fd.Get(), data.Data(), data.Length());
    if (result < 0) return ThrowErrno(env, "write", -result);
    /* Rewound: a job that gets this as its standard input begins at the start. */
    if (lseek(fd.Get(), 0, SEEK_SET) < 0) return ThrowErrno(env, "lseek", errno);
    constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (fcntl(fd.Get(), F_ADD_SEALS, kSeals) < 0) return ThrowErrno(env, "fcntl", errno);
    return Napi::Number::New(env, fd.Release());
}

}  // namespace leeward
