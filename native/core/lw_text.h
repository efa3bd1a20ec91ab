/*
 * Text put together in a buffer of the caller: for mount options, id maps and messages after clone, where printf's
 * locale and allocation have no place.
 */
#ifndef LW_TEXT_H
#define LW_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct lw_text {
    char *buffer;
    size_t size;   /* of the buffer, bytes; at least 1 */
    size_t length; /* without the NUL that always follows */
    int overflow;  /* 1 once something did not fit; what was appended then is left out whole */
};

/* An empty text in `buffer` of `size` bytes. */
struct lw_text lw_text_in(char *buffer, size_t size);

void lw_text_append(struct lw_text *text, const char *part);

/* Appends `value` in `base` 8 or 10, without prefix. */
void lw_text_append_number(struct lw_text *text, uint64_t value, unsigned base);

#endif
