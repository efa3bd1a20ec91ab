/*
 * A file descriptor that closes itself. Moves, never copies.
 */
#ifndef LEEWARD_ADDON_UNIQUE_FD_H
#define LEEWARD_ADDON_UNIQUE_FD_H

#include <unistd.h>

#include <utility>

namespace leeward {

class UniqueFd {
 public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    ~UniqueFd() { Reset(); }

    UniqueFd(const UniqueFd &) = delete;
    UniqueFd &operator=(const UniqueFd &) = delete;
    UniqueFd(UniqueFd &&other) noexcept : fd_(other.Release()) {}
    UniqueFd &operator=(UniqueFd &&other) noexcept
    {
        if (this != &other) Reset(other.Release());
        return *this;
    }

    int Get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

    /* Gives the descriptor away; the caller closes it. */
    int Release() { return std::exchange(fd_, -1); }

    void Reset(int fd = -1)
    {
        if (fd_ >= 0) close(fd_);
        fd_ = fd;
    }

 private:
    int fd_ = -1;
};

}  // namespace leeward

#endif
