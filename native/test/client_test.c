/*
 * libleeward against a server that speaks the recorded frames of test/vectors/protocol: what goes out, what is made of what comes
 * in, and what happens when a stream is cut, slow, or not the protocol.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <msgpack.h>

#include "../client/leeward.h"
#include "../client/socket_path.h"
#include "leeward_errors_gen.h"
#include "lw_test.h"

#define VECTORS "../test/vectors/protocol/"

struct frame {
    unsigned char *bytes; /* with its header */
    size_t size;
};

/* How the server answers one request. */
struct script {
    struct frame answer;
    struct frame later; /* answers the requests after the first, where there is one */
    size_t piece;       /* bytes a write; 0: all at once */
    size_t read_before; /* answers after this many bytes of the request and closes; 0: after the whole */
    int close_first;    /* closes without an answer */
};

struct server {
    char path[100];
    int listener;
    pthread_t thread;
    struct script script;
    struct frame request; /* the last one */
};

static char directory[64];

static void free_frame(struct frame *frame)
{
    free(frame->bytes);
    frame->bytes = NULL;
}

static struct frame from_hex(const char *hex, size_t digits)
{
    struct frame frame = {malloc(digits / 2 + 1), digits / 2};
    for (size_t i = 0; i < frame.size; i++) {
        unsigned value = 0;
        sscanf(hex + 2 * i, "%2x", &value);
        frame.bytes[i] = (unsigned char)value;
    }
    return frame;
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) return NULL;
    char *text = calloc(1, 1 << 16);
    size_t size = fread(text, 1, (1 << 16) - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

/* The frame of the vector with this name; no bytes when there is none. */
static struct frame vector(const char *file, const char *name)
{
    struct frame frame = {0};
    char path[128], key[128];
    snprintf(path, sizeof(path), VECTORS "%s", file);
    snprintf(key, sizeof(key), "\"name\": \"%s\"", name);
    char *text = read_text(path);
    char *found = text ? strstr(text, key) : NULL;
    char *hex = found ? strstr(found, "\"frame\": \"") : NULL;
    if (hex) {
        hex += strlen("\"frame\": \"");
        frame = from_hex(hex, strcspn(hex, "\""));
    }
    free(text);
    return frame;
}

static int receive(int fd, void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = recv(fd, (char *)bytes + done, size - done, 0);
        if (got <= 0) return -1;
        done += (size_t)got;
    }
    return 0;
}

static int receive_request(struct server *server, int fd)
{
    uint32_t header;
    if (receive(fd, &header, sizeof(header))) return -1;
    free_frame(&server->request);
    server->request.size = ntohl(header) + sizeof(header);
    server->request.bytes = malloc(server->request.size);
    memcpy(server->request.bytes, &header, sizeof(header));
    return receive(fd, server->request.bytes + sizeof(header), server->request.size - sizeof(header));
}

static void answer(const struct frame *frame, size_t pieces, int fd)
{
    size_t piece = pieces ? pieces : frame->size;
    for (size_t done = 0; done < frame->size; done += piece) {
        size_t size = frame->size - done < piece ? frame->size - done : piece;
        if (send(fd, frame->bytes + done, size, MSG_NOSIGNAL) < 0) return;
        if (pieces) usleep(200);
    }
}

static void serve(struct server *server, int fd)
{
    if (server->script.read_before) {
        char *bytes = malloc(server->script.read_before);
        if (!receive(fd, bytes, server->script.read_before)) answer(&server->script.answer, server->script.piece, fd);
        free(bytes);
        return;
    }
    for (int first = 1; !receive_request(server, fd); first = 0) {
        if (server->script.close_first) return;
        const struct frame *frame = first || !server->script.later.bytes ? &server->script.answer : &server->script.later;
        answer(frame, server->script.piece, fd);
    }
}

static void *server_main(void *argument)
{
    struct server *server = argument;
    for (;;) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0) return NULL;
        serve(server, fd);
        close(fd);
    }
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8)) abort();
    return fd;
}

static void start(struct server *server, struct script script)
{
    memset(server, 0, sizeof(*server));
    server->script = script;
    snprintf(server->path, sizeof(server->path), "%s/socket", directory);
    server->listener = listen_at(server->path);
    pthread_create(&server->thread, NULL, server_main, server);
}

static void stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    free_frame(&server->request);
    free_frame(&server->script.answer);
    free_frame(&server->script.later);
}

static leeward_request request_of(const char *code)
{
    return (leeward_request){.size = sizeof(leeward_request), .code = code, .code_length = strlen(code)};
}

/* Runs one request against a server with this script; the result's code. */
static int run_once(struct script script, const leeward_request *request, leeward_result **result, leeward_error *error)
{
    struct server server;
    start(&server, script);
    leeward *connection;
    *result = NULL;
    int failed = leeward_connect(server.path, &connection, error);
    if (!failed) failed = leeward_execute(connection, request, result, error);
    leeward_close(connection);
    stop(&server);
    return failed;
}

static void sends_the_founding_bytes(void)
{
    struct frame expected = vector("requests.json", "founding");
    LW_CHECK(expected.bytes);
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "output that is not text"), .piece = 1});
    const char *code = "df = pd.read_excel('/input/vendas.xlsx'); "
                       "df.groupby('region').sum(numeric_only=True).to_parquet('/output/result.parquet')";
    leeward_mount mounts[] = {{"/data/jobs/abc/input", "/input", 0}, {"/data/jobs/abc/output", "/output", 1}};
    leeward_request request = request_of(code);
    request.mounts = mounts;
    request.mount_count = 2;
    request.timeout_secs = 300;
    request.memory_limit = 4294967296;
    leeward *connection;
    leeward_result *result;
    leeward_error error;
    LW_CHECK(leeward_connect(server.path, &connection, &error) == 0);
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == 0);
    LW_CHECK(server.request.size == expected.size);
    LW_CHECK(memcmp(server.request.bytes, expected.bytes, expected.size) == 0);
    leeward_result_free(result);
    leeward_close(connection);
    stop(&server);
    free_frame(&expected);
}

static void sends_every_field(void)
{
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "output that is not text")});
    const char *params[] = {"region=north-1"}, *argv[] = {"a", "--b=c"}, *env[] = {"TZ=UTC", "EMPTY="}, *paths[] = {"/srv"};
    const char *collect[] = {"/output/*.png"};
    const leeward_file files[] = {{"/tmp/a", "\0b", 2}, {"/tmp/b", "c", 1}};
    leeward_request request = request_of("pass");
    request.timeout_secs = 0.5;
    request.policy = "python-data";
    request.job_id = "abc";
    request.params = params, request.param_count = 1;
    request.argv = argv, request.argc = 2;
    request.stdin_data = "\0\xff\n", request.stdin_length = 3;
    request.env = env, request.env_count = 2;
    request.allow_paths = paths, request.allow_path_count = 1;
    request.files = files, request.file_count = 2;
    request.collect = collect, request.collect_count = 1;
    request.deadline_ms = 2000;
    request.idempotency_key = "report:2026-07";
    leeward *connection;
    leeward_result *result;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_execute(connection, &request, &result, NULL) == 0);
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t end = 0;
    LW_CHECK(msgpack_unpack_next(&unpacked, (char *)server.request.bytes + 4, server.request.size - 4, &end) == MSGPACK_UNPACK_SUCCESS);
    char text[1024] = "";
    msgpack_object_print_buffer(text, sizeof(text), unpacked.data);
    LW_CHECK(strcmp(text, "{\"type\"=>\"Execute\", \"code\"=>\"pass\", \"timeout_secs\"=>0.500000, \"policy\"=>\"python-data\", "
                          "\"job_id\"=>\"abc\", \"params\"=>{\"region\"=>\"north-1\"}, \"argv\"=>[\"a\", \"--b=c\"], "
                          "\"stdin\"=>\"\\x00\\xff\\x0a\", \"env\"=>{\"TZ\"=>\"UTC\", \"EMPTY\"=>\"\"}, "
                          "\"files\"=>{\"/tmp/a\"=>\"\\x00b\", \"/tmp/b\"=>\"c\"}, \"collect\"=>[\"/output/*.png\"], "
                          "\"allow_paths\"=>[\"/srv\"], \"deadline_ms\"=>2000, "
                          "\"idempotency_key\"=>\"report:2026-07\"}") == 0);
    msgpack_unpacked_destroy(&unpacked);
    leeward_result_free(result);
    leeward_close(connection);
    stop(&server);
}

static void reads_a_refusal(void)
{
    leeward_request request = request_of("pass");
    leeward_result *result;
    leeward_error error;
    struct script script = {.answer = vector("answers.json", "refused")};
    LW_CHECK(run_once(script, &request, &result, &error) == LW_REQUEST_LIMIT_ABOVE_MAX);
    LW_CHECK(result == NULL);
    LW_CHECK(strcmp(error.code, "LW_REQUEST_LIMIT_ABOVE_MAX") == 0);
    LW_CHECK(strcmp(error.message, "timeout_secs is 7200, above the maximum of 3600") == 0);
    LW_CHECK(strcmp(error.place, "python-data.yaml:31:12") == 0);
    LW_CHECK(strcmp(error.hint, "ask for less") == 0);
    LW_CHECK(error.retryable == 0);
}

static void reads_an_error_frame(void)
{
    leeward_request request = request_of("pass");
    leeward_result *result;
    leeward_error error;
    struct script script = {.answer = vector("answers.json", "error frame"), .piece = 3};
    LW_CHECK(run_once(script, &request, &result, &error) == LW_PROTO_BAD_FRAME);
    LW_CHECK(strcmp(error.message, "payload is not one msgpack map") == 0);
}

static void gives_bytes_as_bytes(void)
{
    leeward_request request = request_of("pass");
    leeward_result *result;
    struct script script = {.answer = vector("answers.json", "output that is not text")};
    LW_CHECK(run_once(script, &request, &result, NULL) == 0);
    size_t length = 0;
    int is_text = 1;
    const void *bytes = leeward_result_bytes(result, "result.stdout", &length, &is_text);
    LW_CHECK(bytes && length == 3 && !is_text && memcmp(bytes, "\xff\0\xfe", 3) == 0);
    int64_t success = 0;
    LW_CHECK(leeward_result_integer(result, "success", &success) == 1 && success == 1);
    LW_CHECK(leeward_result_integer(result, "id", &success) == 0);
    LW_CHECK(leeward_result_integer(result, "result.stdout.deeper", &success) == 0);
    LW_CHECK(leeward_result_bytes(result, "result.stderr", &length, &is_text) == NULL);
    char *json = leeward_result_json(result, "result");
    LW_CHECK(json && strcmp(json, "{\"stdout\":{\"base64\":\"/wD+\"}}") == 0);
    leeward_free(json);
    LW_CHECK(leeward_result_json(result, "nothing") == NULL);
    leeward_result_free(result);
}

static void pings(void)
{
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "ping")});
    leeward *connection;
    leeward_result *result;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_ping(connection, &result, NULL) == 0);
    char *json = leeward_result_json(result, "result");
    LW_CHECK(json && strcmp(json, "{\"protocol\":1,\"minimum_protocol\":1,\"version\":\"0.1.0\",\"pid\":4711,\"uid\":0,"
                                  "\"later\":[1,-1,1.5,null]}") == 0);
    leeward_free(json);
    leeward_result_free(result);
    leeward_close(connection);
    stop(&server);
}

static void refuses_answers_that_are_not_the_protocol(void)
{
    const char *names[] = {"empty frame", "not a map", "the reserved byte c1", "bytes after the map", "map cut off",
                           "string longer than the frame", "nested too deep"};
    leeward_request request = request_of("pass");
    leeward_result *result;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct script script = {.answer = vector("refused.json", names[i])};
        LW_CHECK(script.answer.bytes);
        LW_CHECK(run_once(script, &request, &result, NULL) == LW_PROTO_BAD_FRAME);
    }
    struct script script = {.answer = vector("refused.json", "length one above the limit")};
    LW_CHECK(run_once(script, &request, &result, NULL) == LW_PROTO_FRAME_TOO_LONG);
}

static void survives_every_cut_of_an_answer(void)
{
    leeward_request request = request_of("pass");
    struct frame whole = vector("answers.json", "refused");
    for (size_t size = 0; size < whole.size; size += 7) {
        struct script script = {.answer = {malloc(size + 1), size}, .read_before = 4};
        memcpy(script.answer.bytes, whole.bytes, size);
        leeward_result *result;
        leeward_error error;
        LW_CHECK(run_once(script, &request, &result, &error) == LW_JOB_LOST);
        LW_CHECK(error.retryable == 1);
    }
    free_frame(&whole);
}

static void tells_a_lost_job_from_a_closed_connection(void)
{
    struct server server;
    start(&server, (struct script){.close_first = 1});
    leeward_request request = request_of("pass");
    leeward *connection;
    leeward_result *result;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_execute(connection, &request, &result, NULL) == LW_JOB_LOST);
    LW_CHECK(leeward_execute(connection, &request, &result, NULL) == LW_DAEMON_UNREACHABLE);
    leeward_close(connection);
    stop(&server);
}

static void hears_why_while_it_is_still_sending(void)
{
    size_t size = 8 << 20;
    char *code = malloc(size);
    memset(code, 'x', size);
    leeward_request request = request_of("");
    request.code = code;
    request.code_length = size;
    leeward_result *result;
    leeward_error error;
    struct script script = {.answer = vector("answers.json", "error frame"), .read_before = 1000};
    LW_CHECK(run_once(script, &request, &result, &error) == LW_PROTO_BAD_FRAME);
    LW_CHECK(strcmp(error.message, "payload is not one msgpack map") == 0);
    free(code);
}

static void refuses_what_does_not_fit_a_frame(void)
{
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "output that is not text")});
    size_t size = 16 << 20;
    char *code = calloc(1, size);
    leeward_request request = request_of("");
    request.code = code;
    request.code_length = size;
    leeward *connection;
    leeward_result *result;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_execute(connection, &request, &result, NULL) == LW_REQUEST_TOO_LARGE);
    /* Nothing was sent: the connection is as good as before. */
    request.code_length = size - 100;
    LW_CHECK(leeward_execute(connection, &request, &result, NULL) == 0);
    leeward_result_free(result);
    leeward_close(connection);
    stop(&server);
    free(code);
}

static void names_the_wrong_field(void)
{
    struct server server;
    start(&server, (struct script){0});
    leeward *connection;
    leeward_result *result;
    leeward_error error;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    leeward_request request = request_of("pass");
    request.code = NULL;
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == LW_PROTO_MISSING_FIELD);
    LW_CHECK(strcmp(error.place, "code") == 0);
    request = request_of("pass");
    const char *env[] = {"A=b", "=c"};
    request.env = env, request.env_count = 2;
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == LW_PROTO_BAD_FIELD);
    LW_CHECK(strcmp(error.place, "env[1]") == 0);
    request = request_of("pass");
    leeward_mount mount = {.host = "/srv"};
    request.mounts = &mount, request.mount_count = 1;
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == LW_PROTO_MISSING_FIELD);
    LW_CHECK(strcmp(error.place, "mounts[0]") == 0);
    request = request_of("pass");
    const leeward_file files[] = {{"/tmp/empty", NULL, 0}, {"/tmp/nowhere", NULL, 1}};
    request.files = files, request.file_count = 2;
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == LW_PROTO_MISSING_FIELD);
    LW_CHECK(strcmp(error.place, "files[1]") == 0);
    request = request_of("pass");
    request.timeout_secs = -1;
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == LW_PROTO_BAD_FIELD);
    request = request_of("pass");
    request.size = 3;
    LW_CHECK(leeward_execute(connection, &request, &result, &error) == LW_PROTO_BAD_FIELD);
    leeward_close(connection);
    stop(&server);
}

static void takes_requests_of_other_versions(void)
{
    struct {
        leeward_request known;
        long newer;
    } longer = {.known = request_of("pass")};
    longer.known.size = sizeof(longer);
    leeward_result *result;
    struct script script = {.answer = vector("answers.json", "output that is not text")};
    LW_CHECK(run_once(script, &longer.known, &result, NULL) == 0);
    leeward_result_free(result);
    longer.newer = 1;
    LW_CHECK(run_once((struct script){0}, &longer.known, &result, NULL) == LW_PROTO_UNKNOWN_FIELD);
    leeward_request shorter = request_of("pass");
    shorter.size = offsetof(leeward_request, policy);
    shorter.policy = (const char *)8;
    script.answer = vector("answers.json", "output that is not text");
    LW_CHECK(run_once(script, &shorter, &result, NULL) == 0);
    leeward_result_free(result);
}

static void ignore_alarm(int signal)
{
    (void)signal;
}

static void a_caller_can_wait_by_itself(void)
{
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "output that is not text")});
    leeward *connection;
    leeward_result *result;
    leeward_error error;
    leeward_request request = request_of("pass");
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_receive(connection, &result, NULL) == LW_INTERNAL);
    leeward_close(connection);
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_send(connection, &request, NULL) == 0);
    LW_CHECK(leeward_send(connection, &request, NULL) == 0);
    LW_CHECK(leeward_ping(connection, &result, &error) == LW_INTERNAL);
    struct pollfd ready = {.fd = leeward_fd(connection), .events = POLLIN};
    LW_CHECK(poll(&ready, 1, 5000) == 1);
    for (int i = 0; i < 2; i++) {
        LW_CHECK(leeward_receive(connection, &result, NULL) == 0);
        leeward_result_free(result);
    }
    LW_CHECK(leeward_execute(connection, &request, &result, NULL) == 0);
    leeward_result_free(result);
    leeward_close(connection);
    stop(&server);
}

static void signals_do_not_disturb(void)
{
    signal(SIGALRM, ignore_alarm);
    struct itimerval every = {{0, 3000}, {0, 3000}}, never = {0};
    setitimer(ITIMER_REAL, &every, NULL);
    leeward_request request = request_of("pass");
    leeward_result *result;
    struct script script = {.answer = vector("answers.json", "output that is not text"), .piece = 1};
    int failed = run_once(script, &request, &result, NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    LW_CHECK(failed == 0);
    leeward_result_free(result);
}

static void *run_many(void *connection)
{
    leeward_request request = request_of("pass");
    for (int i = 0; i < 50; i++) {
        leeward_result *result;
        if (leeward_execute(connection, &request, &result, NULL)) return "failed";
        leeward_result_free(result);
    }
    return NULL;
}

static void threads_share_a_connection(void)
{
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "output that is not text")});
    leeward *connection;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, run_many, connection);
    void *outcome[4];
    for (int i = 0; i < 4; i++) pthread_join(threads[i], &outcome[i]);
    for (int i = 0; i < 4; i++) LW_CHECK(outcome[i] == NULL);
    leeward_close(connection);
    stop(&server);
}

static void raw_requests_travel_as_they_are(void)
{
    struct frame ping = vector("requests.json", "ping with id and version");
    struct server server;
    start(&server, (struct script){.answer = vector("answers.json", "ping")});
    leeward *connection;
    void *raw;
    size_t size;
    LW_CHECK(leeward_connect(server.path, &connection, NULL) == 0);
    LW_CHECK(leeward_execute_raw(connection, ping.bytes + 4, ping.size - 4, &raw, &size, NULL) == 0);
    LW_CHECK(server.request.size == ping.size && memcmp(server.request.bytes, ping.bytes, ping.size) == 0);
    LW_CHECK(size == server.script.answer.size - 4 && memcmp(raw, server.script.answer.bytes + 4, size) == 0);
    leeward_free(raw);
    leeward_close(connection);
    stop(&server);
    free_frame(&ping);
}

/* Those vectors of answers.json one behind the other. */
static struct frame conversation(const char *const *names)
{
    struct frame all = {malloc(1 << 12), 0};
    for (; *names; names++) {
        struct frame frame = vector("answers.json", *names);
        memcpy(all.bytes + all.size, frame.bytes, frame.size);
        all.size += frame.size;
        free_frame(&frame);
    }
    return all;
}

struct seen {
    leeward *connection;
    int cancels; /* how often it cancels at each part */
    size_t errors, others;
};

static void see(void *context, int descriptor, const void *data, size_t length)
{
    struct seen *seen = context;
    if (descriptor == 2 && length == 3 && memcmp(data, "\xff\0\n", 3) == 0)
        seen->errors++;
    else
        seen->others++;
    for (int i = 0; i < seen->cancels; i++) {
        if (leeward_cancel(seen->connection, NULL)) seen->others++;
    }
}

static int was_sent(const struct server *server, const char *name)
{
    struct frame expected = vector("requests.json", name);
    int same = server->request.size == expected.size && memcmp(server->request.bytes, expected.bytes, expected.size) == 0;
    free_frame(&expected);
    return same;
}

static void gives_output_as_it_comes(void)
{
    struct server server;
    const char *const names[] = {"output frame", "output frame", "streamed", NULL};
    start(&server, (struct script){.answer = conversation(names), .piece = 1});
    leeward_request request = request_of("pass");
    struct seen seen = {0};
    leeward_result *result;
    LW_CHECK(leeward_connect(server.path, &seen.connection, NULL) == 0);
    LW_CHECK(leeward_cancel(seen.connection, NULL) == 0);
    LW_CHECK(leeward_stream(seen.connection, &request, see, &seen, &result, NULL) == 0);
    LW_CHECK(was_sent(&server, "stream"));
    LW_CHECK(seen.errors == 2 && seen.others == 0);
    int64_t bytes = 0;
    LW_CHECK(leeward_result_integer(result, "result.streamed.stderr", &bytes) && bytes == 3);
    leeward_result_free(result);
    LW_CHECK(leeward_cancel(seen.connection, NULL) == 0);
    LW_CHECK(leeward_stream(seen.connection, &request, see, &seen, &result, NULL) == 0);
    LW_CHECK(was_sent(&server, "stream") && seen.errors == 4);
    leeward_result_free(result);
    leeward_close(seen.connection);
    stop(&server);
}

/* Whichever answer comes first, both are taken: the next request would get the other one for its own. */
static void cancels_what_it_streams(void)
{
    const char *const orders[][3] = {{"cancel", "streamed", NULL}, {"streamed", "cancel", NULL}};
    for (int i = 0; i < 2; i++) {
        struct server server;
        const char *const output[] = {"output frame", NULL};
        start(&server, (struct script){.answer = conversation(output), .later = conversation(orders[i])});
        leeward_request request = request_of("pass");
        struct seen seen = {.cancels = 1};
        leeward_result *result;
        LW_CHECK(leeward_connect(server.path, &seen.connection, NULL) == 0);
        LW_CHECK(leeward_stream(seen.connection, &request, see, &seen, &result, NULL) == 0);
        LW_CHECK(was_sent(&server, "cancel without id") && seen.errors == 1 && seen.others == 0);
        struct pollfd left = {.fd = leeward_fd(seen.connection), .events = POLLIN};
        LW_CHECK(poll(&left, 1, 20) == 0);
        leeward_result_free(result);
        leeward_close(seen.connection);
        stop(&server);
    }
}

static void ends_a_stream_that_breaks(void)
{
    const char *const names[] = {"output frame", NULL};
    leeward_request request = request_of("pass");
    struct seen seen = {0};
    leeward_result *result;
    struct server server;
    start(&server, (struct script){.answer = conversation(names), .read_before = 4});
    LW_CHECK(leeward_connect(server.path, &seen.connection, NULL) == 0);
    LW_CHECK(leeward_stream(seen.connection, &request, see, &seen, &result, NULL) == LW_JOB_LOST);
    LW_CHECK(result == NULL && seen.errors == 1);
    LW_CHECK(leeward_cancel(seen.connection, NULL) == 0);
    LW_CHECK(leeward_stream(seen.connection, &request, see, &seen, &result, NULL) == LW_DAEMON_UNREACHABLE);
    leeward_close(seen.connection);
    stop(&server);
}

static void says_why_it_cannot_connect(void)
{
    leeward *connection;
    leeward_error error;
    char path[100], longer[200];
    snprintf(path, sizeof(path), "%s/nothing", directory);
    LW_CHECK(leeward_connect(path, &connection, &error) == LW_DAEMON_UNREACHABLE);
    LW_CHECK(strstr(error.message, path) && error.retryable && connection == NULL);
    close(listen_at(path));
    LW_CHECK(leeward_connect(path, &connection, &error) == LW_DAEMON_UNREACHABLE);
    LW_CHECK(strstr(error.message, "does not answer: Connection refused"));
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    LW_CHECK(leeward_connect(longer, &connection, &error) == LW_PROTO_BAD_FIELD);
    setenv("LEEWARD_SOCKET", "relative", 1);
    LW_CHECK(leeward_connect(NULL, &connection, &error) == LW_PROTO_BAD_FIELD);
    unsetenv("LEEWARD_SOCKET");
    leeward_close(NULL);
    leeward_result_free(NULL);
}

static int first_candidate_is(const char *expected, const char *second)
{
    struct lw_candidates candidates;
    if (lw_socket_candidates(NULL, &candidates, NULL)) return 0;
    if (strcmp(candidates.paths[0], expected)) return 0;
    return second ? candidates.count == 2 && strcmp(candidates.paths[1], second) == 0 : candidates.count == 1;
}

/* Runs `child` as another user; its result. */
static int as_user(uid_t uid, int (*child)(void))
{
    pid_t pid = fork();
    if (pid == 0) _exit(uid != 0 && setresuid(uid, uid, uid) ? 100 : child());
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 101;
}

static int check_candidates_of_a_user(void)
{
    setenv("HOME", "/home/u", 1);
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("XDG_STATE_HOME");
    unsetenv("LEEWARD_STATE_DIR");
    if (!first_candidate_is("/home/u/.local/state/leeward/leeward.sock", LW_SYSTEM_SOCKET)) return 1;
    setenv("XDG_STATE_HOME", "/home/u/state", 1);
    if (!first_candidate_is("/home/u/state/leeward/leeward.sock", LW_SYSTEM_SOCKET)) return 2;
    setenv("LEEWARD_STATE_DIR", "/srv/state", 1);
    if (!first_candidate_is("/srv/state/leeward.sock", LW_SYSTEM_SOCKET)) return 3;
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    if (!first_candidate_is("/srv/state/leeward.sock", LW_SYSTEM_SOCKET)) return 4;
    setenv("XDG_RUNTIME_DIR", "/run/user/1000", 1);
    if (!first_candidate_is("/run/user/1000/leeward/leeward.sock", LW_SYSTEM_SOCKET)) return 5;
    setenv("LEEWARD_SOCKET", "/srv/l.sock", 1);
    return first_candidate_is("/srv/l.sock", NULL) ? 0 : 6;
}

static int check_candidates_of_root(void)
{
    setenv("XDG_RUNTIME_DIR", "/run/user/0", 1);
    return first_candidate_is(LW_SYSTEM_SOCKET, NULL) ? 0 : 1;
}

static void looks_where_the_daemon_listens(void)
{
    if (getuid() == 0) LW_CHECK(as_user(0, check_candidates_of_root) == 0);
    LW_CHECK(as_user(getuid() == 0 ? 12345 : getuid(), check_candidates_of_a_user) == 0);
}

static char foreign_path[100];

static int connect_to_foreign_server(void)
{
    leeward *connection;
    leeward_error error;
    unsetenv("LEEWARD_SERVER_UID");
    if (leeward_connect(foreign_path, &connection, &error) != LW_DAEMON_UNTRUSTED_SERVER) return 1;
    setenv("LEEWARD_SERVER_UID", "234567", 1);
    if (leeward_connect(foreign_path, &connection, &error) != LW_DAEMON_UNTRUSTED_SERVER) return 2;
    setenv("LEEWARD_SERVER_UID", "23456 ", 1);
    if (leeward_connect(foreign_path, &connection, &error) != LW_DAEMON_UNTRUSTED_SERVER) return 3;
    setenv("LEEWARD_SERVER_UID", "23456", 1);
    if (leeward_connect(foreign_path, &connection, &error)) return 4;
    leeward_close(connection);
    return 0;
}

static void sends_nothing_to_a_stranger(void)
{
    if (getuid() != 0) {
        printf("skip sends_nothing_to_a_stranger: needs root, to be two users\n");
        return;
    }
    snprintf(foreign_path, sizeof(foreign_path), "%s/foreign", directory);
    chmod(directory, 0777);
    /* SO_PEERCRED is who called listen(): a process of another user does. */
    int ready[2];
    if (pipe(ready)) abort();
    pid_t server = fork();
    if (server == 0) {
        if (setresuid(23456, 23456, 23456)) _exit(1);
        int listener = listen_at(foreign_path);
        chmod(foreign_path, 0777);
        if (write(ready[1], "r", 1) != 1) _exit(1);
        for (;;) close(accept(listener, NULL, NULL));
    }
    char byte;
    LW_CHECK(read(ready[0], &byte, 1) == 1);
    int outcome = as_user(12345, connect_to_foreign_server);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    close(ready[0]);
    close(ready[1]);
    LW_CHECK(outcome == 0);
}

int main(void)
{
    snprintf(directory, sizeof(directory), "/tmp/leeward-client-XXXXXX");
    if (!mkdtemp(directory)) return 1;
    unsetenv("LEEWARD_SOCKET");
    LW_RUN(sends_the_founding_bytes);
    LW_RUN(sends_every_field);
    LW_RUN(reads_a_refusal);
    LW_RUN(reads_an_error_frame);
    LW_RUN(gives_bytes_as_bytes);
    LW_RUN(pings);
    LW_RUN(refuses_answers_that_are_not_the_protocol);
    LW_RUN(survives_every_cut_of_an_answer);
    LW_RUN(tells_a_lost_job_from_a_closed_connection);
    LW_RUN(hears_why_while_it_is_still_sending);
    LW_RUN(refuses_what_does_not_fit_a_frame);
    LW_RUN(names_the_wrong_field);
    LW_RUN(takes_requests_of_other_versions);
    LW_RUN(a_caller_can_wait_by_itself);
    LW_RUN(signals_do_not_disturb);
    LW_RUN(threads_share_a_connection);
    LW_RUN(raw_requests_travel_as_they_are);
    LW_RUN(gives_output_as_it_comes);
    LW_RUN(cancels_what_it_streams);
    LW_RUN(ends_a_stream_that_breaks);
    LW_RUN(says_why_it_cannot_connect);
    LW_RUN(looks_where_the_daemon_listens);
    LW_RUN(sends_nothing_to_a_stranger);
    const char *names[] = {"socket", "nothing", "foreign"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[100];
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
    return lw_test_status();
}
