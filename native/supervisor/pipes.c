#include "supervisor/pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"
#include "supervisor/pool.h"

/*
 * One pipe. It is the supervisor's, and the job has another id: the mode lets the job open its own end again as /dev/stdout. Nobody else
 * has a name for it: /proc/PID/fd asks for the right to trace.
 */
static int open_pipe(int ours_reads, int *ours, int *theirs)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    *ours = ends[ours_reads ? 0 : 1];
    *theirs = ends[ours_reads ? 1 : 0];
    if (fchmod(*theirs, ours_reads ? 0222 : 0444) < 0) return -errno;
    return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* In the order of enum lw_fork_fd; 1: we read. */
static const int we_read[LW_FORK_FD_COUNT] = {
    [LW_FORK_FD_STDOUT] = 1, [LW_FORK_FD_STDERR] = 1, [LW_FORK_FD_CLAIMS] = 1, [LW_FORK_FD_REPORT] = 1};

int lw_pipes_open(int ours[LW_FORK_FD_COUNT], int theirs[LW_FORK_FD_COUNT], int end)
{
    for (int i = 0; i < LW_FORK_FD_COUNT; i++) ours[i] = theirs[i] = -1;
    for (int i = LW_FORK_FD_STDIN; i < end; i++) {
        int error = open_pipe(we_read[i], &ours[i], &theirs[i]);
        if (!error) continue;
        for (int k = LW_FORK_FD_STDIN; k <= i; k++) {
            lw_fd_cleanup(&ours[k]);
            lw_fd_cleanup(&theirs[k]);
        }
        return error;
    }
    return 0;
}

void lw_pipes_take(struct lw_worker *worker, const int ours[LW_FORK_FD_COUNT])
{
    struct lw_loop *loop = &worker->pool->supervisor->loop;
    struct lw_outbox *outbox = &worker->pool->supervisor->outbox;
    lw_feed_init(&worker->input, loop, ours[LW_FORK_FD_STDIN]);
    lw_feed_init(&worker->payload, loop, ours[LW_FORK_FD_PAYLOAD]);
    lw_output_init(&worker->outputs[LW_OUTPUT_STDOUT], loop, outbox, ours[LW_FORK_FD_STDOUT], LW_STREAM_STDOUT);
    lw_output_init(&worker->outputs[LW_OUTPUT_STDERR], loop, outbox, ours[LW_FORK_FD_STDERR], LW_STREAM_STDERR);
    lw_output_init(&worker->outputs[LW_OUTPUT_CLAIMS], loop, outbox, ours[LW_FORK_FD_CLAIMS], LW_STREAM_CLAIMS);
}
