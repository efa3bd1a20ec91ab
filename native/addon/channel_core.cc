#include "addon/channel_core.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

namespace leeward {

/* The reactor's threads keep a core alive only while it is watched. */
struct ChannelCore::SocketWatcher final : Watcher {
    explicit SocketWatcher(std::shared_ptr<ChannelCore> owner) : core(std::move(owner)) {}
    void OnReady(uint32_t events) override { core->OnSocket(events); }
    std::shared_ptr<ChannelCore> core;
};

struct ChannelCore::ExitWatcher final : Watcher {
    explicit ExitWatcher(std::shared_ptr<ChannelCore> owner) : core(std::move(owner)) {}
    void OnReady(uint32_t) override { core->OnExit(); }
    std::shared_ptr<ChannelCore> core;
};

ChannelCore::ChannelCore(std::shared_ptr<Reactor> reactor, UniqueFd socket, UniqueFd pidfd)
    : reactor_(std::move(reactor)), socket_(std::move(socket)), pidfd_(std::move(pidfd))
{
}

ChannelCore::~ChannelCore() = default;

void ChannelCore::Attach(napi_threadsafe_function function)
{
    std::lock_guard<std::mutex> lock(mutex_);
    function_ = function;
}

UniqueFd ChannelCore::Detach()
{
    std::lock_guard<std::mutex> lock(mutex_);
    function_ = nullptr;
    CloseSocketLocked();
    StopExitWatchLocked();
    return std::move(pidfd_);
}

int ChannelCore::StartReading()
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!socket_) return -EPIPE;
    reading_ = true;
    return UpdateInterestLocked();
}

int ChannelCore::WatchExit()
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!pidfd_ || exit_token_ != 0) return 0;
    return reactor_->Add(pidfd_.Get(), EPOLLIN, std::make_shared<ExitWatcher>(shared_from_this()), &exit_token_);
}

int ChannelCore::Send(const uint8_t *data, size_t size, const int *fds, size_t fd_count)
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!socket_) return -EPIPE;
    /* Order is kept: nothing overtakes what is queued. */
    if (!queue_.empty()) return QueueLocked(data, size, fds, fd_count);
    int result = SendPacket(socket_.Get(), data, size, fds, fd_count);
    if (result == -EAGAIN) return QueueLocked(data, size, fds, fd_count);
    return result == 0 ? 1 : result;
}

int ChannelCore::QueueLocked(const uint8_t *data, size_t size, const int *fds, size_t fd_count)
{
    if (queue_.size() >= kQueuedPacketsMax || queued_bytes_ + size > kQueuedBytesMax) return -ENOBUFS;
    Packet packet;
    packet.data.assign(data, data + size);
    for (size_t i = 0; i < fd_count; i++) {
        int copy = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
        if (copy < 0) return -errno;
        packet.fds.emplace_back(copy);
    }
    queue_.push_back(std::move(packet));
    queued_bytes_ += size;
    return UpdateInterestLocked();
}

int ChannelCore::Kill(int signal)
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!pidfd_) return -ESRCH;
    return syscall(SYS_pidfd_send_signal, pidfd_.Get(), signal, nullptr, 0) < 0 ? -errno : 0;
}

void ChannelCore::Delivered(size_t count)
{
    std::lock_guard<std::mutex> lock(mutex_);
    undelivered_ -= count;
    if (socket_) UpdateInterestLocked();
}

void ChannelCore::Close()
{
    std::lock_guard<std::mutex> lock(mutex_);
    CloseSocketLocked();
}

void ChannelCore::Shut()
{
    napi_threadsafe_function function;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        CloseSocketLocked();
        StopExitWatchLocked();
        function = std::exchange(function_, nullptr);
    }
    if (function != nullptr) napi_release_threadsafe_function(function, napi_tsfn_release);
}

/*
 * What epoll shall tell us. A paused socket is taken out of the set instead of being left there without events: a hang-up cannot be
 * masked and would turn the thread into a busy loop.
 */
int ChannelCore::UpdateInterestLocked()
{
    uint32_t events = 0;
    if (reading_ && undelivered_ < kUndeliveredMax) events |= EPOLLIN;
    if (!queue_.empty()) events |= EPOLLOUT;
    if (socket_token_ != 0 && events != 0) return reactor_->Modify(socket_.Get(), events, socket_token_);
    if (socket_token_ != 0) {
        reactor_->Remove(socket_.Get(), std::exchange(socket_token_, 0));
        return 0;
    }
    if (events == 0) return 0;
    return reactor_->Add(socket_.Get(), events, std::make_shared<SocketWatcher>(shared_from_this()), &socket_token_);
}

void ChannelCore::OnSocket(uint32_t events)
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!socket_) return;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) FlushLocked();
    if (!socket_) return;
    if (reading_ && undelivered_ < kUndeliveredMax) ReadLocked();
    if (socket_) UpdateInterestLocked();
}

void ChannelCore::FlushLocked()
{
    while (!queue_.empty()) {
        Packet &packet = queue_.front();
        std::vector<int> fds;
        for (const UniqueFd &fd : packet.fds) fds.push_back(fd.Get());
        int result = SendPacket(socket_.Get(), packet.data.data(), packet.data.size(), fds.data(), fds.size());
        if (result == -EAGAIN) return;
        if (result < 0) {
            /* Nobody will take the rest. That a peer has gone, the reading side learns and tells; anything else it would not. */
            queue_.clear();
            queued_bytes_ = 0;
            if (result != -EPIPE && result != -ECONNRESET) EndLocked(-result);
            return;
        }
        queued_bytes_ -= packet.data.size();
        queue_.pop_front();
    }
}

ChannelCore::Drain ChannelCore::ReceiveLocked(std::vector<Packet> *batch, int *broken)
{
    /* Only the reactor's thread reads, so that one buffer is enough. */
    static thread_local std::unique_ptr<uint8_t[]> scratch(new uint8_t[kPacketMax]);
    Packet packet;
    int result = ReceivePacket(socket_.Get(), scratch.get(), &packet);
    if (result == 1) {
        batch->push_back(std::move(packet));
        return Drain::kMore;
    }
    if (result == -EAGAIN) return Drain::kWait;
    /* The peer closed with packets of ours unread. The kernel says so once, before what the peer had sent (sock_error). */
    if (result == -ECONNRESET) return Drain::kMore;
    *broken = -result;
    return Drain::kEnd;
}

void ChannelCore::ReadLocked()
{
    std::vector<Packet> batch;
    int broken = 0;
    Drain drain = Drain::kMore;
    for (size_t turn = 0; turn < kBatchMax && drain == Drain::kMore; turn++) drain = ReceiveLocked(&batch, &broken);
    if (!batch.empty()) {
        undelivered_ += batch.size();
        auto event = std::make_unique<ChannelEvent>();
        event->kind = ChannelEvent::Kind::kPackets;
        event->packets = std::move(batch);
        PostLocked(std::move(event));
    }
    if (drain == Drain::kEnd) EndLocked(broken);
}

void ChannelCore::EndLocked(int errno_value)
{
    CloseSocketLocked();
    auto event = std::make_unique<ChannelEvent>();
    event->kind = ChannelEvent::Kind::kClosed;
    event->errno_value = errno_value;
    PostLocked(std::move(event));
}

void ChannelCore::OnExit()
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!pidfd_) return;
    auto event = std::make_unique<ChannelEvent>();
    event->kind = ChannelEvent::Kind::kExited;
    int result = ReapChild(pidfd_.Get(), &event->exit);
    if (result == 0) return;
    /* On an error someone else has reaped it: that it ended is still true. */
    StopExitWatchLocked();
    pidfd_.Reset();
    PostLocked(std::move(event));
}

void ChannelCore::CloseSocketLocked()
{
    if (socket_token_ != 0) reactor_->Remove(socket_.Get(), std::exchange(socket_token_, 0));
    socket_.Reset();
    queue_.clear();
    queued_bytes_ = 0;
}

void ChannelCore::StopExitWatchLocked()
{
    if (exit_token_ != 0) reactor_->Remove(pidfd_.Get(), std::exchange(exit_token_, 0));
}

void ChannelCore::PostLocked(std::unique_ptr<ChannelEvent> event)
{
    if (function_ == nullptr) return;
    napi_status status = napi_call_threadsafe_function(function_, event.get(), napi_tsfn_nonblocking);
    if (status == napi_ok) {
        event.release();
    } else if (status == napi_closing) {
        /* The environment is ending. By this answer our reference is gone as well (node_api.h). */
        function_ = nullptr;
    }
}

}  // namespace leeward
