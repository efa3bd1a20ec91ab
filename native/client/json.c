#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"

/* Grows by doubling; once memory was refused, `data` is NULL for good and everything else is a no-op. */
struct text {
    char *data;
    size_t length;
    size_t capacity;
    int failed;
};

static void append(struct text *text, const char *bytes, size_t length)
{
    if (text->failed) return;
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = (text->length + length + 1) * 2;
        char *grown = realloc(text->data, capacity);
        if (!grown) {
            free(text->data);
            *text = (struct text){.failed = 1};
            return;
        }
        text->data = grown;
        text->capacity = capacity;
    }
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

static void append_string(struct text *text, const char *string)
{
    append(text, string, strlen(string));
}

/* RFC 8259, section 7: quotation mark, reverse solidus and the control characters must be escaped. */
static void append_quoted(struct text *text, const char *bytes, size_t length)
{
    append(text, "\"", 1);
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        char escape[8];
        snprintf(escape, sizeof(escape), byte < 0x20 ? "\\u%04x" : "\\%c", byte);
        append(text, bytes + start, i - start);
        append_string(text, escape);
        start = i + 1;
    }
    append(text, bytes + start, length - start);
    append(text, "\"", 1);
}

static void append_base64(struct text *text, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t count = length - i < 3 ? length - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (count > 1) group |= (uint32_t)bytes[i + 1] << 8;
        if (count > 2) group |= bytes[i + 2];
        char out[4] = {digits[group >> 18], digits[group >> 12 & 63], digits[group >> 6 & 63], digits[group & 63]};
        for (size_t pad = count + 1; pad < 4; pad++) out[pad] = '=';
        append(text, out, sizeof(out));
    }
}

static void append_number(struct text *text, const msgpack_object *object)
{
    char number[40];
    if (object->type == MSGPACK_OBJECT_POSITIVE_INTEGER) {
        snprintf(number, sizeof(number), "%" PRIu64, object->via.u64);
    } else if (object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
        snprintf(number, sizeof(number), "%" PRId64, object->via.i64);
    } else {
        /* 17 digits give a double back exactly. JSON has neither NaN nor infinity. */
        snprintf(number, sizeof(number), isfinite(object->via.f64) ? "%.17g" : "null", object->via.f64);
    }
    append_string(text, number);
}

static void append_value(struct text *text, const msgpack_object *object);

static void append_array(struct text *text, const msgpack_object_array *array)
{
    append(text, "[", 1);
    for (uint32_t i = 0; i < array->size; i++) {
        if (i > 0) append(text, ",", 1);
        append_value(text, &array->ptr[i]);
    }
    append(text, "]", 1);
}

static void append_map(struct text *text, const msgpack_object_map *map)
{
    append(text, "{", 1);
    int first = 1;
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *key = &map->ptr[i].key;
        /* The protocol has names only. */
        if (key->type != MSGPACK_OBJECT_STR) continue;
        if (!first) append(text, ",", 1);
        first = 0;
        append_quoted(text, key->via.str.ptr, key->via.str.size);
        append(text, ":", 1);
        append_value(text, &map->ptr[i].val);
    }
    append(text, "}", 1);
}

/* As deep as the parser lets values be nested: 32. */
static void append_value(struct text *text, const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        append_string(text, object->via.boolean ? "true" : "false");
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        append_number(text, object);
        break;
    case MSGPACK_OBJECT_STR:
        append_quoted(text, object->via.str.ptr, object->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        append_string(text, "{\"base64\":\"");
        append_base64(text, (const unsigned char *)object->via.bin.ptr, object->via.bin.size);
        append_string(text, "\"}");
        break;
    case MSGPACK_OBJECT_ARRAY:
        append_array(text, &object->via.array);
        break;
    case MSGPACK_OBJECT_MAP:
        append_map(text, &object->via.map);
        break;
    default:
        append_string(text, "null");
    }
}

char *lw_answer_json(const msgpack_object *object)
{
    struct text text = {0};
    append_value(&text, object);
    return text.data;
}
