/* The supervisor's end of a channel to one of its own processes: what that said before it died is heard. */
#include "lw_test.h"
#include "loop_turn.h"

#include <string.h>
#include <unistd.h>

#include "lw_io.h"
#include "supervisor/channel.h"

static struct lw_loop loop;
static struct lw_channel channel;
static char heard[64];
static int received_count, closed_count;

static void received(struct lw_channel *one, const void *data, size_t size, const int *fds, unsigned fd_count)
{
    (void)one;
    (void)fds;
    (void)fd_count;
    received_count++;
    memcpy(heard, data, size < sizeof(heard) ? size : sizeof(heard));
}

static void closed(struct lw_channel *one)
{
    (void)one;
    closed_count++;
}

/* The peer's end. */
static int begin(void)
{
    int other = -1;
    channel = (struct lw_channel){.received = received, .closed = closed};
    received_count = closed_count = 0;
    if (lw_channel_open(&channel, &loop, &other)) _exit(1);
    return other;
}

static void hear_last_words(int other)
{
    LW_CHECK(lw_io_send(other, "why", 4, NULL, 0) == 0);
    close(other);
    lw_loop_turn(&loop);
    LW_CHECK(received_count == 1 && strcmp(heard, "why") == 0 && closed_count == 1 && channel.error == 0);
}

static void last_words_are_heard(void)
{
    hear_last_words(begin());
}

/* The kernel then answers ECONNRESET before what is in the queue. */
static void last_words_of_one_that_did_not_read_are_heard(void)
{
    int other = begin();
    lw_channel_send(&channel, "request", 8, NULL, 0);
    hear_last_words(other);
}

static void one_that_says_nothing_is_closed(void)
{
    int other = begin();
    lw_channel_send(&channel, "request", 8, NULL, 0);
    close(other);
    lw_loop_turn(&loop);
    LW_CHECK(received_count == 0 && closed_count == 1 && channel.error == 0);
}

int main(void)
{
    if (lw_loop_init(&loop)) return 1;
    LW_RUN(last_words_are_heard);
    LW_RUN(last_words_of_one_that_did_not_read_are_heard);
    LW_RUN(one_that_says_nothing_is_closed);
    return lw_test_status();
}
