/*
 * A daemon that was taken over: the supervisor of a root service, driven by hand with what no honest daemon sends. Everything
 * outside of the envelope is refused by name, and the next honest job runs.
 */
#include "lw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_bpf.h"
#include "lw_io.h"
#include "lw_namespaces.h"
#include "lw_plan.h"
#include "smoke_plan.h"
#include "test_daemon.h"

enum { PEER = 23456, MEMBER = 23458, MEMBERS_GROUP = 777, STRANGER = 23459, DAEMON = 23460, TIME_LIMIT_SECONDS = 240 };

static char program[4096], worker[4096], base[128], workspace[160], data[160], foreign[192], cgroup_name[64];
static struct test_daemon supervisor;
static struct test_job *job;
static _Alignas(8) char sample[LW_SMOKE_PLAN_MAX];
static size_t sample_size;
static uint32_t refused_errno;
static struct test_root roots[8];
static struct test_envelope envelope;
static struct test_config config;

static const struct test_peer peers[] = {{LW_WHO_UID, 0}, {LW_WHO_UID, PEER}, {LW_WHO_GID, MEMBERS_GROUP}};

static char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/%s", data, name);
    return path;
}

static void put_directory(const char *name, uid_t owner, mode_t mode)
{
    if (mkdir(path_of(name), 0700) < 0 || chown(path_of(name), owner, owner) < 0 || chmod(path_of(name), mode) < 0) abort();
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static int honest_job(void)
{
    struct test_request asked = {.code = "print('served')", .peer_uid = PEER, .peer_gid = PEER};
    struct test_job *served = test_daemon_run(&supervisor, &asked);
    return served && served->end.status == LW_STATUS_OK && strcmp(served->out, "served\n") == 0;
}

static int is_refused(struct test_request asked, uint32_t stage, const char *named)
{
    asked.code = "print('never')";
    job = test_daemon_run(&supervisor, &asked);
    int right = job && job->end.status == LW_STATUS_SANDBOX_ERROR && job->end.stage == stage && !job->end.started &&
                strstr(job->detail, named);
    if (job) refused_errno = job->end.errno_;
    if (job && !right) printf("# %s %s: %s\n", lw_status_name(job->end.status), lw_stage_name(job->end.stage), job->detail);
    return right && honest_job();
}

static int peer_is_refused(uint32_t uid, uint32_t gid, const uint32_t *groups, uint32_t count, const char *named)
{
    const struct test_request asked = {.peer_uid = uid, .peer_gid = gid, .groups = groups, .group_count = count};
    return is_refused(asked, LW_STAGE_ENVELOPE, named);
}

static void refuses_peers(void)
{
    const uint32_t roots_group[] = {0}, a_slots_group[] = {200001}, nobodys[] = {65534};
    LW_CHECK(peer_is_refused(STRANGER, STRANGER, NULL, 0, "uid 23459"));
    LW_CHECK(peer_is_refused(DAEMON, DAEMON, NULL, 0, "uid 23460"));
    LW_CHECK(peer_is_refused(65534, PEER, NULL, 0, "overflow"));
    LW_CHECK(peer_is_refused(PEER, 65534, NULL, 0, "overflow"));
    LW_CHECK(peer_is_refused(UINT32_MAX, PEER, NULL, 0, "overflow"));
    LW_CHECK(peer_is_refused(200003, 200003, NULL, 0, "sandbox"));
    LW_CHECK(peer_is_refused(300001, PEER, NULL, 0, "sandbox"));
    LW_CHECK(peer_is_refused(PEER, 0, NULL, 0, "root's group"));
    LW_CHECK(peer_is_refused(PEER, PEER, roots_group, 1, "root's group"));
    LW_CHECK(peer_is_refused(PEER, PEER, a_slots_group, 1, "sandbox"));
    LW_CHECK(peer_is_refused(PEER, PEER, nobodys, 1, "nobody"));
}

static int source_is_refused(uint32_t uid, const char *root, const char *path, uint32_t flags, uint32_t stage, const char *named)
{
    const struct test_mount mount = {root, path, "/output", flags, 0};
    const struct test_request asked = {.peer_uid = uid, .peer_gid = uid, .mounts = &mount, .mount_count = 1};
    return is_refused(asked, stage, named);
}

static void refuses_request_paths(void)
{
    const uint32_t envelope_stage = LW_STAGE_ENVELOPE, opener = LW_STAGE_OPEN_SOURCE, writable = LW_JOB_MOUNT_FLAG_WRITABLE;
    char dotted[512], linked[512], given[192];
    snprintf(given, sizeof(given), "%s/given", data);
    snprintf(dotted, sizeof(dotted), "%s/../foreign", given);
    snprintf(linked, sizeof(linked), "%s/link", given);
    for (int i = 0; i < 2; i++) {
        uint32_t uid = i ? PEER : 0;
        LW_CHECK(source_is_refused(uid, "/", "etc", 0, envelope_stage, "/: outside"));
        LW_CHECK(source_is_refused(uid, "/etc", "", 0, envelope_stage, "/etc: outside"));
        LW_CHECK(source_is_refused(uid, foreign, "", 0, envelope_stage, "foreign: outside"));
        LW_CHECK(source_is_refused(uid, "/proc/self/root", "etc", 0, envelope_stage, "/proc/self/root"));
        LW_CHECK(source_is_refused(uid, dotted, "", 0, envelope_stage, "`..`"));
        LW_CHECK(source_is_refused(uid, "", "", 0, envelope_stage, "absolute"));
        LW_CHECK(source_is_refused(uid, given, "../foreign", 0, opener, "../foreign"));
        LW_CHECK(source_is_refused(uid, given, "/etc", 0, opener, "/etc"));
        LW_CHECK(source_is_refused(uid, given, "link", 0, opener, "link"));
        LW_CHECK(source_is_refused(uid, linked, "", 0, opener, "link"));
        LW_CHECK(source_is_refused(uid, path_of("reading"), "", writable, envelope_stage, "for writing"));
    }
    /* A root of somebody else; one that is a source of plans and no more; a name that only starts like a root's. */
    LW_CHECK(source_is_refused(PEER, path_of("members"), "", 0, envelope_stage, "members: outside"));
    LW_CHECK(source_is_refused(PEER, "/usr", "", 0, envelope_stage, "/usr: outside"));
    LW_CHECK(source_is_refused(PEER, path_of("given-not"), "", 0, envelope_stage, "given-not: outside"));
}

/* Nothing comes back of a mount that the job could not write in, of one that it does not have, or beyond what an answer holds. */
static void refuses_to_collect(void)
{
    const struct test_mount reading = {path_of("reading"), "", "/input", 0, 0};
    const struct test_collect first = {0, "", "*"}, none = {1, "", "*"}, beyond = {16, "", "*"};
    struct test_request asked = {.peer_uid = PEER, .peer_gid = PEER, .mounts = &reading, .mount_count = 1, .collect_count = 1};
    const struct test_collect *wrong[] = {&first, &none};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        asked.collects = wrong[i];
        LW_CHECK(is_refused(asked, LW_STAGE_PAYLOAD, "writable mount"));
    }
    asked.collects = &beyond;
    LW_CHECK(is_refused(asked, LW_STAGE_CONFIG, "out_of_range"));
}

static void serves_what_was_given(void)
{
    const uint32_t groups[] = {MEMBERS_GROUP};
    const struct test_mount own = {path_of("given"), "", "/output", LW_JOB_MOUNT_FLAG_WRITABLE, 0};
    struct test_request asked = {.code = "open('/output/x', 'w').close(); print('ok')", .peer_uid = PEER, .peer_gid = PEER,
                                 .mounts = &own, .mount_count = 1};
    job = test_daemon_run(&supervisor, &asked);
    LW_CHECK(job && job->end.status == LW_STATUS_OK && strcmp(job->out, "ok\n") == 0);
    const struct test_mount of_the_group = {path_of("members"), "", "/input", 0, 0};
    asked = (struct test_request){.code = "import os; print(os.listdir('/input'))", .peer_uid = MEMBER, .peer_gid = MEMBER,
                                  .groups = groups, .group_count = 1, .mounts = &of_the_group, .mount_count = 1};
    job = test_daemon_run(&supervisor, &asked);
    LW_CHECK(job && job->end.status == LW_STATUS_OK && strcmp(job->out, "[]\n") == 0);
}

/* What stands at a root's path now is not what root gave. */
static void refuses_a_root_that_was_replaced(void)
{
    char root[512], aside[512];
    snprintf(root, sizeof(root), "%s/replaced", data);
    snprintf(aside, sizeof(aside), "%s/aside", data);
    LW_CHECK(rename(root, aside) == 0 && mkdir(root, 0755) == 0);
    LW_CHECK(source_is_refused(PEER, root, "", 0, LW_STAGE_OPEN_SOURCE, "replaced") && refused_errno == ESTALE);
    LW_CHECK(rmdir(root) == 0 && rename(aside, root) == 0);
}

/* --- plans -------------------------------------------------------------------------------------------------------- */

/* The one whose worker directory is this one. */
static void plan_with_source(const char *source)
{
    sample_size = lw_smoke_plan(sample, source, "/usr/bin/python3", "{\"preload\": [\"time\"]}");
}

static struct lw_plan_header *new_plan(void)
{
    plan_with_source(worker);
    return (struct lw_plan_header *)(void *)sample;
}

static struct lw_plan_mount *mount_at(const char *target)
{
    uint32_t count;
    const struct lw_plan_mount *mounts = lw_plan_mounts(sample, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(lw_plan_string(sample, mounts[i].target), target) == 0) return (struct lw_plan_mount *)(uintptr_t)&mounts[i];
    }
    abort();
}

/* Puts another text of the same length at the place of a string. */
static void replace_string(const char *text, const char *other)
{
    uint32_t size;
    char *strings = (char *)(uintptr_t)lw_plan_strings(sample, &size);
    for (uint32_t at = 1; at < size; at += (uint32_t)strlen(strings + at) + 1) {
        if (strcmp(strings + at, text) == 0) memcpy(strings + at, other, strlen(text));
    }
}

static int open_plan(void)
{
    int fd = test_sealed_memfd(sample, sample_size);
    int result = test_daemon_open(&supervisor, fd, 1, 2);
    close(fd);
    return result;
}

/* The pool that honest jobs run in stays the one of before. */
static int plan_is_refused(uint32_t stage, const char *named)
{
    struct test_pool honest = supervisor.pool;
    int refused = open_plan() != 0 && supervisor.pool.failure.stage == stage && strstr(supervisor.pool.detail, named);
    if (!refused) printf("# %s: %s\n", lw_stage_name(supervisor.pool.failure.stage), supervisor.pool.detail);
    supervisor.pool = honest;
    return refused && honest_job();
}

static void refuses_plans_below_the_floor(void)
{
    static const uint32_t needed[] = {LW_NAMESPACE_USER, LW_NAMESPACE_PID, LW_NAMESPACE_MOUNT, LW_NAMESPACE_NET};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        new_plan()->namespaces &= ~needed[i];
        LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "namespace_missing"));
    }
    new_plan()->capabilities = 1;
    LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "capability_kept"));
    new_plan()->sections[LW_SECTION_FILTER].count = 0;
    LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "section"));
    new_plan();
    mount_at("/usr")->flags &= ~(uint32_t)LW_MOUNT_FLAG_NODEV;
    LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "missing_flag"));
    new_plan()->total_size--;
    LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "size_mismatch"));
    new_plan()->magic ^= 1;
    LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "magic"));
}

static void refuses_sources(void)
{
    char link[192], given[192];
    snprintf(link, sizeof(link), "%s/sources/link", data);
    snprintf(given, sizeof(given), "%s/given", data);
    const struct {
        const char *source;
        uint32_t stage;
        const char *named;
    } cases[] = {{"/", LW_STAGE_ENVELOPE, "/: outside"},
                 {"/etc", LW_STAGE_ENVELOPE, "/etc: outside"},
                 {"/dev", LW_STAGE_ENVELOPE, "/dev: outside"},
                 {"/usr-local", LW_STAGE_ENVELOPE, "/usr-local: outside"},
                 {"/proc/self/root/usr", LW_STAGE_ENVELOPE, "/proc/self/root/usr: outside"},
                 {given, LW_STAGE_ENVELOPE, "given: outside"},
                 {link, LW_STAGE_OPEN_SOURCE, "sources/link"},
                 {"/usr/../etc", LW_STAGE_PLAN, "path_not_normalized"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        plan_with_source(cases[i].source);
        LW_CHECK(plan_is_refused(cases[i].stage, cases[i].named));
    }
    new_plan();
    mount_at("/usr")->flags &= ~(uint32_t)LW_MOUNT_FLAG_READ_ONLY;
    LW_CHECK(plan_is_refused(LW_STAGE_ENVELOPE, "/usr: outside of what root allowed at start as a writable source"));
    new_plan();
    replace_string("/dev/null", "/dev/kmsg");
    LW_CHECK(plan_is_refused(LW_STAGE_ENVELOPE, "/dev/kmsg: outside of what root allowed at start as a device"));
}

/* No word of a plan turns no_new_privs off or leaves it out: with all that weakens one, jobs have it, and the receipt says so. */
static void no_plan_leaves_out_no_new_privs(void)
{
    struct test_request asked = {
        .code = "for line in open('/proc/self/status'):\n    if line[:10] in ('NoNewPrivs', 'CapBnd:\\t00', 'Seccomp:\\t2'): print(line.strip())\n",
        .peer_uid = PEER,
        .peer_gid = PEER};
    struct test_pool honest = supervisor.pool;
    struct lw_plan_header *header = new_plan();
    header->securebits = 0;
    LW_CHECK(open_plan() == 0);
    job = test_daemon_run(&supervisor, &asked);
    LW_CHECK(job && job->end.status == LW_STATUS_OK && (job->end.receipt_flags & LW_RECEIPT_FLAG_NO_NEW_PRIVS));
    LW_CHECK(job && strcmp(job->out, "CapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n") == 0);
    test_daemon_close_pool(&supervisor, supervisor.pool.id);
    supervisor.pool = honest;
    new_plan()->user_namespaces_max = 1u << 31;
    LW_CHECK(plan_is_refused(LW_STAGE_PLAN, "range"));
}

/* "No mapping of host id 0 or of the daemon's", and of nobody whom root has not named. */
static void refuses_to_run_as(void)
{
    static const struct {
        uint32_t uid, gid;
        const char *named;
    } cases[] = {{0, PEER, "host uid 0"}, {PEER, 0, "gid 0"}, {DAEMON, PEER, "the daemon's own"}, {PEER, DAEMON, "the daemon's own"},
                 {200001, PEER, "sandbox"}, {65534, PEER, "overflow"}, {STRANGER, STRANGER, "no jobs for this peer"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        new_plan()->no_idmap = LW_NO_IDMAP_RUN_AS_PEER;
        supervisor.run_as_uid = cases[i].uid;
        supervisor.run_as_gid = cases[i].gid;
        LW_CHECK(plan_is_refused(LW_STAGE_ENVELOPE, cases[i].named));
    }
    new_plan();
    supervisor.run_as_uid = supervisor.run_as_gid = PEER;
    LW_CHECK(plan_is_refused(LW_STAGE_ENVELOPE, "the policy does not let"));
    supervisor.run_as_uid = supervisor.run_as_gid = 0;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static int log_has(void *text)
{
    return strstr(supervisor.log, text) != NULL;
}

static void send_type(uint32_t type, uint32_t size, const int *fds, unsigned count)
{
    _Alignas(8) static char message[LW_MESSAGE_MAX + 4096];
    struct lw_message_header header = {type, size, 1u << 20};
    memset(message, 0, sizeof(message));
    memcpy(message, &header, sizeof(header));
    test_daemon_send_raw(&supervisor, message, size, fds, count);
}

static void survives_messages(void)
{
    const int odd[3] = {0, 1, 2};
    for (uint32_t type = 0; type < 22; type++) send_type(type, sizeof(struct lw_message_header), NULL, 0);
    LW_CHECK(honest_job());
    LW_CHECK(log_has("unexpected message") || log_has("malformed"));
    send_type(LW_MESSAGE_CONFIG, 64, NULL, 0);
    send_type(LW_MESSAGE_ENVELOPE, 56, NULL, 0);
    send_type(LW_MESSAGE_JOB_RUN, LW_MESSAGE_MAX + 4000, NULL, 0);
    test_daemon_send_raw(&supervisor, "x", 1, NULL, 0);
    test_daemon_send_raw(&supervisor, "leeward", 7, odd, 3);
    send_type(LW_MESSAGE_POOL_CLOSE, sizeof(struct lw_message_header), odd, 2);
    for (int i = 0; i < 5000; i++) send_type(LW_MESSAGE_JOB_CANCEL, sizeof(struct lw_message_job_cancel), NULL, 0);
    LW_CHECK(honest_job());
}

/* Answers that nobody reads do not pile up. */
static void survives_questions(void)
{
    enum { QUESTIONS = 20000 };
    uint32_t before = supervisor.rosters;
    for (int i = 0; i < QUESTIONS; i++) send_type(LW_MESSAGE_WORKERS_ASK, sizeof(struct lw_message_workers_ask), NULL, 0);
    LW_CHECK(honest_job() && test_daemon_ask_workers(&supervisor) == 0);
    LW_CHECK(supervisor.rosters - before > 0 && supervisor.rosters - before < QUESTIONS / 2);
}

/* Whoever claims to have taken what he never got harms his own job at most, and one that is never taken anything from ends at its time. */
static void survives_words_about_output(void)
{
    const uint64_t words[] = {0, 1, UINT64_MAX};
    struct test_request asked = {.code = "import os\nwhile True: os.write(1, b'x' * 4096)", .peer_uid = PEER, .peer_gid = PEER,
                                 .stream_window = 1, .timeout_ms = 1500 * (unsigned)test_slowness()};
    test_daemon_forget(&supervisor);
    struct test_job *running = test_daemon_send(&supervisor, &asked);
    const uint64_t ids[] = {0, running->id, running->id + 1000, UINT64_MAX};
    for (int turn = 0; turn < 200; turn++) {
        for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) test_daemon_take(&supervisor, ids[i], words[turn % 3]);
    }
    LW_CHECK(test_daemon_await(&supervisor, running, 10000) == 0 && running->end.status == LW_STATUS_TIMED_OUT);
    for (size_t i = 0; i < 3; i++) test_daemon_take(&supervisor, running->id, words[i]);
    LW_CHECK(honest_job());
}

/* The plan's descriptor: a file, an unsealed memfd, a socket, a pipe, a directory, none. */
static void refuses_descriptors_of_another_kind(void)
{
    int pipes[2];
    new_plan();
    LW_CHECK(pipe(pipes) == 0);
    int fds[] = {open("/etc/hostname", O_RDONLY), memfd_create("plan", 0), supervisor.socket, pipes[0],
                 open("/", O_RDONLY | O_DIRECTORY), -1};
    LW_CHECK(write(fds[1], sample, sample_size) == (ssize_t)sample_size);
    struct test_pool honest = supervisor.pool;
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
        LW_CHECK(test_daemon_open(&supervisor, fds[i], 1, 1) != 0 && supervisor.pool.failure.stage == LW_STAGE_PLAN);
        LW_CHECK(strstr(supervisor.pool.detail, "sealed"));
        supervisor.pool = honest;
        LW_CHECK(honest_job());
    }
    struct lw_message_job_run asked = {.header = {LW_MESSAGE_JOB_RUN, sizeof(asked) + 1, supervisor.next_id++},
                                       .pool_id = honest.id, .memory_max = 1, .timeout_ms = 1, .peer_uid = PEER, .peer_gid = PEER};
    char message[sizeof(asked) + 1] = "";
    memcpy(message, &asked, sizeof(asked));
    test_daemon_forget(&supervisor);
    job = &supervisor.jobs[supervisor.job_count++];
    *job = (struct test_job){.id = asked.header.id};
    test_daemon_send_raw(&supervisor, message, sizeof(message), pipes, 2);
    LW_CHECK(test_daemon_await(&supervisor, job, 5000) == 0 && job->end.stage == LW_STAGE_PAYLOAD && strstr(job->detail, "payload"));
    LW_CHECK(honest_job());
}

/* --- config and envelope ------------------------------------------------------------------------------------------- */

/* A supervisor that does not start; the one of the other tests goes on. */
static int start_is_refused(const struct test_config *asked, const char *named)
{
    static struct test_daemon other;
    int refused = test_daemon_start(&other, asked) != 0 && strstr(other.log, named);
    if (!refused) printf("# wanted %s: %s\n", named, other.log);
    test_daemon_stop(&other, 3000);
    return refused;
}

static int config_is_refused(const char *cgroup, const char *directory, const char *named)
{
    struct test_config asked = config;
    asked.cgroup_name = cgroup;
    asked.workspace = directory;
    return start_is_refused(&asked, named);
}

static void refuses_configs(void)
{
    char longer[96], above[96], absolute[96];
    snprintf(longer, sizeof(longer), "%s-more", cgroup_name);
    snprintf(above, sizeof(above), "%s/../other", cgroup_name);
    snprintf(absolute, sizeof(absolute), "/%s", cgroup_name);
    LW_CHECK(config_is_refused("system.slice", workspace, "outside of the envelope"));
    LW_CHECK(config_is_refused(longer, workspace, "outside of the envelope"));
    LW_CHECK(config_is_refused(above, workspace, "ordinary components"));
    LW_CHECK(config_is_refused(absolute, workspace, "ordinary components"));
    LW_CHECK(config_is_refused("", workspace, "ordinary components"));
    LW_CHECK(config_is_refused(cgroup_name, "/etc", "workspace /etc"));
}

/* The config of these tests asks for slots 200000+64 and pools 300000+8. */
static void refuses_ids(void)
{
    struct test_envelope other = envelope;
    struct test_config asked = config;
    asked.envelope = &other;
    other.slot_count = 63;
    LW_CHECK(start_is_refused(&asked, "ids of slots 200000+64 are outside"));
    other = envelope;
    other.slot_uid_base = 200001;
    LW_CHECK(start_is_refused(&asked, "ids of slots 200000+64 are outside"));
    other = envelope;
    other.pool_uid_base = 299999;
    LW_CHECK(start_is_refused(&asked, "ids of pools 300000+8 are outside"));
    other = envelope;
    other.daemon_uid = 200063;
    LW_CHECK(start_is_refused(&asked, "the daemon's own ids 200063"));
    other = envelope;
    other.slot_uid_base = 65500;
    LW_CHECK(start_is_refused(&asked, "without 65534"));
}

static void needs_an_envelope(void)
{
    static const struct test_root bad = {"/usr/../etc", LW_ROOT_FLAG_SOURCE, LW_WHO_EVERY_PEER, 0};
    static const struct test_peer anybody = {LW_WHO_EVERY_PEER, 0};
    struct test_envelope other = envelope;
    struct test_config asked = config;
    asked.envelope = &other;
    other.roots = &bad;
    other.root_count = 1;
    LW_CHECK(start_is_refused(&asked, "/usr/../etc"));
    other = envelope;
    other.peers = &anybody;
    other.peer_count = 1;
    LW_CHECK(start_is_refused(&asked, "nobody's id"));
    other = envelope;
    other.slot_count = 0;
    LW_CHECK(start_is_refused(&asked, "out_of_range"));
    asked.envelope = NULL;
    asked.without_envelope = 1;
    LW_CHECK(start_is_refused(&asked, "sealed memfd as descriptor 4"));
}

/* Who made the socket is who holds its other end: root, or the supervisor's own user. */
static void obeys_no_other_user(void)
{
    static struct test_daemon other;
    struct test_config asked = config;
    asked.socket_uid = STRANGER;
    LW_CHECK(test_daemon_start(&other, &asked) != 0);
    int status = test_daemon_stop(&other, 3000);
    LW_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
}

/* --- fixtures ------------------------------------------------------------------------------------------------------ */

static void make_data(void)
{
    put_directory("given", PEER, 0755);
    put_directory("given-not", PEER, 0755);
    put_directory("reading", PEER, 0755);
    put_directory("members", MEMBER, 0755);
    put_directory("replaced", PEER, 0755);
    put_directory("foreign", PEER, 0755);
    put_directory("sources", 0, 0755);
    if (symlink("../foreign", path_of("given/link")) < 0 || symlink("/etc", path_of("sources/link")) < 0) abort();
}

static void make_envelope(void)
{
    static char paths[5][200];
    const struct test_root own[] = {{paths[0], LW_ROOT_FLAG_REQUEST | LW_ROOT_FLAG_WRITABLE, LW_WHO_EVERY_PEER, 0},
                                    {paths[1], LW_ROOT_FLAG_REQUEST, LW_WHO_EVERY_PEER, 0},
                                    {paths[2], LW_ROOT_FLAG_REQUEST, LW_WHO_GID, MEMBERS_GROUP},
                                    {paths[3], LW_ROOT_FLAG_REQUEST, LW_WHO_UID, PEER},
                                    {"/usr", LW_ROOT_FLAG_SOURCE, LW_WHO_EVERY_PEER, 0},
                                    {worker, LW_ROOT_FLAG_SOURCE, LW_WHO_EVERY_PEER, 0},
                                    {paths[4], LW_ROOT_FLAG_SOURCE, LW_WHO_EVERY_PEER, 0},
                                    {"/dev/null", LW_ROOT_FLAG_DEVICE, LW_WHO_EVERY_PEER, 0}};
    static const char *const names[] = {"given", "reading", "members", "replaced", "sources"};
    for (int i = 0; i < 5; i++) snprintf(paths[i], sizeof(paths[i]), "%s/%s", data, names[i]);
    memcpy(roots, own, sizeof(own));
    envelope = test_envelope_wide(cgroup_name, workspace);
    envelope.daemon_uid = envelope.daemon_gid = DAEMON;
    envelope.peers = peers;
    envelope.peer_count = sizeof(peers) / sizeof(*peers);
    envelope.roots = roots;
    envelope.root_count = sizeof(own) / sizeof(*own);
    config = (struct test_config){.program = program, .workspace = workspace, .cgroup_name = cgroup_name, .envelope = &envelope};
}

static void starts(void)
{
    LW_CHECK(test_daemon_start(&supervisor, &config) == 0);
    new_plan();
    LW_CHECK(open_plan() == 0);
    LW_CHECK(honest_job());
}

static void ends(void)
{
    LW_CHECK(honest_job());
    LW_CHECK(test_daemon_stop(&supervisor, 5000) == 0);
}

/* PID 1 of a PID namespace, with a /proc of its own. */
static _Noreturn void run_tests(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    alarm((unsigned)(TIME_LIMIT_SECONDS * test_slowness()));
    signal(SIGPIPE, SIG_IGN);
    umask(0);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("proc", "/proc", "proc", 0, NULL) < 0) _exit(1);
    make_data();
    make_envelope();
    LW_RUN(needs_an_envelope);
    LW_RUN(obeys_no_other_user);
    LW_RUN(refuses_configs);
    LW_RUN(refuses_ids);
    LW_RUN(starts);
    if (!lw_test_failures) {
        LW_RUN(serves_what_was_given);
        LW_RUN(refuses_peers);
        LW_RUN(refuses_request_paths);
    LW_RUN(refuses_to_collect);
        LW_RUN(refuses_a_root_that_was_replaced);
        LW_RUN(refuses_plans_below_the_floor);
        LW_RUN(no_plan_leaves_out_no_new_privs);
        LW_RUN(refuses_sources);
        LW_RUN(refuses_to_run_as);
        LW_RUN(refuses_descriptors_of_another_kind);
        LW_RUN(survives_messages);
        LW_RUN(survives_questions);
        LW_RUN(survives_words_about_output);
        LW_RUN(ends);
    }
    fflush(stdout);
    _exit(lw_test_status());
}

static int find_programs(void)
{
    const char *build = getenv("LW_BUILD");
    char path[4096];
    snprintf(path, sizeof(path), "%s/leeward-supervisor", build ? build : "build");
    if (!realpath(path, program)) return -1;
    /* Also when this is sanitized: an interpreter cannot preload such a library. */
    int sanitized = getenv("LW_SANITIZED") && *getenv("LW_SANITIZED");
    snprintf(path, sizeof(path), "%s/worker", sanitized || !build ? "build" : build);
    return realpath(path, worker) ? 0 : -1;
}

int main(void)
{
    if (geteuid() != 0) {
        printf("skip hostile daemon: needs root\n");
        return 0;
    }
    const char *scratch = getenv("VM_SCRATCH");
    snprintf(base, sizeof(base), "%s/leeward-hostile-XXXXXX", scratch && *scratch ? scratch : "/tmp");
    if (find_programs() || !mkdtemp(base) || chmod(base, 0755) < 0) {
        printf("not ok hostile daemon: leeward-supervisor, worker/ or a directory: %s\n", strerror(errno));
        return 1;
    }
    snprintf(workspace, sizeof(workspace), "%s/workspace", base);
    snprintf(data, sizeof(data), "%s/data", base);
    snprintf(foreign, sizeof(foreign), "%s/foreign", data);
    snprintf(cgroup_name, sizeof(cgroup_name), "leeward-hostile-%d", (int)getpid());
    if (mkdir(workspace, 0755) < 0 || mkdir(data, 0755) < 0) return 1;
    fflush(stdout);
    pid_t pid = lw_clone(CLONE_NEWPID | CLONE_NEWNS, NULL);
    if (pid == 0) run_tests();
    int status = 0;
    char command[256];
    waitpid(pid, &status, 0);
    snprintf(command, sizeof(command), "rm -rf --one-file-system %s", base);
    if (system(command)) printf("# %s is left\n", base);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
