/*
 * leeward-resolve PATH: writes the path without symbolic links; the exit status is the errno of what failed, 0 for nothing.
 *
 * The daemon's helper for paths that its kernel cannot answer for at once: what waits for a file server for ever is not the daemon.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lw_fd.h"

int main(int count, char **arguments)
{
    char path[PATH_MAX];
    if (count != 2) return EINVAL;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || !realpath(arguments[1], path)) return errno;
    return -lw_fd_write_all(STDOUT_FILENO, path, strlen(path));
}
