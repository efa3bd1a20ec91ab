#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "client_error.h"

int lw_answer_parse(void *bytes, size_t length, leeward_result **result, leeward_error *error)
{
    leeward_result *answer = calloc(1, sizeof(*answer));
    if (!answer) {
        free(bytes);
        return lw_client_fail(error, LW_INTERNAL, "out of memory");
    }
    answer->bytes = bytes;
    msgpack_unpacked_init(&answer->unpacked);
    size_t end = 0;
    msgpack_unpack_return status = msgpack_unpack_next(&answer->unpacked, bytes, length, &end);
    if (status != MSGPACK_UNPACK_SUCCESS || end != length || answer->unpacked.data.type != MSGPACK_OBJECT_MAP) {
        leeward_result_free(answer);
        return lw_client_fail(error, LW_PROTO_BAD_FRAME, "the daemon's answer of %zu bytes is not one msgpack map", length);
    }
    *result = answer;
    return 0;
}

int lw_answer_result(leeward_result *answer, leeward_result **result, leeward_error *error)
{
    if (lw_answer_find(answer, "result")) {
        *result = answer;
        return 0;
    }
    int failed = lw_client_fail_answer(error, lw_answer_find(answer, "error"));
    leeward_result_free(answer);
    return failed;
}

void leeward_result_free(leeward_result *result)
{
    if (!result) return;
    msgpack_unpacked_destroy(&result->unpacked);
    free(result->bytes);
    free(result);
}

static const msgpack_object *member(const msgpack_object *map, const char *name, size_t length)
{
    if (!map || map->type != MSGPACK_OBJECT_MAP) return NULL;
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *pair = &map->via.map.ptr[i];
        if (pair->key.type != MSGPACK_OBJECT_STR || pair->key.via.str.size != length) continue;
        if (memcmp(pair->key.via.str.ptr, name, length) == 0) return &pair->val;
    }
    return NULL;
}

const msgpack_object *lw_answer_member(const msgpack_object *map, const char *name)
{
    return member(map, name, strlen(name));
}

const msgpack_object *lw_answer_find(const leeward_result *result, const char *path)
{
    const msgpack_object *object = &result->unpacked.data;
    while (object && *path) {
        size_t length = strcspn(path, ".");
        object = member(object, path, length);
        path += length;
        if (*path == '.') path++;
    }
    return object;
}

int lw_answer_integer(const msgpack_object *object, int64_t *value)
{
    if (!object) return 0;
    switch (object->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        *value = object->via.boolean;
        return 1;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        if (object->via.u64 > INT64_MAX) return 0;
        *value = (int64_t)object->via.u64;
        return 1;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        *value = object->via.i64;
        return 1;
    default:
        return 0;
    }
}

int leeward_result_integer(const leeward_result *result, const char *path, int64_t *value)
{
    return lw_answer_integer(lw_answer_find(result, path), value);
}

const void *leeward_result_bytes(const leeward_result *result, const char *path, size_t *length, int *is_text)
{
    const msgpack_object *object = lw_answer_find(result, path);
    if (!object || (object->type != MSGPACK_OBJECT_STR && object->type != MSGPACK_OBJECT_BIN)) return NULL;
    *is_text = object->type == MSGPACK_OBJECT_STR;
    *length = *is_text ? object->via.str.size : object->via.bin.size;
    return *is_text ? object->via.str.ptr : object->via.bin.ptr;
}

char *leeward_result_json(const leeward_result *result, const char *path)
{
    const msgpack_object *object = lw_answer_find(result, path);
    return object ? lw_answer_json(object) : NULL;
}
