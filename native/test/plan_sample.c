#include "plan_sample.h"

#include <linux/landlock.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lw_bpf.h"
#include "lw_plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Writes sections one after the other; strings are collected meanwhile and appended last. */
struct builder {
    char *blob;
    size_t size;
    char strings[2048];
    uint32_t strings_size;
};

static uint32_t string(struct builder *builder, const char *text)
{
    for (uint32_t at = 0; at < builder->strings_size; at += (uint32_t)strlen(builder->strings + at) + 1)
        if (strcmp(builder->strings + at, text) == 0)
            return at;
    uint32_t offset = builder->strings_size;
    memcpy(builder->strings + offset, text, strlen(text) + 1);
    builder->strings_size += (uint32_t)strlen(text) + 1;
    return offset;
}

/* The order of first use must hold whatever the order in which the compiler evaluates the initializers below. */
static void intern_strings(struct builder *builder)
{
    static const char *const order[] = {
        "", "sample", "sandbox", "/mnt/ro", "/mnt/rw", "/tmp", "/usr", "/proc", "/dev/null", "usr/lib", "/lib", "/input", "input",
        "/output", "output", "LANG=C.UTF-8", "LANG1=caf\xc3\xa9", "/usr/bin/python3", "-I",
    };
    for (size_t i = 0; i < COUNT(order); i++)
        string(builder, order[i]);
}

static void section(struct builder *builder, uint32_t index, const void *records, size_t count, size_t record_size)
{
    struct lw_plan_header *header = (struct lw_plan_header *)builder->blob;
    builder->size = (builder->size + 7) / 8 * 8;
    header->sections[index] = (struct lw_plan_section){(uint32_t)builder->size, (uint32_t)count};
    memcpy(builder->blob + builder->size, records, count * record_size);
    builder->size += count * record_size;
}

#define SECTION(builder, index, records) section(builder, index, records, COUNT(records), sizeof((records)[0]))

static void write_header(struct builder *builder)
{
    *(struct lw_plan_header *)builder->blob = (struct lw_plan_header){
        .magic = LW_PLAN_MAGIC, .version = LW_PLAN_VERSION, .digest = {1, 2, 3}, .arch = lw_plan_host_arch(),
        .mode = LW_MODE_ENFORCE, .policy_name = string(builder, "sample"), .hostname = string(builder, "sandbox"),
        .namespaces = LW_NAMESPACE_KNOWN, .securebits = 0x2f, .umask = 022, .notify_default_errno = 13,
        .denial_burst = 64, .denial_per_second = 1000, .landlock_abi = 6, .landlock_minimum_abi = 1,
        .landlock_handled_fs = 0xffff, .landlock_handled_net = 3, .landlock_scoped = 3, .memory_max = 1u << 30,
        .pids_max = 64, .cpu_quota_us = 100000, .cpu_period_us = 100000, .cpu_time_us = UINT64_MAX, .timeout_ms = 30000,
        .stdout_max = 1u << 20, .stderr_max = 1u << 20, .claims_max = 65536, .root_size = 65536, .root_inodes = 256, .job_parent_size = 65536,
        .job_parent_inodes = 64, .job_parent_mode = 0555, .user_namespaces_max = 2, .mount_deadline_ms = 30000, .reuse_max = 1,
        .unavailable_service = LW_UNAVAILABLE_REFUSE, .unavailable_rootless = LW_UNAVAILABLE_REPORT,
        .no_idmap = LW_NO_IDMAP_REFUSE, .job_parent_read_only = string(builder, "/mnt/ro"),
        .job_parent_writable = string(builder, "/mnt/rw"), .work_dir = string(builder, "/tmp"),
    };
    builder->size = sizeof(struct lw_plan_header);
}

static void write_seccomp(struct builder *builder)
{
    static const struct lw_plan_instruction filter[] = {
        {LW_BPF_LD_W_ABS, 0, 0, 0},
        {LW_BPF_JEQ_K, 0, 1, SYS_exit_group},
        {LW_BPF_RET_K, 0, 0, SECCOMP_RET_USER_NOTIF},
        {LW_BPF_JEQ_K, 0, 3, SYS_ioctl},
        {LW_BPF_LD_W_ABS, 0, 0, 24},
        {LW_BPF_JEQ_K, 0, 1, 0x5401},
        {LW_BPF_RET_K, 0, 0, SECCOMP_RET_ALLOW},
        {LW_BPF_RET_K, 0, 0, SECCOMP_RET_ERRNO | 13},
    };
    static const struct lw_plan_notify_answer notify[] = {
        {1, LW_NOTIFY_ACTION_ERRNO, 1, 0},
        {SYS_exit_group, LW_NOTIFY_ACTION_CONTINUE, 0, 0},
    };
    SECTION(builder, LW_SECTION_FILTER, filter);
    SECTION(builder, LW_SECTION_NOTIFY, notify);
}

static void write_mounts(struct builder *builder)
{
    const uint32_t sealed = LW_MOUNT_FLAG_NOSUID | LW_MOUNT_FLAG_NODEV;
    const struct lw_plan_landlock_rule rules[] = {
        {string(builder, "/mnt/ro"), 0, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR},
        {string(builder, "/usr"), 0, LANDLOCK_ACCESS_FS_READ_FILE},
    };
    const struct lw_plan_mount mounts[] = {
        {.kind = LW_MOUNT_KIND_BIND, .flags = sealed | LW_MOUNT_FLAG_READ_ONLY | LW_MOUNT_FLAG_RECURSIVE,
         .source = string(builder, "/usr"), .target = string(builder, "/usr")},
        {.kind = LW_MOUNT_KIND_TMPFS, .flags = sealed, .target = string(builder, "/tmp"), .size = 1u << 20, .inodes = 64, .mode = 01777},
        {.kind = LW_MOUNT_KIND_PROC, .flags = sealed, .target = string(builder, "/proc")},
        {.kind = LW_MOUNT_KIND_DEVICE, .flags = LW_MOUNT_FLAG_NOSUID, .source = string(builder, "/dev/null"),
         .target = string(builder, "/dev/null")},
        {.kind = LW_MOUNT_KIND_SYMLINK, .source = string(builder, "usr/lib"), .target = string(builder, "/lib")},
        {.kind = LW_MOUNT_KIND_DIRECTORY, .target = string(builder, "/mnt/rw"), .mode = 0755},
    };
    const struct lw_plan_job_mount job_mounts[] = {
        {string(builder, "/input"), string(builder, "input"), LW_JOB_MOUNT_FLAG_OPTIONAL, 0},
        {string(builder, "/output"), string(builder, "output"), LW_JOB_MOUNT_FLAG_WRITABLE | LW_JOB_MOUNT_FLAG_CREATE, 0700},
    };
    SECTION(builder, LW_SECTION_LANDLOCK_RULES, rules);
    SECTION(builder, LW_SECTION_MOUNTS, mounts);
    SECTION(builder, LW_SECTION_JOB_MOUNTS, job_mounts);
}

static void write_process(struct builder *builder)
{
    static const struct lw_plan_rlimit rlimits[] = {{RLIMIT_CORE, 0, 1, 1}, {RLIMIT_NOFILE, 0, 256, 256}};
    static const struct lw_plan_file_system types[] = {{EXT4_SUPER_MAGIC}, {TMPFS_MAGIC}};
    const struct lw_plan_variable environment[] = {{string(builder, "LANG=C.UTF-8")}, {string(builder, "LANG1=caf\xc3\xa9")}};
    const struct lw_plan_argument argv[] = {{string(builder, "/usr/bin/python3")}, {string(builder, "-I")}, {string(builder, "/usr")}};
    SECTION(builder, LW_SECTION_RLIMITS, rlimits);
    SECTION(builder, LW_SECTION_FILE_SYSTEMS, types);
    SECTION(builder, LW_SECTION_ENVIRONMENT, environment);
    SECTION(builder, LW_SECTION_ARGV, argv);
}

size_t lw_sample_plan(void *buffer)
{
    memset(buffer, 0, LW_SAMPLE_MAX);
    struct builder builder = {.blob = buffer};
    intern_strings(&builder);
    write_header(&builder);
    write_seccomp(&builder);
    write_mounts(&builder);
    write_process(&builder);
    section(&builder, LW_SECTION_STRINGS, builder.strings, builder.strings_size, 1);
    ((struct lw_plan_header *)buffer)->total_size = (uint32_t)builder.size;
    return builder.size;
}
