#include "lw_text.h"

#include <string.h>

struct lw_text lw_text_in(char *buffer, size_t size)
{
    buffer[0] = '\0';
    return (struct lw_text){.buffer = buffer, .size = size};
}

void lw_text_append(struct lw_text *text, const char *part)
{
    size_t length = strlen(part);
    if (length >= text->size - text->length) {
        text->overflow = 1;
        return;
    }
    memcpy(text->buffer + text->length, part, length + 1);
    text->length += length;
}

void lw_text_append_number(struct lw_text *text, uint64_t value, unsigned base)
{
    char digits[24]; /* 64 bits have 22 octal digits */
    char *at = digits + sizeof(digits) - 1;
    *at = '\0';
    do {
        *--at = (char)('0' + value % base);
        value /= base;
    } while (value);
    lw_text_append(text, at);
}
