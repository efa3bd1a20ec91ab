/*
 * Descriptors: closing, arranging, whole reads and writes. Nothing here allocates; all may be used after clone.
 */
#ifndef LW_FD_H
#define LW_FD_H

#include <limits.h>
#include <stddef.h>

/* Closes *fd when it is one; for LW_AUTO_CLOSE. */
void lw_fd_cleanup(int *fd);

/* An int that holds a descriptor or a negative value, closed when it goes out of scope. */
#define LW_AUTO_CLOSE __attribute__((cleanup(lw_fd_cleanup)))

/* Reads exactly `size` bytes. Returns 0, -EPIPE at an early end, or -errno. */
int lw_fd_read_exact(int fd, void *data, size_t size);

/* Writes all of `data`. Returns 0 or -errno. */
int lw_fd_write_all(int fd, const void *data, size_t size);

/* Writes `text` to the existing file `path` in one write(2), as files of proc and cgroups want it. Returns 0 or -errno. */
int lw_fd_write_file(const char *path, const char *text);

/* The same; a relative path is one of `directory`. */
int lw_fd_write_file_at(int directory, const char *path, const char *text);

/* The path by which the kernel knows what is open, with " (deleted)" at its end once it has lost that name. Returns 0 or -errno. */
int lw_fd_path(int fd, char path[PATH_MAX]);

/* Largest number of descriptors that lw_fd_arrange and lw_fd_close_except take. */
#define LW_FD_ARRANGE_MAX 16u

/*
 * Makes descriptors[i] the descriptor with number i, for every i below `count`, not close-on-exec, and closes all others.
 * The same descriptor may stand in several places. Returns 0 or -errno; then descriptors are in no defined state.
 */
int lw_fd_arrange(const int *descriptors, unsigned count);

/* Closes every descriptor but those of `keep` (negative ones are ignored). Returns 0 or -errno. */
int lw_fd_close_except(const int *keep, unsigned count);

#endif
