/* The pipes between the supervisor and a job. */
#ifndef LW_PIPES_H
#define LW_PIPES_H

#include "lw_channels.h"

struct lw_worker;

/*
 * Opens those of enum lw_fork_fd from stdin up to `end`, which is left out; the others become -1. ours[] is non-blocking and stays,
 * theirs[] goes to the job. Returns 0, or -errno with nothing open.
 */
int lw_pipes_open(int ours[LW_FORK_FD_COUNT], int theirs[LW_FORK_FD_COUNT], int end);

/* Hands our ends but the report's to the worker's feeds and outputs, which have none. */
void lw_pipes_take(struct lw_worker *worker, const int ours[LW_FORK_FD_COUNT]);

#endif
