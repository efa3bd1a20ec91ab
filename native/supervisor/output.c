#include "supervisor/output.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lw_plan_gen.h"

#define OUTPUT_CHUNK (65536u - sizeof(struct lw_message_job_output))

static void finish(struct lw_output *output)
{
    lw_loop_close(output->loop, &output->pipe);
    if (output->draining) output->finished(output);
}

static void exceed(struct lw_output *output)
{
    if (output->truncated) return;
    output->truncated = 1;
    output->exceeded(output);
}

/* Forwards up to what is left. Returns 1, or 0 when the daemon takes no more now: then the chunk is kept. */
static int forward(struct lw_output *output, char *message, size_t length)
{
    size_t taken = length > output->left ? (size_t)output->left : length;
    int sent = 1;
    output->left -= taken;
    if (output->window) output->window->used += taken;
    if (taken > 0) {
        struct lw_message_job_output *header = (struct lw_message_job_output *)(void *)message;
        header->header.type = LW_MESSAGE_JOB_OUTPUT;
        header->header.size = (uint32_t)(sizeof(*header) + taken);
        header->header.id = output->job_id;
        header->stream = output->stream;
        header->length = (uint32_t)taken;
        sent = lw_outbox_offer(output->outbox, message, header->header.size);
        if (!sent) {
            lw_outbox_hold(output->outbox, &output->chunk, message, header->header.size);
            lw_loop_must_watch(output->loop, &output->pipe, 0);
        }
    }
    if (taken < length) exceed(output);
    return sent;
}

static size_t least(uint64_t left, size_t right)
{
    return left < right ? (size_t)left : right;
}

/* Bytes that may be read at once. */
static size_t room_of(const struct lw_output *output)
{
    const struct lw_output_window *window = output->window;
    if (output->draining) return least(output->rest, OUTPUT_CHUNK);
    if (!window || !window->size) return OUTPUT_CHUNK;
    return window->used < window->size ? least(window->size - window->used, OUTPUT_CHUNK) : 0;
}

static void await_room(struct lw_output *output)
{
    output->awaits_room = 1;
    lw_loop_must_watch(output->loop, &output->pipe, 0);
}

/* Reads one chunk. Returns 1 when there may be more, 0 when there is none now, at all, or the daemon is slow. */
static int read_chunk(struct lw_output *output)
{
    _Alignas(8) static char message[sizeof(struct lw_message_job_output) + OUTPUT_CHUNK];
    if (output->pipe.fd < 0 || output->chunk.message) return 0;
    size_t wanted = room_of(output);
    if (!wanted && !output->draining) {
        await_room(output);
        return 0;
    }
    ssize_t size = wanted ? read(output->pipe.fd, message + sizeof(struct lw_message_job_output), wanted) : 0;
    if (size > 0) {
        output->rest -= output->draining ? (size_t)size : 0;
        return forward(output, message, (size_t)size);
    }
    if (size < 0 && errno == EINTR) return 1;
    if (size == 0 || output->draining || errno != EAGAIN) finish(output);
    return 0;
}

static void pipe_readable(struct lw_event *event, uint32_t events)
{
    (void)events;
    read_chunk(event->owner);
}

static void read_on(struct lw_output *output)
{
    if (output->draining) {
        while (read_chunk(output)) continue;
    } else {
        lw_loop_must_watch(output->loop, &output->pipe, EPOLLIN);
    }
}

static void chunk_sent(struct lw_outbox_chunk *chunk)
{
    read_on(chunk->owner);
}

void lw_output_init(struct lw_output *output, struct lw_loop *loop, struct lw_outbox *outbox, int pipe, uint32_t stream)
{
    *output = (struct lw_output){.loop = loop,
                                 .outbox = outbox,
                                 .pipe = lw_event_of(pipe, pipe_readable, output),
                                 .stream = stream,
                                 .chunk = {.sent = chunk_sent, .owner = output}};
}

void lw_output_assign(struct lw_output *output, uint64_t job_id, uint64_t max, struct lw_output_window *window)
{
    output->job_id = job_id;
    output->left = max;
    output->window = window;
}

void lw_output_window_taken(struct lw_output_window *window, uint64_t bytes)
{
    window->used -= bytes < window->used ? bytes : window->used;
}

void lw_output_resume(struct lw_output *output)
{
    if (!output->awaits_room || output->draining || output->pipe.fd < 0) return;
    output->awaits_room = 0;
    lw_loop_must_watch(output->loop, &output->pipe, EPOLLIN);
}

void lw_output_start(struct lw_output *output)
{
    lw_loop_must_watch(output->loop, &output->pipe, EPOLLIN);
}

void lw_output_drain(struct lw_output *output)
{
    int rest = 0;
    output->draining = 1;
    if (output->pipe.fd >= 0 && ioctl(output->pipe.fd, FIONREAD, &rest) == 0) output->rest = (size_t)rest;
    lw_loop_must_watch(output->loop, &output->pipe, 0);
    if (output->pipe.fd < 0 && !output->chunk.message)
        output->finished(output);
    else if (!output->chunk.message)
        read_on(output);
}

void lw_output_close(struct lw_output *output)
{
    if (!output->loop) return;
    lw_loop_close(output->loop, &output->pipe);
    lw_outbox_drop(output->outbox, &output->chunk);
}
