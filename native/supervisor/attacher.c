#include "supervisor/attacher.h"

#include <errno.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_namespaces.h"
#include "supervisor/mounter.h"
#include "supervisor/process.h"

static void received(struct lw_channel *channel, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    struct lw_attacher *attacher = channel->owner;
    for (unsigned i = 0; i < fd_count; i++) close(fds[i]);
    if (size == sizeof(struct lw_attach_reply)) attacher->replied(attacher, data);
}

/* The pidfd tells that it is over. */
static void channel_closed(struct lw_channel *channel)
{
    struct lw_attacher *attacher = channel->owner;
    lw_process_kill(attacher->process.fd);
}

static void process_ended(struct lw_event *event, uint32_t events)
{
    struct lw_attacher *attacher = event->owner;
    siginfo_t info;
    (void)events;
    if (lw_process_reap(event->fd, &info) == 0) return;
    int error = lw_process_error(&info, attacher->channel.error, EPIPE);
    lw_attacher_stop(attacher);
    attacher->lost(attacher, error);
}

void lw_attacher_init(struct lw_attacher *attacher, struct lw_loop *loop)
{
    attacher->loop = loop;
    attacher->process = lw_event_of(-1, process_ended, attacher);
    attacher->channel.event = lw_event_of(-1, NULL, attacher);
    attacher->channel.received = received;
    attacher->channel.closed = channel_closed;
    attacher->channel.owner = attacher;
}

int lw_attacher_start(struct lw_attacher *attacher, struct lw_loop *loop)
{
    lw_attacher_init(attacher, loop);
    LW_AUTO_CLOSE int other = -1;
    int error = lw_channel_open(&attacher->channel, loop, &other);
    if (error) return error;
    attacher->pid = lw_clone(0, &attacher->process.fd);
    if (attacher->pid == 0) lw_mounter_main(other);
    if (attacher->pid > 0) return lw_loop_watch(loop, &attacher->process, EPOLLIN);
    lw_channel_close(&attacher->channel);
    return attacher->pid;
}

/* A channel that is closed while the process is still there means that it dies: `lost` follows for this request, too. */
int lw_attacher_send(struct lw_attacher *attacher, const struct lw_attach_request *request, const int *fds)
{
    int error = fds[0] < 0 ? fds[0] : attacher->process.fd < 0 ? lw_attacher_start(attacher, attacher->loop) : 0;
    uint32_t fd_count = lw_attach_fd_count(request);
    if (error) {
        for (uint32_t i = 0; i < fd_count; i++) {
            if (fds[i] >= 0) close(fds[i]);
        }
        return error;
    }
    size_t size = offsetof(struct lw_attach_request, mounts) + request->count * sizeof(request->mounts[0]);
    lw_channel_send(&attacher->channel, request, size, fds, fd_count);
    return 0;
}

void lw_attacher_stop(struct lw_attacher *attacher)
{
    lw_channel_close(&attacher->channel);
    lw_loop_close(attacher->loop, &attacher->process);
    attacher->pid = 0;
}
