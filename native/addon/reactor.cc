#include "addon/reactor.h"

#include <cerrno>
#include <csignal>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace leeward {

namespace {

constexpr Reactor::Token kWakeToken = 0;
constexpr int kEventsPerTurn = 32;

int Control(int epoll, int operation, int fd, uint32_t events, Reactor::Token token)
{
    epoll_event event = {};
    event.events = events;
    event.data.u64 = token;
    return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

/* Signals are the main thread's: without this, one could interrupt the reactor instead of it. */
int CreateThreadWithoutSignals(pthread_t *thread, void *(*main)(void *), void *argument)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, nullptr, main, argument);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return -error;
}

}  // namespace

void *Reactor::ThreadMain(void *reactor)
{
    pthread_setname_np(pthread_self(), "leeward-reactor");
    static_cast<Reactor *>(reactor)->Run();
    return nullptr;
}

int Reactor::StartLocked()
{
    epoll_.Reset(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) return -errno;
    wake_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_) return -errno;
    int result = Control(epoll_.Get(), EPOLL_CTL_ADD, wake_.Get(), EPOLLIN, kWakeToken);
    if (result == 0) result = CreateThreadWithoutSignals(&thread_, ThreadMain, this);
    running_ = result == 0;
    return result;
}

int Reactor::Add(int fd, uint32_t events, std::shared_ptr<Watcher> watcher, Token *token)
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return -ESHUTDOWN;
    if (!running_) {
        int started = StartLocked();
        if (started < 0) return started;
    }
    *token = next_token_++;
    int result = Control(epoll_.Get(), EPOLL_CTL_ADD, fd, events, *token);
    if (result == 0) watchers_.emplace(*token, std::move(watcher));
    return result;
}

int Reactor::Modify(int fd, uint32_t events, Token token)
{
    std::lock_guard<std::mutex> lock(mutex_);
    return running_ ? Control(epoll_.Get(), EPOLL_CTL_MOD, fd, events, token) : -ESHUTDOWN;
}

void Reactor::Remove(int fd, Token token)
{
    /* The watcher may own the last reference to what is calling us: it is let go outside the lock. */
    std::shared_ptr<Watcher> forgotten;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = watchers_.find(token);
    if (found == watchers_.end()) return;
    forgotten = std::move(found->second);
    watchers_.erase(found);
    if (running_) Control(epoll_.Get(), EPOLL_CTL_DEL, fd, 0, token);
}

void Reactor::Dispatch(Token token, uint32_t events)
{
    std::shared_ptr<Watcher> watcher;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = watchers_.find(token);
        /* An event that epoll_wait had already returned when the watch ended. */
        if (found == watchers_.end()) return;
        watcher = found->second;
    }
    watcher->OnReady(events);
}

void Reactor::Run()
{
    epoll_event events[kEventsPerTurn];
    for (;;) {
        int count = epoll_wait(epoll_.Get(), events, kEventsPerTurn, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.u64 == kWakeToken) return;
            Dispatch(events[i].data.u64, events[i].events);
        }
    }
}

void Reactor::Stop()
{
    std::unordered_map<Token, std::shared_ptr<Watcher>> forgotten;
    bool join;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        join = running_;
        running_ = false;
        stopped_ = true;
        forgotten.swap(watchers_);
    }
    if (!join) return;
    uint64_t one = 1;
    if (write(wake_.Get(), &one, sizeof(one)) == static_cast<ssize_t>(sizeof(one))) pthread_join(thread_, nullptr);
}

}  // namespace leeward
