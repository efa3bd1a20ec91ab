/* A FUSE file system whose server does not answer, as a dead file server's does not: fuse.h of the kernel, mount(2). */
#ifndef LW_STUCK_FILE_SYSTEM_H
#define LW_STUCK_FILE_SYSTEM_H

#include <sys/types.h>

/*
 * Mounts an empty directory at `path`, which everybody may read and write. `unanswered` is the number of a request (enum fuse_opcode)
 * that waits for ever. Returns the pid of the server, a child, whose end ends all waiting; or -errno where there is no FUSE.
 */
pid_t stuck_file_system_mount(const char *path, unsigned unanswered);

#endif
