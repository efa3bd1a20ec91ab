#include "smoke_plan.h"

#include <linux/audit.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lw_bpf.h"
#include "lw_landlock.h"
#include "lw_plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FLAGS_ALWAYS (LW_MOUNT_FLAG_NOSUID | LW_MOUNT_FLAG_NODEV)
#define LANDLOCK_READ (1u << 2 | 1u << 3)
#define LANDLOCK_WRITE (LANDLOCK_READ | 1u << 1 | 1u << 4 | 1u << 5 | 1u << 7 | 1u << 8 | 1u << 12 | 1u << 13 | 1u << 14)

/* Sections are appended in their order; strings are collected meanwhile, in the order of first use, and appended last. */
struct builder {
    char *blob;
    size_t size;
    uint32_t section;
    char strings[8192];
    uint32_t strings_size;
    const char *input, *output; /* bound by the plan; NULL: they are request mounts */
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

static struct lw_plan_header *header(struct builder *builder)
{
    return (struct lw_plan_header *)builder->blob;
}

static void begin_section(struct builder *builder, uint32_t section)
{
    builder->size = (builder->size + 7) / 8 * 8;
    builder->section = section;
    header(builder)->sections[section] = (struct lw_plan_section){(uint32_t)builder->size, 0};
}

static void append(struct builder *builder, const void *record, size_t size)
{
    memcpy(builder->blob + builder->size, record, size);
    builder->size += size;
    header(builder)->sections[builder->section].count++;
}

static void write_header(struct builder *builder)
{
    *header(builder) = (struct lw_plan_header){
        .magic = LW_PLAN_MAGIC, .version = LW_PLAN_VERSION, .digest = {0x5a}, .arch = lw_plan_host_arch(),
        .mode = LW_MODE_ENFORCE, .namespaces = LW_NAMESPACE_KNOWN, .inside_uid = 0, .inside_gid = 0,
        .securebits = 0xef, .umask = 022, .notify_default_errno = 13, .denial_burst = 64, .denial_per_second = 1000,
        .landlock_abi = 6, .landlock_minimum_abi = lw_landlock_kernel_abi() > 0, .landlock_handled_fs = 0xffff, .landlock_handled_net = 3,
        .landlock_scoped = 3, .memory_max = 1u << 30, .swap_max = 0, .pids_max = 64, .cpu_quota_us = 100000,
        .cpu_period_us = 100000, .cpu_time_us = UINT64_MAX, .timeout_ms = 30000, .stdout_max = 1u << 20,
        .stderr_max = 1u << 20, .claims_max = 65536, .root_size = 1u << 20, .root_inodes = 256, .job_parent_size = 65536,
        .job_parent_inodes = 64, .job_parent_mode = 0555, .mount_deadline_ms = 30000, .reuse_max = 1,
        .unavailable_service = LW_UNAVAILABLE_REPORT, .unavailable_rootless = LW_UNAVAILABLE_REPORT,
        .no_idmap = LW_NO_IDMAP_REFUSE,
    };
    builder->size = sizeof(struct lw_plan_header);
    header(builder)->policy_name = string(builder, "smoke");
    header(builder)->hostname = string(builder, "sandbox");
    header(builder)->job_parent_read_only = string(builder, "/mnt/ro");
    header(builder)->job_parent_writable = string(builder, "/mnt/rw");
    header(builder)->work_dir = string(builder, "/tmp");
}

static void instruction(struct builder *builder, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
    struct lw_plan_instruction record = {code, jt, jf, k};
    append(builder, &record, sizeof(record));
}

/* Foreign architectures are killed, exit_group and what is not listed is notified, the list is allowed. */
static void write_filter(struct builder *builder)
{
    static const uint16_t allowed[] = {
        SYS_read, SYS_write, SYS_close, SYS_fstat, SYS_lseek, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_brk, SYS_rt_sigaction,
        SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_ioctl, SYS_dup, SYS_getpid, SYS_getuid, SYS_getgid, SYS_geteuid, SYS_getegid,
        SYS_fcntl, SYS_openat, SYS_newfstatat, SYS_exit, SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_clock_nanosleep,
        SYS_getdents64, SYS_restart_syscall, SYS_rseq, SYS_unlinkat, SYS_readlinkat, SYS_kill, SYS_pread64, SYS_writev, SYS_madvise,
#ifdef SYS_access
        SYS_access, SYS_dup2, SYS_readlink, SYS_unlink,
#endif
    };
    const uint8_t count = COUNT(allowed);
    begin_section(builder, LW_SECTION_FILTER);
    instruction(builder, LW_BPF_LD_W_ABS, 0, 0, 4);
    instruction(builder, LW_BPF_JEQ_K, 1, 0, lw_plan_host_arch() == LW_ARCH_X86_64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64);
    instruction(builder, LW_BPF_RET_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
    instruction(builder, LW_BPF_LD_W_ABS, 0, 0, 0);
    for (uint8_t i = 0; i < count; i++)
        instruction(builder, LW_BPF_JEQ_K, (uint8_t)(count - i), 0, allowed[i]);
    instruction(builder, LW_BPF_RET_K, 0, 0, SECCOMP_RET_USER_NOTIF);
    instruction(builder, LW_BPF_RET_K, 0, 0, SECCOMP_RET_ALLOW);
    begin_section(builder, LW_SECTION_NOTIFY);
    struct lw_plan_notify_answer answer = {.nr = SYS_exit_group, .action = LW_NOTIFY_ACTION_CONTINUE};
    append(builder, &answer, sizeof(answer));
}

static void landlock_rule(struct builder *builder, const char *path, uint64_t access)
{
    struct lw_plan_landlock_rule rule = {.path = string(builder, path), .access = access};
    append(builder, &rule, sizeof(rule));
}

/* A mount operation of a kind with flags; what else it has stands in `record`. */
static void mount(struct builder *builder, const char *source, struct lw_plan_mount record, const char *target)
{
    record.source = string(builder, source);
    record.target = string(builder, target);
    append(builder, &record, sizeof(record));
}

static void write_paths(struct builder *builder, const char *worker_directory)
{
    const uint32_t read_only = FLAGS_ALWAYS | LW_MOUNT_FLAG_READ_ONLY;
    begin_section(builder, LW_SECTION_LANDLOCK_RULES);
    landlock_rule(builder, "/dev/null", LANDLOCK_READ | 1u << 1);
    if (builder->input) landlock_rule(builder, "/input", LANDLOCK_READ);
    landlock_rule(builder, "/mnt/ro", LANDLOCK_READ);
    landlock_rule(builder, "/mnt/rw", LANDLOCK_WRITE);
    if (builder->output) landlock_rule(builder, "/output", LANDLOCK_WRITE);
    landlock_rule(builder, "/proc", LANDLOCK_READ);
    landlock_rule(builder, "/tmp", LANDLOCK_WRITE);
    landlock_rule(builder, "/usr", LANDLOCK_READ);
    begin_section(builder, LW_SECTION_MOUNTS);
    const struct lw_plan_mount bind = {.kind = LW_MOUNT_KIND_BIND, .flags = read_only | LW_MOUNT_FLAG_RECURSIVE};
    const struct lw_plan_mount link = {.kind = LW_MOUNT_KIND_SYMLINK};
    mount(builder, "/usr", bind, "/usr");
    mount(builder, "usr/bin", link, "/bin");
    mount(builder, "usr/lib", link, "/lib");
    mount(builder, "usr/lib64", link, "/lib64");
    mount(builder, "",
          (struct lw_plan_mount){.kind = LW_MOUNT_KIND_TMPFS, .flags = FLAGS_ALWAYS | LW_MOUNT_FLAG_NOEXEC, .size = 1u << 20,
                                 .inodes = 64, .mode = 01777},
          "/tmp");
    mount(builder, "", (struct lw_plan_mount){.kind = LW_MOUNT_KIND_PROC, .flags = FLAGS_ALWAYS | LW_MOUNT_FLAG_NOEXEC}, "/proc");
    mount(builder, "/dev/null",
          (struct lw_plan_mount){.kind = LW_MOUNT_KIND_DEVICE, .flags = LW_MOUNT_FLAG_NOSUID | LW_MOUNT_FLAG_FILE}, "/dev/null");
    mount(builder, worker_directory, bind, LW_SMOKE_WORKER_TARGET);
    /* Visible, but no Landlock rule leads there. */
    mount(builder, "",
          (struct lw_plan_mount){.kind = LW_MOUNT_KIND_TMPFS, .flags = FLAGS_ALWAYS, .size = 4096, .inodes = 4, .mode = 0777},
          "/closed");
    if (builder->input) mount(builder, builder->input, bind, "/input");
    if (builder->output)
        mount(builder, builder->output, (struct lw_plan_mount){.kind = LW_MOUNT_KIND_BIND, .flags = FLAGS_ALWAYS}, "/output");
}

static void job_mount(struct builder *builder, const char *target, const char *name, uint32_t flags)
{
    struct lw_plan_job_mount record = {.flags = flags};
    record.target = string(builder, target);
    record.name = string(builder, name);
    append(builder, &record, sizeof(record));
}

static void write_rest(struct builder *builder, const char *interpreter, const char *settings)
{
    static const struct lw_plan_rlimit limits[] = {{RLIMIT_CORE, 0, 1, 1}, {RLIMIT_NOFILE, 0, 64, 64}};
    static const struct lw_plan_file_system types[] = {
        {EXT4_SUPER_MAGIC}, {TMPFS_MAGIC}, {XFS_SUPER_MAGIC}, {OVERLAYFS_SUPER_MAGIC}, {BTRFS_SUPER_MAGIC}};
    const char *const environment[] = {"LANG=C.UTF-8", "LD_PRELOAD=" LW_SMOKE_WORKER_TARGET "/libleeward-worker.so",
                                       "PYTHONDONTWRITEBYTECODE=1"};
    const char *const argv[] = {interpreter, "-s", LW_SMOKE_WORKER_TARGET "/zygote.py", settings};
    begin_section(builder, LW_SECTION_JOB_MOUNTS);
    if (!builder->input) job_mount(builder, "/input", "input", 0);
    if (!builder->output) job_mount(builder, "/output", "output", LW_JOB_MOUNT_FLAG_WRITABLE);
    begin_section(builder, LW_SECTION_RLIMITS);
    for (size_t i = 0; i < COUNT(limits); i++)
        append(builder, &limits[i], sizeof(limits[i]));
    begin_section(builder, LW_SECTION_FILE_SYSTEMS);
    for (size_t i = 0; i < COUNT(types); i++)
        append(builder, &types[i], sizeof(types[i]));
    begin_section(builder, LW_SECTION_ENVIRONMENT);
    for (size_t i = 0; i < COUNT(environment); i++) {
        struct lw_plan_variable record = {string(builder, environment[i])};
        append(builder, &record, sizeof(record));
    }
    begin_section(builder, LW_SECTION_ARGV);
    for (size_t i = 0; i < COUNT(argv); i++) {
        struct lw_plan_argument record = {string(builder, argv[i])};
        append(builder, &record, sizeof(record));
    }
}

size_t lw_smoke_plan(void *buffer, const char *worker_directory, const char *interpreter, const char *settings)
{
    return lw_smoke_plan_bound(buffer, worker_directory, interpreter, settings, NULL, NULL);
}

size_t lw_smoke_plan_bound(void *buffer, const char *worker_directory, const char *interpreter, const char *settings,
                           const char *input, const char *output)
{
    struct builder builder = {.blob = buffer, .strings_size = 1, .input = input, .output = output};
    memset(buffer, 0, LW_SMOKE_PLAN_MAX);
    write_header(&builder);
    write_filter(&builder);
    write_paths(&builder, worker_directory);
    write_rest(&builder, interpreter, settings);
    begin_section(&builder, LW_SECTION_STRINGS);
    memcpy(builder.blob + builder.size, builder.strings, builder.strings_size);
    header(&builder)->sections[LW_SECTION_STRINGS].count = builder.strings_size;
    builder.size += builder.strings_size;
    header(&builder)->total_size = (uint32_t)builder.size;
    return builder.size;
}
