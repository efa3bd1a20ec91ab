/* The pure parts of the appliers, and those that a process can try on itself or on a child. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_landlock.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "lw_rlimits.h"
#include "lw_steps.h"
#include "lw_test.h"
#include "lw_text.h"
#include "plan_sample.h"

static _Alignas(8) char plan[LW_SAMPLE_MAX];

/* Runs `body` in a child, as it changes the process. Returns its exit status, or -1. */
static int in_child(int (*body)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(body());
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_text(void)
{
    char buffer[16];
    struct lw_text text = lw_text_in(buffer, sizeof(buffer));
    lw_text_append_number(&text, 0, 10);
    lw_text_append(&text, " ");
    lw_text_append_number(&text, 0755, 8);
    LW_CHECK(strcmp(buffer, "0 755") == 0 && text.length == 5 && !text.overflow);
    lw_text_append(&text, "0123456789");
    LW_CHECK(strcmp(buffer, "0 7550123456789") == 0 && !text.overflow);
    lw_text_append(&text, "x");
    LW_CHECK(strcmp(buffer, "0 7550123456789") == 0 && text.overflow);
}

static void test_largest_number(void)
{
    char buffer[32];
    struct lw_text text = lw_text_in(buffer, sizeof(buffer));
    lw_text_append_number(&text, UINT64_MAX, 10);
    LW_CHECK(strcmp(buffer, "18446744073709551615") == 0);
    text = lw_text_in(buffer, sizeof(buffer));
    lw_text_append_number(&text, UINT64_MAX, 8);
    LW_CHECK(strcmp(buffer, "1777777777777777777777") == 0);
}

static int step_log[4];
static int step_count;

static int good_step(void *context, struct lw_error *error)
{
    (void)error;
    step_log[step_count++] = *(int *)context;
    return 0;
}

static int bad_step(void *context, struct lw_error *error)
{
    (void)context;
    (void)error;
    return -EPERM;
}

static int indexed_step(void *context, struct lw_error *error)
{
    (void)context;
    return lw_fail(error, LW_STAGE_MOUNT, 7, EROFS);
}

static void test_steps(void)
{
    const struct lw_step bad[] = {
        {LW_STAGE_ROOT, "good", good_step}, {LW_STAGE_PIVOT, "bad", bad_step}, {LW_STAGE_ROOT, "good", good_step}};
    const struct lw_step indexed[] = {{LW_STAGE_PIVOT, "indexed", indexed_step}};
    struct lw_error error = {0};
    int mark = 5;
    step_count = 0;
    LW_CHECK(lw_steps_run(bad, 1, &mark, &error) == 0 && error.stage == 0 && step_count == 1 && step_log[0] == 5);
    LW_CHECK(lw_steps_run(bad, 3, &mark, &error) == -EPERM && step_count == 2);
    LW_CHECK(error.stage == LW_STAGE_PIVOT && error.index == 0 && error.errno_ == EPERM);
    error = (struct lw_error){0};
    LW_CHECK(lw_steps_run(indexed, 1, &mark, &error) == -EROFS);
    LW_CHECK(error.stage == LW_STAGE_MOUNT && error.index == 7 && error.errno_ == EROFS);
}

static void test_landlock_masks(void)
{
    lw_sample_plan(plan); /* abi 6; fs 0xffff, net 3, scoped 3 */
    const struct {
        uint32_t kernel, cap, abi;
        uint64_t fs, net, scoped;
    } cases[] = {
        {0, UINT32_MAX, 0, 0, 0, 0},           {1, UINT32_MAX, 1, 0x1fff, 0, 0}, {2, UINT32_MAX, 2, 0x3fff, 0, 0},
        {3, UINT32_MAX, 3, 0x7fff, 0, 0},      {4, UINT32_MAX, 4, 0x7fff, 3, 0}, {5, UINT32_MAX, 5, 0xffff, 3, 0},
        {6, UINT32_MAX, 6, 0xffff, 3, 3},      {7, UINT32_MAX, 6, 0xffff, 3, 3}, {7, 3, 3, 0x7fff, 0, 0},
        {7, 0, 0, 0, 0, 0},                    {99, UINT32_MAX, 6, 0xffff, 3, 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lw_landlock_sets sets = lw_landlock_usable(plan, cases[i].kernel, cases[i].cap);
        LW_CHECK(sets.abi == cases[i].abi && sets.handled_fs == cases[i].fs);
        LW_CHECK(sets.handled_net == cases[i].net && sets.scoped == cases[i].scoped);
    }
}

/* A plan for an ABI newer than our table asks for no more than the table knows. */
static void test_landlock_unknown_abi(void)
{
    lw_sample_plan(plan);
    struct lw_plan_header *header = (struct lw_plan_header *)plan;
    header->landlock_abi = 99;
    header->landlock_handled_fs = UINT64_MAX;
    struct lw_landlock_sets sets = lw_landlock_usable(plan, 99, UINT32_MAX);
    LW_CHECK(sets.abi == 99 && sets.handled_fs == 0x1ffff);
}

static void test_landlock_rule_access(void)
{
    LW_CHECK(lw_landlock_rule_access(0xffff, 0x1fff, 1) == 0x1fff);
    LW_CHECK(lw_landlock_rule_access(0xffff, 0xffff, 0) == 0xc007);
    LW_CHECK(lw_landlock_rule_access(1u << 3, 0xffff, 0) == 0);
}

static int arrange_body(void)
{
    int ends[2];
    if (pipe(ends) < 0 || dup2(ends[0], 20) < 0 || dup2(ends[1], 21) < 0)
        return 1;
    /* Crossed on purpose: 0 is wanted where 1 is, and one descriptor in two places. */
    const int wanted[] = {STDOUT_FILENO, STDIN_FILENO, 21, 21, 20};
    struct stat before[2], after[2];
    fstat(STDIN_FILENO, &before[0]);
    fstat(20, &before[1]);
    if (lw_fd_arrange(wanted, 5))
        return 2;
    fstat(1, &after[0]);
    fstat(4, &after[1]);
    if (before[0].st_ino != after[0].st_ino || before[1].st_ino != after[1].st_ino)
        return 3;
    if (fcntl(5, F_GETFD) >= 0 || fcntl(20, F_GETFD) >= 0 || fcntl(4, F_GETFD) != 0)
        return 4;
    char byte = 0;
    return lw_fd_write_all(3, "x", 1) || lw_fd_read_exact(4, &byte, 1) || byte != 'x' ? 5 : 0;
}

static void test_arrange_descriptors(void)
{
    LW_CHECK(in_child(arrange_body) == 0);
    int too_many[LW_FD_ARRANGE_MAX + 1] = {0};
    LW_CHECK(lw_fd_arrange(too_many, LW_FD_ARRANGE_MAX + 1) == -E2BIG);
}

static int close_except_body(void)
{
    for (int fd = 10; fd < 20; fd++)
        if (dup2(STDIN_FILENO, fd) < 0)
            return 1;
    const int keep[] = {17, -1, 12, 0};
    if (lw_fd_close_except(keep, 4))
        return 2;
    for (int fd = 0; fd < 64; fd++)
        if ((fcntl(fd, F_GETFD) >= 0) != (fd == 0 || fd == 12 || fd == 17))
            return 3;
    return lw_fd_close_except(NULL, 0) || fcntl(0, F_GETFD) >= 0 ? 4 : 0;
}

static void test_close_except(void)
{
    LW_CHECK(in_child(close_except_body) == 0);
}

static void test_messages(void)
{
    int pair[2], received[2], null = open("/dev/null", O_RDONLY);
    unsigned count = 2;
    char text[8] = {0};
    const int sent[] = {null, null};
    LW_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    LW_CHECK(lw_io_send(pair[0], "hello", 5, sent, 2) == 0);
    LW_CHECK(lw_io_receive(pair[1], text, sizeof(text), received, &count) == 5);
    LW_CHECK(count == 2 && strcmp(text, "hello") == 0 && fcntl(received[0], F_GETFD) == FD_CLOEXEC);
    close(received[0]);
    close(received[1]);
    int next = dup(null); /* the number that a leaked descriptor would get */
    close(next);
    LW_CHECK(lw_io_send(pair[0], "hello", 5, sent, 2) == 0);
    count = 1;
    LW_CHECK(lw_io_receive(pair[1], text, sizeof(text), received, &count) == -EMSGSIZE && count == 0);
    LW_CHECK(lw_io_send(pair[0], "too long for it", 15, sent, 1) == 0);
    count = 1;
    LW_CHECK(lw_io_receive(pair[1], text, sizeof(text), received, &count) == -EMSGSIZE && count == 0);
    LW_CHECK(lw_io_send(pair[0], "x", 1, sent, 1) == 0);
    LW_CHECK(lw_io_receive(pair[1], text, sizeof(text), NULL, NULL) == -EMSGSIZE);
    int again = dup(null);
    close(again);
    LW_CHECK(next == again);
    close(pair[0]);
    LW_CHECK(lw_io_receive(pair[1], text, sizeof(text), NULL, NULL) == 0);
    LW_CHECK(lw_io_send(pair[1], "x", 1, NULL, 0) == -EPIPE);
    close(pair[1]);
    close(null);
}

static int rlimits_body(void)
{
    struct rlimit tight = {40, 50}, got;
    struct lw_error error = {0};
    uint32_t count;
    lw_sample_plan(plan);
    const struct lw_plan_rlimit *limits = lw_plan_rlimits(plan, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (limits[i].resource == RLIMIT_NOFILE && (limits[i].hard <= 50 || setrlimit(RLIMIT_NOFILE, &tight) < 0))
            return 1;
    }
    if (lw_rlimits_apply(plan, &error))
        return 2;
    for (uint32_t i = 0; i < count; i++) {
        if (getrlimit((__rlimit_resource_t)limits[i].resource, &got) < 0 || got.rlim_max > limits[i].hard)
            return 3;
    }
    return getrlimit(RLIMIT_NOFILE, &got) < 0 || got.rlim_max != 50 ? 4 : 0;
}

/* A limit that is tighter already is not raised, and not an error. */
static void test_rlimits(void)
{
    LW_CHECK(in_child(rlimits_body) == 0);
}

static int caps_body(void)
{
    char line[256];
    if (lw_caps_apply(0, 0xef))
        return 1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof(line), status)) {
        if (strncmp(line, "Cap", 3) == 0 && !strstr(line, "\t0000000000000000"))
            return 2;
    }
    if (status)
        fclose(status);
    return lw_caps_apply(0, 0) == -EPERM ? 0 : 3; /* locked */
}

static void test_caps(void)
{
    if (geteuid() == 0)
        LW_CHECK(in_child(caps_body) == 0);
}

static int user_namespaces_body(void)
{
    int proc = lw_proc_open();
    uid_t uid = getuid();
    gid_t gid = getgid();
    if (proc < 0 || lw_namespaces_unshare(CLONE_NEWUSER) || lw_id_map_self(proc, 0, uid, 0, gid))
        return 1;
    if (lw_user_namespaces_limit(proc, 1))
        return 2;
    if (lw_namespaces_unshare(CLONE_NEWUSER) || lw_id_map_self(proc, 0, 0, 0, 0))
        return 3;
    /* The one that there may be, and nobody in it counts anew. */
    if (lw_namespaces_unshare(CLONE_NEWUSER) != -ENOSPC || lw_user_namespaces_limit(proc, 5))
        return 4;
    return lw_namespaces_unshare(CLONE_NEWUSER) == -ENOSPC ? 0 : 5;
}

static void test_user_namespaces(void)
{
    LW_CHECK(in_child(user_namespaces_body) == 0);
}

static void test_clone(void)
{
    int pidfd = -1, status;
    pid_t pid = lw_clone(0, &pidfd);
    if (pid == 0)
        _exit(9);
    LW_CHECK(pid > 0 && pidfd >= 0 && fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
    LW_CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9);
    close(pidfd);
}

int main(void)
{
    LW_RUN(test_text);
    LW_RUN(test_largest_number);
    LW_RUN(test_steps);
    LW_RUN(test_landlock_masks);
    LW_RUN(test_landlock_unknown_abi);
    LW_RUN(test_landlock_rule_access);
    LW_RUN(test_arrange_descriptors);
    LW_RUN(test_close_except);
    LW_RUN(test_messages);
    LW_RUN(test_rlimits);
    LW_RUN(test_caps);
    LW_RUN(test_user_namespaces);
    LW_RUN(test_clone);
    return lw_test_status();
}
