/* Resources that are released when they go out of scope, beside the descriptors of lw_fd.h. Not for use after clone. */
#ifndef LW_AUTO_H
#define LW_AUTO_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "lw_fd.h"

static inline void lw_file_cleanup(FILE **file)
{
    if (*file) fclose(*file);
}

static inline void lw_directory_cleanup(DIR **directory)
{
    if (*directory) closedir(*directory);
}

static inline void lw_memory_cleanup(void *pointer)
{
    free(*(void **)pointer);
}

#define LW_AUTO_FILE __attribute__((cleanup(lw_file_cleanup)))
#define LW_AUTO_DIRECTORY __attribute__((cleanup(lw_directory_cleanup)))
#define LW_AUTO_FREE __attribute__((cleanup(lw_memory_cleanup)))

/* Takes the descriptor out of an LW_AUTO_CLOSE variable, which then closes nothing. */
static inline int lw_fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#endif
