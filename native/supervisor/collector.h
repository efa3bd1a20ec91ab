/*
 * Collecting: an opener copies files that a job has left in its mounts into a memfd, with the rights of the peer. Whatever the job, or
 * anybody else who may write there, has put in place of a file is named and not read.
 */
#ifndef LW_COLLECTOR_H
#define LW_COLLECTOR_H

#include "lw_channels.h"

/* Files of one request, whether they are copied or only named. */
#define LW_COLLECT_FILES_MAX 256u

/*
 * `strings` are the folder and the name of each pattern in turn, `mounts` the descriptors that the request counts.
 * Returns a sealed memfd of records (struct lw_collected_record), or -errno. Never allocates.
 */
int lw_collector_run(const struct lw_collect_request *request, const char *const *strings, const int *mounts);

#endif
