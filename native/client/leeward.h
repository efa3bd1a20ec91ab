/*
 * libleeward: runs code in Leeward's sandboxes, through the daemon's socket. C ABI, no dependency but libc.
 *
 *     leeward *connection;
 *     leeward_result *result;
 *     leeward_error error;
 *     leeward_request request = {.size = sizeof request, .code = "print(6 * 7)", .code_length = 12};
 *     if (leeward_connect(NULL, &connection, &error) || leeward_execute(connection, &request, &result, &error))
 *         fprintf(stderr, "%s: %s\n", error.code, error.message);
 *
 * Functions that can fail return 0, or the number of an error and fill `error` (which may be NULL). All functions are thread-safe; on
 * one connection, one request is under way at a time: for parallel jobs use a connection each.
 */
#ifndef LEEWARD_H
#define LEEWARD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#define LEEWARD_VERSION "0.1.0"

/* Number of an error whose code is newer than this library. */
#define LEEWARD_ERROR_UNKNOWN 9999

/* A connection to a daemon. */
typedef struct leeward leeward;

/* The answer to a request. */
typedef struct leeward_result leeward_result;

/* Texts are NUL-terminated and cut where they are longer; what there is not is "". */
typedef struct leeward_error {
    int number;         /* of `code` in the error reference; 0: none */
    int retryable;      /* the same request, sent again, may succeed */
    int system_errno;   /* of a failed system call, else 0 */
    char code[64];      /* LW_...: stable, may be compared */
    char message[1024]; /* for people */
    char place[512];    /* the field of the request (mounts[0].host), or file:line:col */
    char hint[512];     /* what to do in this case */
} leeward_error;

typedef struct leeward_mount {
    const char *host;    /* absolute path on the host */
    const char *sandbox; /* absolute path inside */
    int writable;
} leeward_mount;

/* A small file that is written in the sandbox before the code runs. */
typedef struct leeward_file {
    const char *path; /* absolute path inside */
    const void *data;
    size_t length; /* bytes */
} leeward_file;

/* What a job is given. All zero but `size` and `code` means: the policy's defaults. Lists of strings may not hold NULL. */
typedef struct leeward_request {
    size_t size; /* sizeof(leeward_request): newer fields are added at the end */
    const char *code;
    size_t code_length; /* bytes */
    const leeward_mount *mounts;
    size_t mount_count;
    double timeout_secs;   /* 0: the policy's default */
    uint64_t memory_limit; /* bytes; 0: the policy's default */
    const char *policy;    /* NULL: the tenant's default */
    const char *job_id;    /* NULL: none */
    const char *const *params; /* NAME=value, for the placeholders of mount templates */
    size_t param_count;
    const char *const *argv; /* without the program's own name */
    size_t argc;
    const void *stdin_data; /* NULL: empty */
    size_t stdin_length;
    const char *const *env; /* NAME=value */
    size_t env_count;
    const char *const *allow_paths; /* from the daemon's own user and root only */
    size_t allow_path_count;
    uint64_t deadline_ms; /* longest wait for the release of the code; 0: none */
    const leeward_file *files;
    size_t file_count;
    const char *const *collect; /* paths in writable mounts, the last part a pattern: returned in "result.files" */
    size_t collect_count;
    const char *idempotency_key; /* the same key and request run once; NULL: none */
} leeward_request;

/*
 * Connects. `path` NULL: LEEWARD_SOCKET, else the user's own daemon, else the system's; a socket that exists and does not answer is
 * an error. The server must be root, this user, or the uid in LEEWARD_SERVER_UID; otherwise nothing is sent
 * (LW_DAEMON_UNTRUSTED_SERVER).
 */
int leeward_connect(const char *path, leeward **connection, leeward_error *error);

/* Closes the connection, which must not be in use; a job that runs on it is cancelled. NULL is allowed. */
void leeward_close(leeward *connection);

/*
 * Runs code. 0 with `*result` when the job has run, whatever became of it (`success`, `result.status`); an error when no user code has
 * run. The caller frees `*result`.
 */
int leeward_execute(leeward *connection, const leeward_request *request, leeward_result **result, leeward_error *error);

/* A part of a job's output, cut anywhere: `descriptor` is 1 or 2. While it works nothing is read, and the job waits in the end. */
typedef void leeward_output(void *context, int descriptor, const void *data, size_t length);

/*
 * leeward_execute with the output as it comes: `output` is called with `context` and each part, in this thread. `result.stdout` and
 * `result.stderr` are empty then. Of the functions for this connection, `output` may call leeward_cancel only.
 */
int leeward_stream(leeward *connection, const leeward_request *request, leeward_output *output, void *context,
                   leeward_result **result, leeward_error *error);

/*
 * Cancels what leeward_stream runs on this connection, from another thread or from `output`; it returns then, with the status
 * "cancelled". Nothing happens when there is nothing, or it has just ended.
 */
int leeward_cancel(leeward *connection, leeward_error *error);

/*
 * leeward_execute in two halves, for callers that wait by themselves (poll, select, an event loop): leeward_fd() becomes readable
 * when an answer, or the end of the connection, is there. Answers come in the order of the requests; until all have been received,
 * leeward_execute, leeward_ping and leeward_execute_raw are refused.
 */
int leeward_send(leeward *connection, const leeward_request *request, leeward_error *error);
int leeward_receive(leeward *connection, leeward_result **result, leeward_error *error);

/* The connection's socket, for waiting only; -1 when it is closed. */
int leeward_fd(const leeward *connection);

/* Asks who answers: protocol, version, pid, uid beneath `result`. */
int leeward_ping(leeward *connection, leeward_result **result, leeward_error *error);

/*
 * Sends one request that is msgpack already (without the length) and gives the answer, msgpack as well, whatever it says. The request
 * must not have an `id`. The caller frees `*answer` with leeward_free.
 */
int leeward_execute_raw(leeward *connection, const void *request, size_t request_length, void **answer, size_t *answer_length,
                        leeward_error *error);

/*
 * Members of an answer. `path` is names joined by dots, as the protocol reference has them ("success", "job", "result.exit_code",
 * "error.code"), "" the whole answer.
 */

/* 1 and the value of an integer or boolean; 0 when it is null, absent or of another type. */
int leeward_result_integer(const leeward_result *result, const char *path, int64_t *value);

/* A text, or bytes (then `*is_text` is 0); NULL when there is none. Not NUL-terminated; lives as long as the result. */
const void *leeward_result_bytes(const leeward_result *result, const char *path, size_t *length, int *is_text);

/* Any member as JSON text, bytes as {"base64": "..."}; NULL when it is absent. The caller frees it with leeward_free. */
char *leeward_result_json(const leeward_result *result, const char *path);

/* NULL is allowed. */
void leeward_result_free(leeward_result *result);

/* Frees what a function above says. NULL is allowed. */
void leeward_free(void *memory);

/* The code of an error's number, e.g. "LW_DAEMON_BUSY"; "LW_INTERNAL" for one that there is not. */
const char *leeward_strerror(int number);

/* The version of this library, e.g. "0.1.0". */
const char *leeward_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
