#include <stdlib.h>

#include "answer.h"
#include "client_error.h"
#include "connection.h"
#include "request.h"

/* Takes over the answer's bytes. */
static int read_answer(void *answer, size_t size, leeward_result **result, leeward_error *error)
{
    leeward_result *parsed = NULL;
    int failed = lw_answer_parse(answer, size, &parsed, error);
    return failed ? failed : lw_answer_result(parsed, result, error);
}

/* Sends `frame` and frees it. */
static int ask(leeward *connection, struct lw_frame *frame, leeward_result **result, leeward_error *error)
{
    void *answer = NULL;
    size_t size = 0;
    int failed = lw_connection_exchange(connection, frame->bytes, frame->size, &answer, &size, error);
    lw_frame_free(frame);
    return failed ? failed : read_answer(answer, size, result, error);
}

int leeward_execute(leeward *connection, const leeward_request *request, leeward_result **result, leeward_error *error)
{
    *result = NULL;
    struct lw_frame frame;
    int failed = lw_request_execute(request, &frame, error);
    if (!failed) return ask(connection, &frame, result, error);
    lw_frame_free(&frame);
    return failed;
}

int leeward_send(leeward *connection, const leeward_request *request, leeward_error *error)
{
    struct lw_frame frame;
    int failed = lw_request_execute(request, &frame, error);
    if (!failed) failed = lw_connection_send(connection, frame.bytes, frame.size, error);
    lw_frame_free(&frame);
    return failed;
}

int leeward_receive(leeward *connection, leeward_result **result, leeward_error *error)
{
    *result = NULL;
    void *answer = NULL;
    size_t size = 0;
    int failed = lw_connection_receive(connection, &answer, &size, error);
    return failed ? failed : read_answer(answer, size, result, error);
}

int leeward_ping(leeward *connection, leeward_result **result, leeward_error *error)
{
    *result = NULL;
    struct lw_frame frame;
    int failed = lw_request_ping(&frame, error);
    if (!failed) return ask(connection, &frame, result, error);
    lw_frame_free(&frame);
    return failed;
}

int leeward_execute_raw(leeward *connection, const void *request, size_t request_length, void **answer, size_t *answer_length,
                        leeward_error *error)
{
    *answer = NULL;
    *answer_length = 0;
    struct lw_frame frame;
    int failed = lw_request_raw(request, request_length, &frame, error);
    if (!failed) failed = lw_connection_exchange(connection, frame.bytes, frame.size, answer, answer_length, error);
    lw_frame_free(&frame);
    return failed;
}

void leeward_free(void *memory)
{
    free(memory);
}

const char *leeward_strerror(int number)
{
    return lw_error_code_name(number);
}

const char *leeward_version(void)
{
    return LEEWARD_VERSION;
}
