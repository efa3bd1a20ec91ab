#include "client_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"

/* Codes are numbered within 1..999 (schemas/errors.json). */
static int number_of_code(const char *code)
{
    for (int number = 1; number < 1000; number++) {
        if (strcmp(lw_error_code_name(number), code) == 0) return number;
    }
    return LEEWARD_ERROR_UNKNOWN;
}

/* What a client alone can find: nothing has run, or the connection broke. */
static int is_retryable(int number)
{
    return number == LW_DAEMON_UNREACHABLE || number == LW_JOB_LOST;
}

static void fill(leeward_error *error, int number, const char *place, const char *format, va_list arguments)
{
    memset(error, 0, sizeof(*error));
    error->number = number;
    error->retryable = is_retryable(number);
    snprintf(error->code, sizeof(error->code), "%s", lw_error_code_name(number));
    snprintf(error->place, sizeof(error->place), "%s", place);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
}

int lw_client_fail(leeward_error *error, int number, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        fill(error, number, "", format, arguments);
        va_end(arguments);
    }
    return number;
}

int lw_client_fail_system(leeward_error *error, int number, int errno_value, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        fill(error, number, "", format, arguments);
        va_end(arguments);
        error->system_errno = errno_value;
    }
    return number;
}

int lw_client_fail_field(leeward_error *error, int number, const char *place, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        fill(error, number, place, format, arguments);
        va_end(arguments);
    }
    return number;
}

static void copy_text(char *out, size_t size, const msgpack_object *text)
{
    size_t length = text && text->type == MSGPACK_OBJECT_STR ? text->via.str.size : 0;
    if (length >= size) length = size - 1;
    if (length) memcpy(out, text->via.str.ptr, length);
    out[length] = '\0';
}

static void copy_place(leeward_error *error, const msgpack_object *place)
{
    char file[sizeof(error->place)];
    int64_t line = 0, column = 0;
    copy_text(error->place, sizeof(error->place), lw_answer_member(place, "field"));
    copy_text(file, sizeof(file), lw_answer_member(place, "file"));
    if (file[0] == '\0' || !lw_answer_integer(lw_answer_member(place, "line"), &line) ||
        !lw_answer_integer(lw_answer_member(place, "col"), &column)) {
        return;
    }
    int length = snprintf(error->place, sizeof(error->place), "%s:%lld:%lld", file, (long long)line, (long long)column);
    /* A name that leaves no room for its line: better the name alone than a wrong line. */
    if (length >= (int)sizeof(error->place)) memcpy(error->place, file, sizeof(file));
}

int lw_client_fail_answer(leeward_error *error, const msgpack_object *map)
{
    leeward_error filled = {0};
    int64_t retryable = 0;
    copy_text(filled.code, sizeof(filled.code), lw_answer_member(map, "code"));
    if (filled.code[0] == '\0') {
        return lw_client_fail(error, LW_PROTO_BAD_FRAME, "the daemon sent an answer without result and error");
    }
    filled.number = number_of_code(filled.code);
    filled.retryable = lw_answer_integer(lw_answer_member(map, "retryable"), &retryable) && retryable;
    copy_text(filled.message, sizeof(filled.message), lw_answer_member(map, "message"));
    copy_text(filled.hint, sizeof(filled.hint), lw_answer_member(map, "hint"));
    copy_place(&filled, lw_answer_member(map, "place"));
    if (error) *error = filled;
    return filled.number;
}
