/*
 * An answer of the daemon: its bytes, and the msgpack values that point into them.
 */
#ifndef LW_ANSWER_H
#define LW_ANSWER_H

#include <msgpack.h>

#include "leeward.h"

struct leeward_result {
    void *bytes; /* owned; strings of `unpacked` point into it */
    msgpack_unpacked unpacked;
};

/* Takes over `bytes` (from malloc), also when it fails. 0, or LW_PROTO_BAD_FRAME, LW_INTERNAL. */
int lw_answer_parse(void *bytes, size_t length, leeward_result **result, leeward_error *error);

/* Takes an answer over: `*result` is it, or it has none, as nothing has run, and its error is the error. */
int lw_answer_result(leeward_result *answer, leeward_result **result, leeward_error *error);

/* The member of a map, NULL when `map` is NULL, no map, or has none of that name. */
const msgpack_object *lw_answer_member(const msgpack_object *map, const char *name);

/* The value at a path of names joined by dots; NULL when there is none. */
const msgpack_object *lw_answer_find(const leeward_result *result, const char *path);

/* 1 and the value of an integer that fits, or of a boolean; else 0. `object` may be NULL. */
int lw_answer_integer(const msgpack_object *object, int64_t *value);

/* JSON text of a value, NUL-terminated, from malloc; NULL without memory. */
char *lw_answer_json(const msgpack_object *object);

#endif
