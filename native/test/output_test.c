/*
 * The outputs of a job: how much the daemon gets before it says that it took some, and at the end everything that was in the pipe, and
 * nothing that comes from elsewhere.
 */
#include "lw_test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lw_io.h"
#include "loop_turn.h"
#include "lw_plan_gen.h"
#include "supervisor/output.h"

enum { PIPE_SIZE = 65536, IN_PIPE = 40000 };

static struct lw_loop loop;
static struct lw_outbox outbox;
static struct lw_event daemon_socket;
static struct lw_output output;
static struct lw_output_window window;
static int daemon_end, write_end;
static int finished_count, exceeded_count;

static void finished(struct lw_output *one)
{
    (void)one;
    finished_count++;
}

static void exceeded(struct lw_output *one)
{
    (void)one;
    exceeded_count++;
}

static void begin(uint64_t max)
{
    int pipe_ends[2], socket_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, socket_ends) < 0)
        _exit(1);
    fcntl(pipe_ends[0], F_SETFL, O_NONBLOCK);
    write_end = pipe_ends[1];
    daemon_end = socket_ends[1];
    daemon_socket = lw_event_of(socket_ends[0], NULL, NULL);
    lw_outbox_init(&outbox, &loop, &daemon_socket);
    lw_output_init(&output, &loop, &outbox, pipe_ends[0], LW_STREAM_STDOUT);
    output.finished = finished;
    output.exceeded = exceeded;
    finished_count = exceeded_count = 0;
    window = (struct lw_output_window){0};
    lw_output_assign(&output, 7, max, &window);
    lw_output_start(&output);
}

static void end(void)
{
    lw_output_close(&output);
    lw_loop_close(&loop, &daemon_socket);
    close(daemon_end);
    close(write_end);
}

/* Bytes of output that the daemon has got. */
static size_t received(void)
{
    static _Alignas(8) char buffer[LW_MESSAGE_MAX];
    size_t total = 0;
    while (lw_io_receive(daemon_end, buffer, sizeof(buffer), NULL, NULL) > 0)
        total += ((const struct lw_message_job_output *)(void *)buffer)->length;
    return total;
}

static void fill(size_t size)
{
    static char text[IN_PIPE];
    memset(text, 'x', sizeof(text));
    if (write(write_end, text, size) != (ssize_t)size) _exit(1);
}

static void forwards_what_was_in_the_pipe(void)
{
    begin(1 << 20);
    fill(IN_PIPE);
    lw_output_drain(&output);
    LW_CHECK(finished_count == 1 && received() == IN_PIPE && exceeded_count == 0);
    end();
}

static void cuts_what_was_in_the_pipe(void)
{
    begin(1000);
    fill(IN_PIPE);
    lw_output_drain(&output);
    LW_CHECK(finished_count == 1 && received() == 1000 && exceeded_count == 1 && output.truncated);
    end();
}

static void ends_an_empty_pipe(void)
{
    begin(1000);
    lw_output_drain(&output);
    LW_CHECK(finished_count == 1 && received() == 0);
    end();
}

/* A daemon that does not read: control messages until the socket takes no more. Returns how many are in it. */
static unsigned fill_socket(void)
{
    const struct lw_message_header filler = {LW_MESSAGE_POOL_CLOSED, sizeof(filler), 1};
    unsigned count = 0;
    while (lw_io_send(daemon_socket.fd, &filler, sizeof(filler), NULL, 0) == 0) count++;
    return count;
}

static void empty_socket(unsigned count)
{
    struct lw_message_header filler;
    while (count-- > 0) lw_io_receive(daemon_end, &filler, sizeof(filler), NULL, NULL);
}

/* A job can hand its end of the pipe to a process outside, by a socket in a directory that both have mounted. */
static void does_not_count_what_others_write_later(void)
{
    begin(1 << 20);
    unsigned fillers = fill_socket();
    fill(IN_PIPE);
    fill(PIPE_SIZE - IN_PIPE);
    lw_output_drain(&output);
    LW_CHECK(finished_count == 0);
    fill(IN_PIPE);
    empty_socket(fillers);
    lw_outbox_flush(&outbox);
    LW_CHECK(finished_count == 1 && received() == PIPE_SIZE);
    end();
}

static void take(uint64_t bytes)
{
    lw_output_window_taken(&window, bytes);
    lw_output_resume(&output);
    lw_loop_turn(&loop);
}

static void reads_no_more_than_its_window(void)
{
    begin(1 << 20);
    window.size = 1000;
    fill(IN_PIPE);
    lw_loop_turn(&loop);
    LW_CHECK(received() == 1000);
    take(300);
    LW_CHECK(received() == 300);
    take(0);
    LW_CHECK(received() == 0);
    take(1000);
    LW_CHECK(received() == 1000);
    end();
}

/* It would get more than its window for it. */
static void counts_only_what_the_daemon_has(void)
{
    begin(1 << 20);
    window.size = 1000;
    take(UINT64_MAX);
    fill(IN_PIPE);
    lw_loop_turn(&loop);
    LW_CHECK(received() == 1000);
    take(UINT64_MAX);
    LW_CHECK(received() == 1000);
    end();
}

static void streams_share_their_window(void)
{
    int ends[2];
    struct lw_output other;
    begin(1 << 20);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) _exit(1);
    lw_output_init(&other, &loop, &outbox, ends[0], LW_STREAM_STDERR);
    lw_output_assign(&other, 7, 1 << 20, &window);
    lw_output_start(&other);
    window.size = 1000;
    fill(IN_PIPE);
    lw_loop_turn(&loop);
    LW_CHECK(received() == 1000);
    LW_CHECK(write(ends[1], "error", 5) == 5);
    lw_loop_turn(&loop);
    LW_CHECK(received() == 0);
    lw_output_window_taken(&window, 10);
    lw_output_resume(&other);
    lw_loop_turn(&loop);
    LW_CHECK(received() == 5);
    lw_output_close(&other);
    close(ends[1]);
    end();
}

static void forwards_the_rest_whatever_its_window(void)
{
    begin(1 << 20);
    window.size = 1000;
    fill(IN_PIPE);
    lw_loop_turn(&loop);
    lw_output_drain(&output);
    LW_CHECK(finished_count == 1 && received() == IN_PIPE);
    take(1000);
    LW_CHECK(received() == 0);
    end();
}

/* Until the daemon reads its socket again, the pipe of a dead job is not watched: it would always be ready. */
static void a_late_word_wakes_nobody(void)
{
    begin(1 << 20);
    window.size = 1000;
    fill(IN_PIPE);
    lw_loop_turn(&loop);
    LW_CHECK(received() == 1000);
    unsigned fillers = fill_socket();
    lw_output_drain(&output);
    LW_CHECK(finished_count == 0);
    take(1000);
    LW_CHECK(output.pipe.interest == 0 && finished_count == 0);
    empty_socket(fillers);
    lw_outbox_flush(&outbox);
    LW_CHECK(finished_count == 1 && received() == IN_PIPE - 1000);
    end();
}

/* A message that can never be sent must not be lost in silence: the daemon would wait for an end that has been thrown away. */
static void a_socket_that_takes_no_chunk_is_given_up(void)
{
    const int tiny = 1;
    char byte;
    begin(1 << 20);
    LW_CHECK(setsockopt(daemon_socket.fd, SOL_SOCKET, SO_SNDBUF, &tiny, sizeof(tiny)) == 0);
    fill(IN_PIPE);
    lw_output_drain(&output);
    LW_CHECK(finished_count == 1 && outbox.closed);
    LW_CHECK(recv(daemon_socket.fd, &byte, 1, 0) == 0 && recv(daemon_end, &byte, 1, 0) == 0);
    end();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (lw_loop_init(&loop)) return 1;
    LW_RUN(forwards_what_was_in_the_pipe);
    LW_RUN(cuts_what_was_in_the_pipe);
    LW_RUN(ends_an_empty_pipe);
    LW_RUN(does_not_count_what_others_write_later);
    LW_RUN(reads_no_more_than_its_window);
    LW_RUN(counts_only_what_the_daemon_has);
    LW_RUN(streams_share_their_window);
    LW_RUN(forwards_the_rest_whatever_its_window);
    LW_RUN(a_late_word_wakes_nobody);
    LW_RUN(a_socket_that_takes_no_chunk_is_given_up);
    return lw_test_status();
}
