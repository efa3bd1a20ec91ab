/*
 * One thread with an epoll set, for the descriptors that libuv cannot watch for us: packet sockets with descriptors attached, and
 * pidfds. One reactor an environment; the thread starts with the first descriptor, blocks all signals and never runs JavaScript.
 */
#ifndef LEEWARD_ADDON_REACTOR_H
#define LEEWARD_ADDON_REACTOR_H

#include <pthread.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "addon/unique_fd.h"

namespace leeward {

/* Something that wants to know that its descriptor is ready. */
class Watcher {
 public:
    virtual ~Watcher() = default;
    /*
     * Called on the reactor's thread with the EPOLL* bits, without the reactor's lock. It can be called once more while or after
     * Remove() runs on another thread: an implementation has a lock and a closed state of its own.
     */
    virtual void OnReady(uint32_t events) = 0;
};

class Reactor {
 public:
    using Token = uint64_t;

    Reactor() = default;
    Reactor(const Reactor &) = delete;
    Reactor &operator=(const Reactor &) = delete;

    /* Watches `fd`; 0 or -errno. The watcher is kept alive until Remove. */
    int Add(int fd, uint32_t events, std::shared_ptr<Watcher> watcher, Token *token);
    /* Other events for a watched descriptor; 0 or -errno. */
    int Modify(int fd, uint32_t events, Token token);
    /* Ends the watch. Must come before the descriptor is closed. */
    void Remove(int fd, Token token);
    /* Ends the thread and forgets every watcher; Add is -ESHUTDOWN from then on. Not from the reactor's thread. */
    void Stop();

 private:
    int StartLocked();
    void Run();
    void Dispatch(Token token, uint32_t events);
    static void *ThreadMain(void *reactor);

    std::mutex mutex_;
    std::unordered_map<Token, std::shared_ptr<Watcher>> watchers_;
    Token next_token_ = 1; /* 0 is the wake-up's */
    UniqueFd epoll_;
    UniqueFd wake_;
    pthread_t thread_{};
    bool running_ = false;
    bool stopped_ = false;
};

}  // namespace leeward

#endif
