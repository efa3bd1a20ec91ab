/*
 * A channel to a supervisor without its JavaScript face: the packet socket, the queue of packets that the socket did not take at
 * once, and the pidfd of the child behind it. Shared by the JavaScript thread and the reactor's; one lock guards everything.
 */
#ifndef LEEWARD_ADDON_CHANNEL_CORE_H
#define LEEWARD_ADDON_CHANNEL_CORE_H

#include <node_api.h>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "addon/child.h"
#include "addon/packet_socket.h"
#include "addon/reactor.h"
#include "addon/unique_fd.h"

namespace leeward {

/* What the reactor's thread tells the JavaScript thread. */
struct ChannelEvent {
    enum class Kind { kPackets, kClosed, kExited };
    Kind kind;
    std::vector<Packet> packets; /* kPackets */
    int errno_value = 0;         /* kClosed: 0 when the peer closed, else what broke the channel */
    ExitStatus exit;             /* kExited */
};

class ChannelCore : public std::enable_shared_from_this<ChannelCore> {
 public:
    /* Packets of one batch, so that a chatty supervisor cannot keep JavaScript from other work. */
    static constexpr size_t kBatchMax = 64;
    /* Back-pressure: with this many packets not yet handed to JavaScript, nothing more is read. */
    static constexpr size_t kUndeliveredMax = 1024;
    /* What may wait for a supervisor that does not read. */
    static constexpr size_t kQueuedPacketsMax = 1024;
    static constexpr size_t kQueuedBytesMax = 16 << 20;

    ChannelCore(std::shared_ptr<Reactor> reactor, UniqueFd socket, UniqueFd pidfd);
    ~ChannelCore();

    /* Takes over one reference of `function`, through which events go from now on. */
    void Attach(napi_threadsafe_function function);
    /* The thread-safe function is about to be gone (its finalizer calls this): closes all. The pidfd of a child not yet reaped. */
    UniqueFd Detach();

    /* 0 or -errno. Until then nothing is read, and the peer's end is not noticed. */
    int StartReading();
    /* 0 or -errno. Without a pidfd there is nothing to watch: 0. */
    int WatchExit();

    /* 1: sent; 0: queued, with duplicates of the descriptors; -ENOBUFS: the queue is full; -EPIPE: closed; else -errno. */
    int Send(const uint8_t *data, size_t size, const int *fds, size_t fd_count);
    /* Signals the child through its pidfd, so that nobody else can be hit; 0, or -ESRCH when it has ended. */
    int Kill(int signal);
    /* JavaScript has taken `count` packets. */
    void Delivered(size_t count);
    /* Closes the socket; what is queued is dropped. A watch of the child goes on. */
    void Close();
    /* Close, and end the watch as well: the last event has been sent. */
    void Shut();

 private:
    struct SocketWatcher;
    struct ExitWatcher;
    enum class Drain { kMore, kWait, kEnd };

    void OnSocket(uint32_t events);
    void OnExit();
    void FlushLocked();
    void ReadLocked();
    Drain ReceiveLocked(std::vector<Packet> *batch, int *broken);
    void EndLocked(int errno_value);
    int UpdateInterestLocked();
    void CloseSocketLocked();
    void StopExitWatchLocked();
    void PostLocked(std::unique_ptr<ChannelEvent> event);
    int QueueLocked(const uint8_t *data, size_t size, const int *fds, size_t fd_count);

    std::mutex mutex_;
    std::shared_ptr<Reactor> reactor_;
    napi_threadsafe_function function_ = nullptr;

    UniqueFd socket_;
    Reactor::Token socket_token_ = 0; /* 0: not watched */
    bool reading_ = false;
    size_t undelivered_ = 0;
    std::deque<Packet> queue_;
    size_t queued_bytes_ = 0;

    UniqueFd pidfd_;
    Reactor::Token exit_token_ = 0;
};

}  // namespace leeward

#endif
