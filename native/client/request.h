/*
 * Requests as frames.
 */
#ifndef LW_REQUEST_H
#define LW_REQUEST_H

#include <stddef.h>

#include "leeward.h"

struct lw_frame {
    char *bytes; /* from malloc; length header first */
    size_t size;
    size_t capacity;
    int out_of_memory;
    int too_long;
};

/* The frame of an Execute request. 0, or LW_PROTO_BAD_FIELD, LW_PROTO_MISSING_FIELD, LW_REQUEST_TOO_LARGE ... `frame` is freed by the caller. */
int lw_request_execute(const leeward_request *request, struct lw_frame *frame, leeward_error *error);

/* The same with `stream`, and with the id that lw_request_cancel cancels: a connection has one at a time. */
int lw_request_stream(const leeward_request *request, struct lw_frame *frame, leeward_error *error);

/* The frame of a Cancel request. */
int lw_request_cancel(struct lw_frame *frame, leeward_error *error);

/* The frame of a Ping request. */
int lw_request_ping(struct lw_frame *frame, leeward_error *error);

/* The frame of a request that is msgpack already. */
int lw_request_raw(const void *request, size_t size, struct lw_frame *frame, leeward_error *error);

void lw_frame_free(struct lw_frame *frame);

#endif
