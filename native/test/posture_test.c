/* What is held against a job before its code runs, and the texts of proc that it is read from. */
#include "lw_test.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_landlock.h"
#include "lw_plan.h"
#include "plan_sample.h"
#include "supervisor/posture.h"

static char detail[160];

static void digests_as_the_standard_says(void)
{
    /* FIPS 180-4's own examples, and the two lengths around which the padding takes another block. */
    static const struct {
        const char *text;
        const char *digest;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"0123456789012345678901234567890123456789012345678901234",
         "f34d5a0f80c0cbf84c8c0b90218c22637abd199965249da736a20143c8c9c9d9"},
        {"0123456789012345678901234567890123456789012345678901234567890123",
         "9674d9e078535b7cec43284387a6ee39956188e735a85452b0050b55341cda56"},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
        uint8_t digest[LW_SHA256_SIZE];
        char text[2 * LW_SHA256_SIZE + 1];
        lw_sha256(vectors[i].text, strlen(vectors[i].text), digest);
        for (unsigned k = 0; k < LW_SHA256_SIZE; k++) snprintf(text + 2 * k, 3, "%02x", digest[k]);
        LW_CHECK(strcmp(text, vectors[i].digest) == 0);
    }
}

static void takes_a_map_of_one_id_only(void)
{
    uint32_t inside = 7, outside = 7;
    LW_CHECK(lw_posture_parse_map("         0      200003          1\n", &inside, &outside) == 0);
    LW_CHECK(inside == 0 && outside == 200003);
    LW_CHECK(lw_posture_parse_map("", &inside, &outside) != 0);
    LW_CHECK(lw_posture_parse_map("0 200003 2\n", &inside, &outside) != 0);
    LW_CHECK(lw_posture_parse_map("0 200003 1\n1 0 1\n", &inside, &outside) != 0);
}

static void finds_the_host_id(void)
{
    LW_CHECK(lw_posture_map_up("         0          0 4294967295\n", 200003) == 200003);
    LW_CHECK(lw_posture_map_up("0 12345 1\n", 0) == 12345);
    LW_CHECK(lw_posture_map_up("0 12345 1\n1 100000 65536\n", 5) == 100004);
    LW_CHECK(lw_posture_map_up("0 12345 1\n", 1) == UINT32_MAX);
}

static void reads_membership_of_both_versions(void)
{
    const uint32_t memory = LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_SWAP | LW_LIMIT_BIT_MEMORY_PEAK | LW_LIMIT_BIT_OOM_EVENTS;
    const char *version1 = "9:name=systemd:/user.slice\n5:cpu,cpuacct:/leeward/worker-1\n4:memory:/leeward/worker-1\n3:pids:/leeward\n";
    LW_CHECK(lw_posture_parse_group(version1, "worker-1") == (memory | LW_LIMIT_BIT_CPU | LW_LIMIT_BIT_CPU_TIME));
    LW_CHECK(lw_posture_parse_group(version1, "worker-11") == 0);
    LW_CHECK(lw_posture_parse_group("4:memory:/leeward/xworker-1\n", "worker-1") == 0);
    LW_CHECK(lw_posture_parse_group("4:cpuset:/leeward/worker-1\n", "worker-1") == 0);
    LW_CHECK(lw_posture_parse_group("0::/leeward/worker-1\n", "worker-1") == LW_LIMIT_BIT_KNOWN);
    LW_CHECK(lw_posture_parse_group("0::/leeward/zygote-1\n", "worker-1") == 0);
}

static const struct lw_posture_wanted wanted = {.namespaces = LW_NAMESPACE_KNOWN,
                                                .outside_uid = 200003,
                                                .outside_gid = 200003,
                                                .limits = LW_LIMIT_BIT_MEMORY | LW_LIMIT_BIT_PIDS,
                                                .group = "worker-3"};

static struct lw_posture confined(void)
{
    return (struct lw_posture){.receipt_flags = LW_RECEIPT_FLAG_NO_NEW_PRIVS | LW_RECEIPT_FLAG_SECCOMP_FILTER |
                                                LW_RECEIPT_FLAG_CAPABILITIES_EMPTY,
                               .namespaces = LW_NAMESPACE_KNOWN,
                               .descriptors = 0x1f,
                               .outside_uid = 200003,
                               .outside_gid = 200003,
                               .groups_joined = LW_LIMIT_BIT_KNOWN};
}

static int is_refused(struct lw_posture posture, const char *words)
{
    *detail = '\0';
    return lw_posture_check(&posture, &wanted, detail, sizeof(detail)) != 0 && strstr(detail, words) != NULL;
}

#define BUT(change)                                    \
    ({                                                 \
        struct lw_posture posture = confined();        \
        posture.change;                                \
        posture;                                       \
    })

static void a_skipped_step_is_named(void)
{
    struct lw_posture right = confined();
    LW_CHECK(lw_posture_check(&right, &wanted, detail, sizeof(detail)) == 0);
    LW_CHECK(is_refused(BUT(receipt_flags &= ~LW_RECEIPT_FLAG_NO_NEW_PRIVS), "no_new_privs"));
    LW_CHECK(is_refused(BUT(receipt_flags &= ~LW_RECEIPT_FLAG_SECCOMP_FILTER), "seccomp"));
    LW_CHECK(is_refused(BUT(receipt_flags &= ~LW_RECEIPT_FLAG_CAPABILITIES_EMPTY), "capability"));
    LW_CHECK(is_refused(BUT(namespaces &= ~LW_NAMESPACE_IPC), "ipc"));
    LW_CHECK(is_refused(BUT(descriptors = 0x3f), "0x3f"));
    LW_CHECK(is_refused(BUT(inside_uid = 1), "ids"));
    LW_CHECK(is_refused(BUT(inside_gid = 1), "ids"));
    LW_CHECK(is_refused(BUT(outside_uid = 0), "ids"));
    LW_CHECK(is_refused(BUT(outside_gid = 0), "ids"));
    LW_CHECK(is_refused(BUT(groups_joined &= ~LW_LIMIT_BIT_PIDS), "pids"));
}

/* The payload of a later job has any number; what the job opened itself is its own. */
static int passes_as_used(struct lw_posture posture)
{
    struct lw_posture_wanted used = wanted;
    used.more_descriptors = 1;
    return lw_posture_check(&posture, &used, detail, sizeof(detail)) == 0;
}

static void a_used_process_may_have_more_descriptors(void)
{
    LW_CHECK(passes_as_used(confined()));
    LW_CHECK(passes_as_used(BUT(descriptors = 1ull << 63 | 0x37)));
    for (int missing = 0; missing < 5; missing++)
        LW_CHECK(passes_as_used(BUT(descriptors &= ~(1ull << missing))) == (missing == LW_JOB_FD_PAYLOAD));
}

/* A process with namespaces of its own, that lives until its pipe ends. Returns 0 when it cannot be had. */
static pid_t living_apart(int flags, int *hold)
{
    int release[2], ready[2];
    char byte;
    if (pipe2(release, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0) return 0;
    pid_t pid = fork();
    if (pid == 0) {
        close(release[1]);
        int told = unshare(flags) == 0 && write(ready[1], "r", 1) == 1;
        _exit(told && read(release[0], &byte, 1) == 0 ? 0 : 1);
    }
    close(ready[1]);
    close(release[0]);
    *hold = release[1];
    ssize_t size = read(ready[0], &byte, 1);
    close(ready[0]);
    return size == 1 ? pid : 0;
}

/* What lies between supervisor and job counts as much as the supervisor. */
static void a_namespace_of_any_level_is_shared(void)
{
    int hold_job, hold_pool;
    pid_t job = living_apart(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC, &hold_job);
    pid_t pool = living_apart(CLONE_NEWUSER | CLONE_NEWUTS, &hold_pool);
    LW_CHECK(job && pool);
    const uint32_t of_job = CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC;
    struct lw_namespace_ids level, shared;
    const struct lw_namespace_ids *const levels[] = {&level, &shared};
    struct lw_posture posture = {0};
    LW_CHECK(lw_namespace_ids_of(pool, &level) == 0 && lw_namespace_ids_of(job, &shared) == 0);
    LW_CHECK(lw_namespace_ids_apart(&level, &shared) == of_job);
    lw_posture_read(job, "worker-3", levels, 1, &posture);
    LW_CHECK(posture.namespaces == of_job);
    lw_namespace_ids_forget(&shared, LW_NAMESPACE_KNOWN & ~(uint32_t)CLONE_NEWUTS);
    lw_posture_read(job, "worker-3", levels, 2, &posture);
    LW_CHECK(posture.namespaces == (CLONE_NEWUSER | CLONE_NEWIPC));
    close(hold_job);
    close(hold_pool);
    waitpid(job, NULL, 0);
    waitpid(pool, NULL, 0);
}

static void a_report_must_be_of_the_plan(void)
{
    _Alignas(8) static char plan[LW_SAMPLE_MAX];
    lw_sample_plan(plan);
    uint32_t count;
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &count);
    uint8_t digest[LW_SHA256_SIZE];
    lw_sha256(filter, count * sizeof(*filter), digest);
    struct lw_landlock_sets sets = lw_landlock_usable(plan, lw_landlock_kernel_abi(), 1);
    struct lw_job_report report = {.landlock_handled_fs = sets.handled_fs,
                                   .landlock_handled_net = sets.handled_net,
                                   .landlock_scoped = sets.scoped};
    memcpy(report.seccomp_digest, digest, sizeof(digest));
    LW_CHECK(lw_posture_check_steps(&report, plan, 1, digest, detail, sizeof(detail)) == 0);
    report.seccomp_digest[31] ^= 1;
    LW_CHECK(lw_posture_check_steps(&report, plan, 1, digest, detail, sizeof(detail)) != 0 && strstr(detail, "seccomp"));
    report.seccomp_digest[31] ^= 1;
    report.landlock_scoped ^= 1;
    LW_CHECK(lw_posture_check_steps(&report, plan, 1, digest, detail, sizeof(detail)) != 0 && strstr(detail, "Landlock"));
    report.landlock_scoped ^= 1;
    report.landlock_handled_net ^= 1;
    LW_CHECK(lw_posture_check_steps(&report, plan, 1, digest, detail, sizeof(detail)) != 0);
    report.landlock_handled_net ^= 1;
    report.landlock_handled_fs ^= 1;
    LW_CHECK(lw_posture_check_steps(&report, plan, 1, digest, detail, sizeof(detail)) != 0);
}

int main(void)
{
    LW_RUN(digests_as_the_standard_says);
    LW_RUN(takes_a_map_of_one_id_only);
    LW_RUN(finds_the_host_id);
    LW_RUN(reads_membership_of_both_versions);
    LW_RUN(a_skipped_step_is_named);
    LW_RUN(a_used_process_may_have_more_descriptors);
    LW_RUN(a_namespace_of_any_level_is_shared);
    LW_RUN(a_report_must_be_of_the_plan);
    return lw_test_failures > 0;
}
