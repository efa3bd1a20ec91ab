/* What a job was fed, and whether it has read it: only what was not read may be fed to another one. */
#include "lw_test.h"
#include "loop_turn.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "supervisor/feed.h"

enum { SMALL = 1000, LARGE = 300000 }; /* a pipe holds 65536 */

static struct lw_loop loop;
static struct lw_feed feed;
static int reader;
static int gone_count;

static void reader_gone(struct lw_feed *one)
{
    gone_count++;
    lw_loop_must_watch(one->loop, &one->pipe, 0);
}

static void begin(size_t size, int waits_for_reader)
{
    int ends[2], source = memfd_create("source", MFD_CLOEXEC);
    if (pipe2(ends, O_CLOEXEC) < 0 || source < 0 || ftruncate(source, (off_t)size) < 0) _exit(1);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    reader = ends[0];
    gone_count = 0;
    lw_feed_init(&feed, &loop, ends[1]);
    if (waits_for_reader) feed.reader_gone = reader_gone;
    lw_feed_start(&feed, source);
}

static size_t read_some(size_t size)
{
    static char buffer[LARGE];
    ssize_t got = read(reader, buffer, size);
    return got < 0 ? 0 : (size_t)got;
}

static void what_nobody_read_is_not_read(void)
{
    begin(SMALL, 1);
    lw_loop_turn(&loop);
    LW_CHECK(!lw_feed_is_read(&feed) && gone_count == 0);
    close(reader);
    lw_loop_turn(&loop);
    LW_CHECK(!lw_feed_is_read(&feed) && gone_count == 1);
    int source = lw_feed_take_back(&feed);
    LW_CHECK(lseek(source, 0, SEEK_END) == SMALL && feed.pipe.fd < 0);
    close(source);
}

static void a_reader_that_was_dead_before_got_nothing(void)
{
    int ends[2], source = memfd_create("source", MFD_CLOEXEC);
    LW_CHECK(pipe2(ends, O_CLOEXEC) == 0 && ftruncate(source, SMALL) == 0);
    close(ends[0]);
    gone_count = 0;
    lw_feed_init(&feed, &loop, ends[1]);
    feed.reader_gone = reader_gone;
    lw_feed_start(&feed, source);
    LW_CHECK(gone_count == 1 && !lw_feed_is_read(&feed));
    lw_feed_close(&feed);
}

/* The first read(2) of a worker asks for the length alone: killed in it, it may have got that and never saw it. */
static void what_was_read_in_part_is_not_read(void)
{
    const size_t sizes[] = {SMALL, LARGE};
    for (int i = 0; i < 2; i++) {
        begin(sizes[i], 1);
        LW_CHECK(read_some(4) == 4);
        lw_loop_turn(&loop);
        close(reader);
        lw_loop_turn(&loop);
        LW_CHECK(gone_count == 1 && !lw_feed_is_read(&feed));
        lw_feed_close(&feed);
    }
}

static void what_was_read_to_the_last_byte_is_read(void)
{
    begin(SMALL, 1);
    lw_loop_turn(&loop);
    LW_CHECK(read_some(LARGE) == SMALL);
    close(reader);
    lw_loop_turn(&loop);
    LW_CHECK(gone_count == 1 && lw_feed_is_read(&feed));
    lw_feed_close(&feed);
    LW_CHECK(lw_feed_is_read(&feed));
}

static void what_was_read_in_many_parts_is_read(void)
{
    size_t total = 0;
    begin(LARGE, 1);
    for (size_t got = 1; total < LARGE && got > 0; lw_loop_turn(&loop)) total += got = read_some(LARGE);
    LW_CHECK(total == LARGE && lw_feed_is_read(&feed) && feed.pipe.fd >= 0);
    lw_feed_close(&feed);
    close(reader);
}

/* Standard input: its end is told by the end of the pipe, and the source is kept until nobody can need it again. */
static void a_source_is_kept_until_it_is_let_go(void)
{
    begin(SMALL, 0);
    lw_loop_turn(&loop);
    LW_CHECK(read_some(LARGE) == SMALL && read_some(1) == 0 && feed.pipe.fd < 0 && fcntl(feed.source, F_GETFD) >= 0);
    lw_feed_let_go(&feed);
    LW_CHECK(feed.source < 0);
    close(reader);
}

static void a_source_that_was_let_go_ends_with_the_pipe(void)
{
    begin(SMALL, 0);
    lw_feed_let_go(&feed);
    LW_CHECK(feed.source >= 0);
    lw_loop_turn(&loop);
    LW_CHECK(feed.source < 0 && feed.pipe.fd < 0);
    close(reader);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (lw_loop_init(&loop)) return 1;
    LW_RUN(what_nobody_read_is_not_read);
    LW_RUN(a_reader_that_was_dead_before_got_nothing);
    LW_RUN(what_was_read_in_part_is_not_read);
    LW_RUN(what_was_read_to_the_last_byte_is_read);
    LW_RUN(what_was_read_in_many_parts_is_read);
    LW_RUN(a_source_is_kept_until_it_is_let_go);
    LW_RUN(a_source_that_was_let_go_ends_with_the_pipe);
    return lw_test_status();
}
