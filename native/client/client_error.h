/*
 * Filling a leeward_error. `error` may be NULL everywhere; the number is returned, so that callers can `return lw_client_fail(...)`.
 */
#ifndef LW_CLIENT_ERROR_H
#define LW_CLIENT_ERROR_H

#include <msgpack.h>

#include "leeward.h"
#include "leeward_errors_gen.h"

/* `number` is an enum lw_error_code. */
__attribute__((format(printf, 3, 4))) int lw_client_fail(leeward_error *error, int number, const char *format, ...);

/* The same with the errno (positive) of what failed. */
__attribute__((format(printf, 4, 5))) int lw_client_fail_system(leeward_error *error, int number, int errno_value,
                                                               const char *format, ...);

/* The same with the field of the request that is wrong. */
__attribute__((format(printf, 4, 5))) int lw_client_fail_field(leeward_error *error, int number, const char *place,
                                                              const char *format, ...);

/* From the `error` map of an answer; an answer without one is LW_PROTO_BAD_FRAME. */
int lw_client_fail_answer(leeward_error *error, const msgpack_object *map);

#endif
