/*
 * Messages between daemon and supervisor (docs/reference/plan.md): checked once when they arrive, and written.
 * The structs and the accessors of tails are in lw_plan_gen.h.
 */
#ifndef LW_MESSAGE_H
#define LW_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "lw_error.h"
#include "lw_plan_gen.h"

/*
 * Checks a whole message: known type, size, zero padding, enums, flags, ranges, counts of tails, canonical strings.
 * What the values mean together (does the pool exist? is the path beneath its root?) is for the receiver to check.
 *
 * message: 8-byte aligned; size: the bytes received.
 * Returns 0, or -EINVAL with error->stage LW_STAGE_CONFIG, error->index the message's type, error->detail an enum
 * lw_plan_reason.
 */
int lw_message_validate(const void *message, size_t size, struct lw_error *error);

/* The string at an offset of a validated message. */
static inline const char *lw_message_string(const void *message, uint32_t offset)
{
    return (const char *)message + lw_message_body_size(message) + offset;
}

/*
 * Writing: fill struct and tails in a zeroed, 8-byte aligned buffer of `capacity` bytes and set header.type; then call
 * lw_message_begin once, then lw_message_add_string for each str field in the order of the fields.
 */

/* Sets header.size, and starts the strings where the type has some. Returns 0 or -EMSGSIZE. */
int lw_message_begin(void *message, size_t capacity);

/*
 * Appends `text` and sets *field, a str member of the same message. Bytes that are not UTF-8 become '?', and what is
 * longer than LW_STRING_MAX is cut: such text is for people, and must never make a message unreadable.
 * Returns 0 or -EMSGSIZE, and then the field is 0.
 */
int lw_message_add_string(void *message, size_t capacity, uint32_t *field, const char *text);

#endif
