/* Output while a job runs, and its cancelling from another thread. */
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "client_error.h"
#include "connection.h"
#include "request.h"

/* One conversation about a streamed request. */
struct stream {
    leeward *connection;
    leeward_output *output;
    void *context;
    leeward_result *answer; /* NULL until it has come */
};

static int is_text(const msgpack_object *object, const char *text)
{
    return object && object->type == MSGPACK_OBJECT_STR && object->via.str.size == strlen(text) &&
           memcmp(object->via.str.ptr, text, strlen(text)) == 0;
}

static int take_output(const struct stream *stream, const leeward_result *frame, leeward_error *error)
{
    const msgpack_object *name = lw_answer_find(frame, "stream"), *data = lw_answer_find(frame, "data");
    int is_stdout = is_text(name, "stdout");
    if ((!is_stdout && !is_text(name, "stderr")) || !data || data->type != MSGPACK_OBJECT_BIN) {
        return lw_client_fail(error, LW_PROTO_BAD_FRAME, "the daemon sent an Output frame without a stream's name or its bytes");
    }
    stream->output(stream->context, is_stdout ? STDOUT_FILENO : STDERR_FILENO, data->via.bin.ptr, data->via.bin.size);
    return 0;
}

static void count_cancel(leeward *connection)
{
    pthread_mutex_lock(&connection->cancelling);
    if (connection->cancels > 0) connection->cancels--;
    pthread_mutex_unlock(&connection->cancelling);
}

/* From here on nobody cancels any more. 1 when an answer to somebody who has done so is still to come. */
static int end_streaming(leeward *connection)
{
    pthread_mutex_lock(&connection->cancelling);
    connection->streaming = 0;
    int awaits = connection->cancels > 0;
    pthread_mutex_unlock(&connection->cancelling);
    return awaits;
}

static int take_frame(void *context, void *bytes, size_t size, int *more, leeward_error *error)
{
    struct stream *stream = context;
    leeward_result *frame;
    int failed = lw_answer_parse(bytes, size, &frame, error);
    if (failed) return failed;
    const msgpack_object *type = lw_answer_find(frame, "type");
    int is_output = is_text(type, "Output"), is_cancel = is_text(type, "Cancel");
    if (is_output) failed = take_output(stream, frame, error);
    if (is_cancel) count_cancel(stream->connection);
    if (is_output || is_cancel || stream->answer)
        leeward_result_free(frame);
    else
        stream->answer = frame;
    *more = !stream->answer || end_streaming(stream->connection);
    return failed;
}

int leeward_stream(leeward *connection, const leeward_request *request, leeward_output *output, void *context,
                   leeward_result **result, leeward_error *error)
{
    *result = NULL;
    struct stream stream = {.connection = connection, .output = output, .context = context};
    struct lw_frame frame;
    int failed = lw_request_stream(request, &frame, error);
    if (!failed) failed = lw_connection_converse(connection, frame.bytes, frame.size, take_frame, &stream, error);
    lw_frame_free(&frame);
    /* One that came before the connection broke is as good as ever. */
    return stream.answer ? lw_answer_result(stream.answer, result, error) : failed;
}

int leeward_cancel(leeward *connection, leeward_error *error)
{
    struct lw_frame frame;
    int failed = lw_request_cancel(&frame, error);
    pthread_mutex_lock(&connection->cancelling);
    if (!failed && connection->streaming) {
        failed = lw_connection_interject(connection, frame.bytes, frame.size, error);
        if (!failed) connection->cancels++;
    }
    pthread_mutex_unlock(&connection->cancelling);
    lw_frame_free(&frame);
    return failed;
}
