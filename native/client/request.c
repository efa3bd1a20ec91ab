#include "request.h"

#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client_error.h"
#include "connection.h"

/* The version of the protocol that this library speaks. */
#define PROTOCOL_VERSION 1
#define STREAM_ID 1

/* msgpack's writer: errors stick to the frame and are looked at once, by finish(). */
static int append(void *data, const char *bytes, size_t size)
{
    struct lw_frame *frame = data;
    if (frame->out_of_memory || frame->too_long) return 0;
    if (size > LW_FRAME_MAX + LW_FRAME_HEADER - frame->size) {
        frame->too_long = 1;
        return 0;
    }
    if (frame->size + size > frame->capacity) {
        size_t capacity = (frame->size + size) * 2;
        char *grown = realloc(frame->bytes, capacity);
        if (!grown) {
            frame->out_of_memory = 1;
            return 0;
        }
        frame->bytes = grown;
        frame->capacity = capacity;
    }
    memcpy(frame->bytes + frame->size, bytes, size);
    frame->size += size;
    return 0;
}

static void begin(struct lw_frame *frame)
{
    *frame = (struct lw_frame){0};
    append(frame, "\0\0\0\0", LW_FRAME_HEADER);
}

static int finish(struct lw_frame *frame, leeward_error *error)
{
    if (frame->out_of_memory) return lw_client_fail(error, LW_INTERNAL, "out of memory");
    if (frame->too_long) {
        return lw_client_fail(error, LW_REQUEST_TOO_LARGE, "the request is longer than the %u bytes of a frame", LW_FRAME_MAX);
    }
    size_t size = frame->size - LW_FRAME_HEADER;
    for (unsigned i = 0; i < LW_FRAME_HEADER; i++) frame->bytes[i] = (char)(size >> (24 - 8 * i) & 0xff);
    return 0;
}

void lw_frame_free(struct lw_frame *frame)
{
    free(frame->bytes);
    frame->bytes = NULL;
}

static void pack_text(msgpack_packer *packer, const char *text, size_t length)
{
    msgpack_pack_str(packer, length);
    msgpack_pack_str_body(packer, text, length);
}

static void pack_string(msgpack_packer *packer, const char *text)
{
    pack_text(packer, text, strlen(text));
}

static void pack_mounts(msgpack_packer *packer, const leeward_request *request)
{
    pack_string(packer, "mounts");
    msgpack_pack_array(packer, request->mount_count);
    for (size_t i = 0; i < request->mount_count; i++) {
        const leeward_mount *mount = &request->mounts[i];
        msgpack_pack_map(packer, 3);
        pack_string(packer, "host");
        pack_string(packer, mount->host);
        pack_string(packer, "sandbox");
        pack_string(packer, mount->sandbox);
        pack_string(packer, "ro");
        if (mount->writable) {
            msgpack_pack_false(packer);
        } else {
            msgpack_pack_true(packer);
        }
    }
}

static void pack_timeout(msgpack_packer *packer, double seconds)
{
    pack_string(packer, "timeout_secs");
    /* Whole seconds travel as an integer. Beyond this a double has no fraction anyway. */
    if (seconds < 9e15 && (double)(uint64_t)seconds == seconds) {
        msgpack_pack_uint64(packer, (uint64_t)seconds);
    } else {
        msgpack_pack_double(packer, seconds);
    }
}

static void pack_list(msgpack_packer *packer, const char *name, const char *const *entries, size_t count)
{
    if (count == 0) return;
    pack_string(packer, name);
    msgpack_pack_array(packer, count);
    for (size_t i = 0; i < count; i++) pack_string(packer, entries[i]);
}

/* NAME=value entries as a map; they were checked. */
static void pack_pairs(msgpack_packer *packer, const char *name, const char *const *entries, size_t count)
{
    if (count == 0) return;
    pack_string(packer, name);
    msgpack_pack_map(packer, count);
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(entries[i], '=');
        pack_text(packer, entries[i], (size_t)(equals - entries[i]));
        pack_string(packer, equals + 1);
    }
}

static void pack_files(msgpack_packer *packer, const leeward_request *request)
{
    if (request->file_count == 0) return;
    pack_string(packer, "files");
    msgpack_pack_map(packer, request->file_count);
    for (size_t i = 0; i < request->file_count; i++) {
        const leeward_file *file = &request->files[i];
        pack_string(packer, file->path);
        msgpack_pack_bin(packer, file->length);
        msgpack_pack_bin_body(packer, file->data ? file->data : "", file->length);
    }
}

static void pack_optional(msgpack_packer *packer, const char *name, const char *text)
{
    if (!text) return;
    pack_string(packer, name);
    pack_string(packer, text);
}

static void pack_integer(msgpack_packer *packer, const char *name, uint64_t value)
{
    pack_string(packer, name);
    msgpack_pack_uint64(packer, value);
}

static size_t field_count(const leeward_request *request)
{
    size_t count = 2; /* type, code */
    count += request->mount_count > 0;
    count += request->timeout_secs > 0;
    count += request->memory_limit > 0;
    count += request->policy != NULL;
    count += request->job_id != NULL;
    count += request->param_count > 0;
    count += request->argc > 0;
    count += request->stdin_data != NULL;
    count += request->env_count > 0;
    count += request->allow_path_count > 0;
    count += request->deadline_ms > 0;
    count += request->file_count > 0;
    count += request->collect_count > 0;
    count += request->idempotency_key != NULL;
    return count;
}

/* In the order of the founding request, then of the protocol reference. */
static void pack_request(msgpack_packer *packer, const leeward_request *request, int stream)
{
    msgpack_pack_map(packer, field_count(request) + (stream ? 2 : 0));
    pack_string(packer, "type");
    pack_string(packer, "Execute");
    pack_string(packer, "code");
    pack_text(packer, request->code, request->code_length);
    if (request->mount_count > 0) pack_mounts(packer, request);
    if (request->timeout_secs > 0) pack_timeout(packer, request->timeout_secs);
    if (request->memory_limit > 0) pack_integer(packer, "memory_limit", request->memory_limit);
    if (stream) pack_integer(packer, "id", STREAM_ID);
    pack_optional(packer, "policy", request->policy);
    pack_optional(packer, "job_id", request->job_id);
    pack_pairs(packer, "params", request->params, request->param_count);
    pack_list(packer, "argv", request->argv, request->argc);
    if (request->stdin_data) {
        pack_string(packer, "stdin");
        msgpack_pack_bin(packer, request->stdin_length);
        msgpack_pack_bin_body(packer, request->stdin_data, request->stdin_length);
    }
    pack_pairs(packer, "env", request->env, request->env_count);
    pack_files(packer, request);
    pack_list(packer, "collect", request->collect, request->collect_count);
    if (stream) {
        pack_string(packer, "stream");
        msgpack_pack_true(packer);
    }
    pack_list(packer, "allow_paths", request->allow_paths, request->allow_path_count);
    if (request->deadline_ms > 0) pack_integer(packer, "deadline_ms", request->deadline_ms);
    pack_optional(packer, "idempotency_key", request->idempotency_key);
}

static int check_list(const char *name, const char *const *entries, size_t count, int pairs, leeward_error *error)
{
    for (size_t i = 0; i < count; i++) {
        char place[64];
        snprintf(place, sizeof(place), "%s[%zu]", name, i);
        if (!entries || !entries[i]) return lw_client_fail_field(error, LW_PROTO_MISSING_FIELD, place, "%s is NULL", place);
        const char *equals = strchr(entries[i], '=');
        if (pairs && (!equals || equals == entries[i])) {
            return lw_client_fail_field(error, LW_PROTO_BAD_FIELD, place, "%s is '%s', not NAME=value", place, entries[i]);
        }
    }
    return 0;
}

static int check_mounts(const leeward_request *request, leeward_error *error)
{
    for (size_t i = 0; i < request->mount_count; i++) {
        char place[64];
        snprintf(place, sizeof(place), "mounts[%zu]", i);
        if (!request->mounts || !request->mounts[i].host || !request->mounts[i].sandbox) {
            return lw_client_fail_field(error, LW_PROTO_MISSING_FIELD, place, "%s needs a host path and a sandbox path", place);
        }
    }
    return 0;
}

static int check_files(const leeward_request *request, leeward_error *error)
{
    for (size_t i = 0; i < request->file_count; i++) {
        char place[64];
        snprintf(place, sizeof(place), "files[%zu]", i);
        if (!request->files || !request->files[i].path || (!request->files[i].data && request->files[i].length > 0)) {
            return lw_client_fail_field(error, LW_PROTO_MISSING_FIELD, place, "%s needs a path and its bytes", place);
        }
    }
    return 0;
}

/* What C can get wrong; what a value means, the daemon judges. */
static int check_request(const leeward_request *request, leeward_error *error)
{
    if (!request->code) return lw_client_fail_field(error, LW_PROTO_MISSING_FIELD, "code", "code is NULL");
    if (!(request->timeout_secs >= 0)) {
        return lw_client_fail_field(error, LW_PROTO_BAD_FIELD, "timeout_secs", "timeout_secs is %g, not a time",
                                    request->timeout_secs);
    }
    int failed = check_mounts(request, error);
    if (!failed) failed = check_list("params", request->params, request->param_count, 1, error);
    if (!failed) failed = check_list("argv", request->argv, request->argc, 0, error);
    if (!failed) failed = check_list("env", request->env, request->env_count, 1, error);
    if (!failed) failed = check_files(request, error);
    if (!failed) failed = check_list("collect", request->collect, request->collect_count, 0, error);
    if (!failed) failed = check_list("allow_paths", request->allow_paths, request->allow_path_count, 0, error);
    return failed;
}

/* A caller that was compiled with an older header has a shorter struct, one with a newer header a longer one. */
static int copy_known(const leeward_request *request, leeward_request *known, leeward_error *error)
{
    memset(known, 0, sizeof(*known));
    size_t size = request->size;
    if (size < offsetof(leeward_request, mounts) || size > 4096) {
        return lw_client_fail_field(error, LW_PROTO_BAD_FIELD, "size", "size is %zu, not sizeof(leeward_request)", size);
    }
    for (size_t i = sizeof(*known); i < size; i++) {
        if (((const char *)request)[i] == 0) continue;
        return lw_client_fail(error, LW_PROTO_UNKNOWN_FIELD, "the request sets a field that libleeward " LEEWARD_VERSION " does not know");
    }
    memcpy(known, request, size < sizeof(*known) ? size : sizeof(*known));
    return 0;
}

static int write_execute(const leeward_request *request, int stream, struct lw_frame *frame, leeward_error *error)
{
    begin(frame);
    leeward_request known;
    int failed = copy_known(request, &known, error);
    if (!failed) failed = check_request(&known, error);
    if (failed) return failed;
    msgpack_packer packer;
    msgpack_packer_init(&packer, frame, append);
    pack_request(&packer, &known, stream);
    return finish(frame, error);
}

int lw_request_execute(const leeward_request *request, struct lw_frame *frame, leeward_error *error)
{
    return write_execute(request, 0, frame, error);
}

int lw_request_stream(const leeward_request *request, struct lw_frame *frame, leeward_error *error)
{
    return write_execute(request, 1, frame, error);
}

int lw_request_cancel(struct lw_frame *frame, leeward_error *error)
{
    begin(frame);
    msgpack_packer packer;
    msgpack_packer_init(&packer, frame, append);
    msgpack_pack_map(&packer, 2);
    pack_string(&packer, "type");
    pack_string(&packer, "Cancel");
    pack_string(&packer, "request");
    msgpack_pack_uint32(&packer, STREAM_ID);
    return finish(frame, error);
}

int lw_request_ping(struct lw_frame *frame, leeward_error *error)
{
    begin(frame);
    msgpack_packer packer;
    msgpack_packer_init(&packer, frame, append);
    msgpack_pack_map(&packer, 2);
    pack_string(&packer, "type");
    pack_string(&packer, "Ping");
    pack_string(&packer, "protocol");
    msgpack_pack_uint32(&packer, PROTOCOL_VERSION);
    return finish(frame, error);
}

int lw_request_raw(const void *request, size_t size, struct lw_frame *frame, leeward_error *error)
{
    begin(frame);
    append(frame, request, size);
    return finish(frame, error);
}
