/* Generated from schemas/plan.layout.json by scripts/gen/layout.mjs. Do not edit: run `npm run gen`. */
#ifndef LW_PLAN_GEN_H
#define LW_PLAN_GEN_H

#include <stddef.h>
#include <stdint.h>

/* "LWPLAN01" in memory */
#define LW_PLAN_MAGIC 0x31304e414c50574cull
#define LW_PLAN_VERSION 1u
/* Differs whenever the two sides of a channel were generated from different layouts. */
#define LW_LAYOUT_FINGERPRINT 0xc2c5a8ff0527769dull
/* Longest message, bytes. */
#define LW_MESSAGE_MAX 196608u
/* Longest string, bytes without its NUL; longest path that is part of a job mount. */
#define LW_STRING_MAX 4095u
#define LW_JOB_PATH_MAX 255u

enum lw_arch {
    LW_ARCH_X86_64 = 1,
    LW_ARCH_ARM64 = 2,
};

static inline const char *lw_arch_name(uint32_t value)
{
    switch (value) {
    case 1: return "x86_64";
    case 2: return "arm64";
    default: return "unknown";
    }
}

enum lw_mode {
    LW_MODE_ENFORCE = 1,
    LW_MODE_AUDIT = 2,
};

static inline const char *lw_mode_name(uint32_t value)
{
    switch (value) {
    case 1: return "enforce";
    case 2: return "audit";
    default: return "unknown";
    }
}

enum lw_applied_mode {
    LW_APPLIED_MODE_NONE = 0,
    LW_APPLIED_MODE_ENFORCE = 1,
    LW_APPLIED_MODE_AUDIT = 2,
};

static inline const char *lw_applied_mode_name(uint32_t value)
{
    switch (value) {
    case 0: return "none";
    case 1: return "enforce";
    case 2: return "audit";
    default: return "unknown";
    }
}

enum lw_unavailable {
    LW_UNAVAILABLE_REFUSE = 1,
    LW_UNAVAILABLE_REPORT = 2,
};

static inline const char *lw_unavailable_name(uint32_t value)
{
    switch (value) {
    case 1: return "refuse";
    case 2: return "report";
    default: return "unknown";
    }
}

enum lw_no_idmap {
    LW_NO_IDMAP_REFUSE = 1,
    LW_NO_IDMAP_RUN_AS_PEER = 2,
};

static inline const char *lw_no_idmap_name(uint32_t value)
{
    switch (value) {
    case 1: return "refuse";
    case 2: return "run_as_peer";
    default: return "unknown";
    }
}

enum lw_mount_kind {
    LW_MOUNT_KIND_BIND = 1,
    LW_MOUNT_KIND_TMPFS = 2,
    LW_MOUNT_KIND_PROC = 3,
    LW_MOUNT_KIND_DEVICE = 4,
    LW_MOUNT_KIND_SYMLINK = 5,
    LW_MOUNT_KIND_DIRECTORY = 6,
};

static inline const char *lw_mount_kind_name(uint32_t value)
{
    switch (value) {
    case 1: return "bind";
    case 2: return "tmpfs";
    case 3: return "proc";
    case 4: return "device";
    case 5: return "symlink";
    case 6: return "directory";
    default: return "unknown";
    }
}

enum lw_notify_action {
    LW_NOTIFY_ACTION_CONTINUE = 1,
    LW_NOTIFY_ACTION_ERRNO = 2,
    LW_NOTIFY_ACTION_KILL = 3,
};

static inline const char *lw_notify_action_name(uint32_t value)
{
    switch (value) {
    case 1: return "continue";
    case 2: return "errno";
    case 3: return "kill";
    default: return "unknown";
    }
}

enum lw_message {
    LW_MESSAGE_CONFIG = 1,
    LW_MESSAGE_READY = 2,
    LW_MESSAGE_POOL_OPEN = 3,
    LW_MESSAGE_POOL_READY = 4,
    LW_MESSAGE_POOL_FAILED = 5,
    LW_MESSAGE_POOL_CLOSE = 6,
    LW_MESSAGE_POOL_CLOSED = 7,
    LW_MESSAGE_JOB_RUN = 8,
    LW_MESSAGE_JOB_STARTED = 9,
    LW_MESSAGE_JOB_OUTPUT = 10,
    LW_MESSAGE_JOB_DENIAL = 11,
    LW_MESSAGE_JOB_END = 12,
    LW_MESSAGE_JOB_CANCEL = 13,
    LW_MESSAGE_LOG = 14,
    LW_MESSAGE_ENVELOPE = 15,
    LW_MESSAGE_JOB_COLLECTED = 16,
    LW_MESSAGE_JOB_OUTPUT_TAKEN = 17,
    LW_MESSAGE_WORKERS_ASK = 18,
    LW_MESSAGE_WORKERS = 19,
};

static inline const char *lw_message_name(uint32_t value)
{
    switch (value) {
    case 1: return "config";
    case 2: return "ready";
    case 3: return "pool_open";
    case 4: return "pool_ready";
    case 5: return "pool_failed";
    case 6: return "pool_close";
    case 7: return "pool_closed";
    case 8: return "job_run";
    case 9: return "job_started";
    case 10: return "job_output";
    case 11: return "job_denial";
    case 12: return "job_end";
    case 13: return "job_cancel";
    case 14: return "log";
    case 15: return "envelope";
    case 16: return "job_collected";
    case 17: return "job_output_taken";
    case 18: return "workers_ask";
    case 19: return "workers";
    default: return "unknown";
    }
}

enum lw_status {
    LW_STATUS_OK = 1,
    LW_STATUS_ERROR = 2,
    LW_STATUS_SIGNALED = 3,
    LW_STATUS_TIMED_OUT = 4,
    LW_STATUS_OOM_KILLED = 5,
    LW_STATUS_OUTPUT_LIMIT = 6,
    LW_STATUS_CPU_LIMIT = 7,
    LW_STATUS_DENIED = 8,
    LW_STATUS_CANCELLED = 9,
    LW_STATUS_SANDBOX_ERROR = 10,
    LW_STATUS_LOST = 11,
};

static inline const char *lw_status_name(uint32_t value)
{
    switch (value) {
    case 1: return "ok";
    case 2: return "error";
    case 3: return "signaled";
    case 4: return "timed_out";
    case 5: return "oom_killed";
    case 6: return "output_limit";
    case 7: return "cpu_limit";
    case 8: return "denied";
    case 9: return "cancelled";
    case 10: return "sandbox_error";
    case 11: return "lost";
    default: return "unknown";
    }
}

enum lw_stream {
    LW_STREAM_STDOUT = 1,
    LW_STREAM_STDERR = 2,
    LW_STREAM_CLAIMS = 3,
};

static inline const char *lw_stream_name(uint32_t value)
{
    switch (value) {
    case 1: return "stdout";
    case 2: return "stderr";
    case 3: return "claims";
    default: return "unknown";
    }
}

enum lw_stage {
    LW_STAGE_NONE = 0,
    LW_STAGE_CONFIG = 1,
    LW_STAGE_PLAN = 2,
    LW_STAGE_USER_NAMESPACE = 3,
    LW_STAGE_ID_MAP = 4,
    LW_STAGE_NAMESPACES = 5,
    LW_STAGE_PRIVATE_MOUNTS = 6,
    LW_STAGE_ROOT = 7,
    LW_STAGE_MOUNT = 8,
    LW_STAGE_PIVOT = 9,
    LW_STAGE_PROC = 10,
    LW_STAGE_HOSTNAME = 11,
    LW_STAGE_CGROUP = 12,
    LW_STAGE_CGROUP_NAMESPACE = 13,
    LW_STAGE_RLIMITS = 14,
    LW_STAGE_DESCRIPTORS = 15,
    LW_STAGE_IDENTITY = 16,
    LW_STAGE_JOB_USER_NAMESPACE = 17,
    LW_STAGE_DUMPABLE = 18,
    LW_STAGE_NO_NEW_PRIVS = 19,
    LW_STAGE_LANDLOCK = 20,
    LW_STAGE_CAPABILITIES = 21,
    LW_STAGE_SECCOMP = 22,
    LW_STAGE_LISTENER = 23,
    LW_STAGE_POOL_INIT = 24,
    LW_STAGE_ZYGOTE = 25,
    LW_STAGE_EXEC = 26,
    LW_STAGE_PRELOAD = 27,
    LW_STAGE_FORK = 28,
    LW_STAGE_OPEN_SOURCE = 29,
    LW_STAGE_ID_MAPPED_MOUNT = 30,
    LW_STAGE_ATTACH = 31,
    LW_STAGE_PAYLOAD = 32,
    LW_STAGE_POSTURE = 33,
    LW_STAGE_LIMITS = 34,
    LW_STAGE_ENVELOPE = 35,
};

static inline const char *lw_stage_name(uint32_t value)
{
    switch (value) {
    case 0: return "none";
    case 1: return "config";
    case 2: return "plan";
    case 3: return "user_namespace";
    case 4: return "id_map";
    case 5: return "namespaces";
    case 6: return "private_mounts";
    case 7: return "root";
    case 8: return "mount";
    case 9: return "pivot";
    case 10: return "proc";
    case 11: return "hostname";
    case 12: return "cgroup";
    case 13: return "cgroup_namespace";
    case 14: return "rlimits";
    case 15: return "descriptors";
    case 16: return "identity";
    case 17: return "job_user_namespace";
    case 18: return "dumpable";
    case 19: return "no_new_privs";
    case 20: return "landlock";
    case 21: return "capabilities";
    case 22: return "seccomp";
    case 23: return "listener";
    case 24: return "pool_init";
    case 25: return "zygote";
    case 26: return "exec";
    case 27: return "preload";
    case 28: return "fork";
    case 29: return "open_source";
    case 30: return "id_mapped_mount";
    case 31: return "attach";
    case 32: return "payload";
    case 33: return "posture";
    case 34: return "limits";
    case 35: return "envelope";
    default: return "unknown";
    }
}

enum lw_who {
    LW_WHO_EVERY_PEER = 1,
    LW_WHO_UID = 2,
    LW_WHO_GID = 3,
};

static inline const char *lw_who_name(uint32_t value)
{
    switch (value) {
    case 1: return "every_peer";
    case 2: return "uid";
    case 3: return "gid";
    default: return "unknown";
    }
}

enum lw_collected {
    LW_COLLECTED_FILE = 0,
    LW_COLLECTED_MISSING = 1,
    LW_COLLECTED_SYMLINK = 2,
    LW_COLLECTED_DIRECTORY = 3,
    LW_COLLECTED_SPECIAL = 4,
    LW_COLLECTED_UNREADABLE = 5,
    LW_COLLECTED_OTHER_MOUNT = 6,
    LW_COLLECTED_TOO_LARGE = 7,
    LW_COLLECTED_TOO_MANY = 8,
    LW_COLLECTED_FAILED = 9,
};

static inline const char *lw_collected_name(uint32_t value)
{
    switch (value) {
    case 0: return "file";
    case 1: return "missing";
    case 2: return "symlink";
    case 3: return "directory";
    case 4: return "special";
    case 5: return "unreadable";
    case 6: return "other_mount";
    case 7: return "too_large";
    case 8: return "too_many";
    case 9: return "failed";
    default: return "unknown";
    }
}

enum lw_worker_phase {
    LW_WORKER_PHASE_IDLE = 1,
    LW_WORKER_PHASE_BUSY = 2,
    LW_WORKER_PHASE_RECYCLING = 3,
};

static inline const char *lw_worker_phase_name(uint32_t value)
{
    switch (value) {
    case 1: return "idle";
    case 2: return "busy";
    case 3: return "recycling";
    default: return "unknown";
    }
}

enum lw_log_level {
    LW_LOG_LEVEL_DEBUG = 1,
    LW_LOG_LEVEL_INFO = 2,
    LW_LOG_LEVEL_WARN = 3,
    LW_LOG_LEVEL_ERROR = 4,
};

static inline const char *lw_log_level_name(uint32_t value)
{
    switch (value) {
    case 1: return "debug";
    case 2: return "info";
    case 3: return "warn";
    case 4: return "error";
    default: return "unknown";
    }
}

enum lw_plan_reason {
    LW_PLAN_REASON_NONE = 0,
    LW_PLAN_REASON_TOO_SHORT = 1,
    LW_PLAN_REASON_SIZE_MISMATCH = 2,
    LW_PLAN_REASON_MAGIC = 3,
    LW_PLAN_REASON_VERSION = 4,
    LW_PLAN_REASON_FOREIGN_ARCH = 5,
    LW_PLAN_REASON_UNKNOWN_VALUE = 6,
    LW_PLAN_REASON_UNKNOWN_FLAG = 7,
    LW_PLAN_REASON_NONZERO_PADDING = 8,
    LW_PLAN_REASON_SECTION_OFFSET = 9,
    LW_PLAN_REASON_TOO_MANY = 10,
    LW_PLAN_REASON_EMPTY_SECTION = 11,
    LW_PLAN_REASON_STRING_OFFSET = 12,
    LW_PLAN_REASON_STRING_ORDER = 13,
    LW_PLAN_REASON_STRING_UNTERMINATED = 14,
    LW_PLAN_REASON_STRING_DUPLICATE = 15,
    LW_PLAN_REASON_STRING_UNUSED = 16,
    LW_PLAN_REASON_STRING_ENCODING = 17,
    LW_PLAN_REASON_STRING_TOO_LONG = 18,
    LW_PLAN_REASON_STRING_EMPTY = 19,
    LW_PLAN_REASON_CONTROL_CHARACTER = 20,
    LW_PLAN_REASON_PATH_NOT_ABSOLUTE = 21,
    LW_PLAN_REASON_PATH_NOT_NORMALIZED = 22,
    LW_PLAN_REASON_PATH_IS_ROOT = 23,
    LW_PLAN_REASON_NAME_INVALID = 24,
    LW_PLAN_REASON_ENVIRONMENT_INVALID = 25,
    LW_PLAN_REASON_NOT_SORTED = 26,
    LW_PLAN_REASON_DUPLICATE = 27,
    LW_PLAN_REASON_OUT_OF_RANGE = 28,
    LW_PLAN_REASON_FIELD_NOT_USED = 29,
    LW_PLAN_REASON_MISSING_FLAG = 30,
    LW_PLAN_REASON_PARENT_MISSING = 31,
    LW_PLAN_REASON_PARENT_OVERLAP = 32,
    LW_PLAN_REASON_ACCESS_NOT_HANDLED = 33,
    LW_PLAN_REASON_NAMESPACE_MISSING = 34,
    LW_PLAN_REASON_CAPABILITY_KEPT = 35,
    LW_PLAN_REASON_BPF_OPCODE = 36,
    LW_PLAN_REASON_BPF_OPERAND = 37,
    LW_PLAN_REASON_BPF_LOAD = 38,
    LW_PLAN_REASON_BPF_JUMP = 39,
    LW_PLAN_REASON_BPF_ACTION = 40,
    LW_PLAN_REASON_BPF_NO_RETURN = 41,
    LW_PLAN_REASON_BPF_UNREACHABLE = 42,
    LW_PLAN_REASON_MESSAGE_TYPE = 43,
};

static inline const char *lw_plan_reason_name(uint32_t value)
{
    switch (value) {
    case 0: return "none";
    case 1: return "too_short";
    case 2: return "size_mismatch";
    case 3: return "magic";
    case 4: return "version";
    case 5: return "foreign_arch";
    case 6: return "unknown_value";
    case 7: return "unknown_flag";
    case 8: return "nonzero_padding";
    case 9: return "section_offset";
    case 10: return "too_many";
    case 11: return "empty_section";
    case 12: return "string_offset";
    case 13: return "string_order";
    case 14: return "string_unterminated";
    case 15: return "string_duplicate";
    case 16: return "string_unused";
    case 17: return "string_encoding";
    case 18: return "string_too_long";
    case 19: return "string_empty";
    case 20: return "control_character";
    case 21: return "path_not_absolute";
    case 22: return "path_not_normalized";
    case 23: return "path_is_root";
    case 24: return "name_invalid";
    case 25: return "environment_invalid";
    case 26: return "not_sorted";
    case 27: return "duplicate";
    case 28: return "out_of_range";
    case 29: return "field_not_used";
    case 30: return "missing_flag";
    case 31: return "parent_missing";
    case 32: return "parent_overlap";
    case 33: return "access_not_handled";
    case 34: return "namespace_missing";
    case 35: return "capability_kept";
    case 36: return "bpf_opcode";
    case 37: return "bpf_operand";
    case 38: return "bpf_load";
    case 39: return "bpf_jump";
    case 40: return "bpf_action";
    case 41: return "bpf_no_return";
    case 42: return "bpf_unreachable";
    case 43: return "message_type";
    default: return "unknown";
    }
}

#define LW_NAMESPACE_MOUNT 0x20000u
#define LW_NAMESPACE_CGROUP 0x2000000u
#define LW_NAMESPACE_UTS 0x4000000u
#define LW_NAMESPACE_IPC 0x8000000u
#define LW_NAMESPACE_USER 0x10000000u
#define LW_NAMESPACE_PID 0x20000000u
#define LW_NAMESPACE_NET 0x40000000u
#define LW_NAMESPACE_KNOWN 0x7e020000u

/* The name of a single bit. */
static inline const char *lw_namespace_name(uint32_t bit)
{
    switch (bit) {
    case 0x20000u: return "mount";
    case 0x2000000u: return "cgroup";
    case 0x4000000u: return "uts";
    case 0x8000000u: return "ipc";
    case 0x10000000u: return "user";
    case 0x20000000u: return "pid";
    case 0x40000000u: return "net";
    default: return "unknown";
    }
}

#define LW_MOUNT_FLAG_READ_ONLY 0x1u
#define LW_MOUNT_FLAG_NOSUID 0x2u
#define LW_MOUNT_FLAG_NODEV 0x4u
#define LW_MOUNT_FLAG_NOEXEC 0x8u
#define LW_MOUNT_FLAG_RECURSIVE 0x10u
#define LW_MOUNT_FLAG_FILE 0x20u
#define LW_MOUNT_FLAG_KNOWN 0x3fu

/* The name of a single bit. */
static inline const char *lw_mount_flag_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "read_only";
    case 0x2u: return "nosuid";
    case 0x4u: return "nodev";
    case 0x8u: return "noexec";
    case 0x10u: return "recursive";
    case 0x20u: return "file";
    default: return "unknown";
    }
}

#define LW_JOB_MOUNT_FLAG_WRITABLE 0x1u
#define LW_JOB_MOUNT_FLAG_NOEXEC 0x2u
#define LW_JOB_MOUNT_FLAG_OPTIONAL 0x4u
#define LW_JOB_MOUNT_FLAG_CREATE 0x8u
#define LW_JOB_MOUNT_FLAG_KNOWN 0xfu

/* The name of a single bit. */
static inline const char *lw_job_mount_flag_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "writable";
    case 0x2u: return "noexec";
    case 0x4u: return "optional";
    case 0x8u: return "create";
    default: return "unknown";
    }
}

#define LW_LIMIT_BIT_MEMORY 0x1u
#define LW_LIMIT_BIT_SWAP 0x2u
#define LW_LIMIT_BIT_PIDS 0x4u
#define LW_LIMIT_BIT_CPU 0x8u
#define LW_LIMIT_BIT_CPU_TIME 0x10u
#define LW_LIMIT_BIT_MEMORY_PEAK 0x20u
#define LW_LIMIT_BIT_OOM_EVENTS 0x40u
#define LW_LIMIT_BIT_KNOWN 0x7fu

/* The name of a single bit. */
static inline const char *lw_limit_bit_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "memory";
    case 0x2u: return "swap";
    case 0x4u: return "pids";
    case 0x8u: return "cpu";
    case 0x10u: return "cpu_time";
    case 0x20u: return "memory_peak";
    case 0x40u: return "oom_events";
    default: return "unknown";
    }
}

#define LW_ROOT_FLAG_REQUEST 0x1u
#define LW_ROOT_FLAG_SOURCE 0x2u
#define LW_ROOT_FLAG_DEVICE 0x4u
#define LW_ROOT_FLAG_WRITABLE 0x8u
#define LW_ROOT_FLAG_KNOWN 0xfu

/* The name of a single bit. */
static inline const char *lw_root_flag_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "request";
    case 0x2u: return "source";
    case 0x4u: return "device";
    case 0x8u: return "writable";
    default: return "unknown";
    }
}

#define LW_CONFIG_FLAG_PRIVILEGED 0x1u
#define LW_CONFIG_FLAG_SLOT_IDS 0x2u
#define LW_CONFIG_FLAG_KNOWN 0x3u

/* The name of a single bit. */
static inline const char *lw_config_flag_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "privileged";
    case 0x2u: return "slot_ids";
    default: return "unknown";
    }
}

#define LW_RECEIPT_FLAG_NO_NEW_PRIVS 0x1u
#define LW_RECEIPT_FLAG_SECCOMP_FILTER 0x2u
#define LW_RECEIPT_FLAG_CAPABILITIES_EMPTY 0x4u
#define LW_RECEIPT_FLAG_ID_MAPPED_MOUNTS 0x8u
#define LW_RECEIPT_FLAG_WAIT_KILLABLE 0x10u
#define LW_RECEIPT_FLAG_NOT_DUMPABLE 0x20u
#define LW_RECEIPT_FLAG_KNOWN 0x3fu

/* The name of a single bit. */
static inline const char *lw_receipt_flag_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "no_new_privs";
    case 0x2u: return "seccomp_filter";
    case 0x4u: return "capabilities_empty";
    case 0x8u: return "id_mapped_mounts";
    case 0x10u: return "wait_killable";
    case 0x20u: return "not_dumpable";
    default: return "unknown";
    }
}

#define LW_TRUNCATED_STDOUT 0x1u
#define LW_TRUNCATED_STDERR 0x2u
#define LW_TRUNCATED_CLAIMS 0x4u
#define LW_TRUNCATED_KNOWN 0x7u

/* The name of a single bit. */
static inline const char *lw_truncated_name(uint32_t bit)
{
    switch (bit) {
    case 0x1u: return "stdout";
    case 0x2u: return "stderr";
    case 0x4u: return "claims";
    default: return "unknown";
    }
}

enum lw_plan_section_index {
    LW_SECTION_FILTER = 0,
    LW_SECTION_NOTIFY = 1,
    LW_SECTION_LANDLOCK_RULES = 2,
    LW_SECTION_MOUNTS = 3,
    LW_SECTION_JOB_MOUNTS = 4,
    LW_SECTION_RLIMITS = 5,
    LW_SECTION_FILE_SYSTEMS = 6,
    LW_SECTION_ENVIRONMENT = 7,
    LW_SECTION_ARGV = 8,
    LW_SECTION_STRINGS = 9,
    LW_SECTION_COUNT = 10,
};

/* Most records (of strings: bytes) that a section may have. */
#define LW_PLAN_MAX_FILTER 4096u
#define LW_PLAN_MAX_NOTIFY 1024u
#define LW_PLAN_MAX_LANDLOCK_RULES 1024u
#define LW_PLAN_MAX_MOUNTS 512u
#define LW_PLAN_MAX_JOB_MOUNTS 16u
#define LW_PLAN_MAX_RLIMITS 16u
#define LW_PLAN_MAX_FILE_SYSTEMS 64u
#define LW_PLAN_MAX_ENVIRONMENT 256u
#define LW_PLAN_MAX_ARGV 64u
#define LW_PLAN_MAX_STRINGS 262144u

static inline const char *lw_plan_section_name(uint32_t section)
{
    switch (section) {
    case 0: return "filter";
    case 1: return "notify";
    case 2: return "landlock_rules";
    case 3: return "mounts";
    case 4: return "job_mounts";
    case 5: return "rlimits";
    case 6: return "file_systems";
    case 7: return "environment";
    case 8: return "argv";
    case 9: return "strings";
    default: return "unknown";
    }
}

struct lw_plan_section {
    uint32_t offset; /* bytes from the start of the plan */
    uint32_t count; /* records; of strings: bytes */
};
_Static_assert(sizeof(struct lw_plan_section) == 8, "size of plan_section");
_Static_assert(offsetof(struct lw_plan_section, offset) == 0, "offset of plan_section.offset");
_Static_assert(offsetof(struct lw_plan_section, count) == 4, "offset of plan_section.count");

struct lw_plan_header {
    uint64_t magic;
    uint32_t version;
    uint32_t total_size;
    uint8_t digest[32]; /* sha256 over resolved policy, compiler version, architecture, kernel abilities: the plan's name */
    uint32_t arch; /* enum lw_arch */
    uint32_t mode; /* enum lw_mode */
    uint32_t policy_name; /* string */
    uint32_t hostname; /* string */
    uint32_t namespaces; /* LW_NAMESPACE_*; CLONE_NEW* bits the job lives in; the floor demands all */
    uint32_t inside_uid; /* 0..4294967294 */
    uint32_t inside_gid; /* 0..4294967294 */
    uint32_t securebits; /* 0..255 */
    uint64_t capabilities; /* kept in all five sets; the floor demands 0 */
    uint32_t umask; /* 0..511 */
    uint32_t notify_default_errno; /* 1..4095; answer to a notified call that has no entry in notify */
    uint32_t denial_burst; /* 1..; token bucket for notifications: above it the answer is delayed */
    uint32_t denial_per_second; /* 1.. */
    uint32_t landlock_abi;
    uint32_t landlock_minimum_abi;
    uint64_t landlock_handled_fs;
    uint64_t landlock_handled_net;
    uint64_t landlock_scoped;
    uint64_t memory_max; /* 1..; bytes */
    uint64_t swap_max; /* bytes, cgroup v2 meaning (swap alone) */
    uint64_t pids_max; /* 1.. */
    uint64_t cpu_quota_us; /* 1000.. */
    uint64_t cpu_period_us; /* 1000..1000000 */
    uint64_t cpu_time_us; /* 1..; whole job, from the cgroup */
    uint64_t timeout_ms; /* 1.. */
    uint64_t stdout_max;
    uint64_t stderr_max;
    uint64_t claims_max;
    uint64_t root_size; /* 1..; tmpfs of the root, bytes */
    uint64_t root_inodes; /* 1.. */
    uint64_t job_parent_size; /* 1..; each of the two tmpfs that hold the mount points of request mounts, bytes */
    uint64_t job_parent_inodes; /* 1.. */
    uint64_t mount_deadline_ms; /* 1..3600000; for opening the sources of a request, and again for attaching them */
    uint32_t unavailable_service; /* enum lw_unavailable */
    uint32_t unavailable_rootless; /* enum lw_unavailable */
    uint32_t no_idmap; /* enum lw_no_idmap */
    uint32_t job_parent_mode; /* 0..511 */
    uint32_t user_namespaces_max; /* 0..2147483647; at a time, in and beneath the job's own (user.max_user_namespaces) */
    uint32_t reuse_max; /* 1..; jobs that one process runs before it is recycled */
    uint32_t pad;
    uint32_t job_parent_read_only; /* string; directory beneath which read-only request mounts are attached */
    uint32_t job_parent_writable; /* string */
    uint32_t work_dir; /* string; current directory of the job */
    struct lw_plan_section sections[10];
};
_Static_assert(sizeof(struct lw_plan_header) == 376, "size of plan_header");
_Static_assert(offsetof(struct lw_plan_header, magic) == 0, "offset of plan_header.magic");
_Static_assert(offsetof(struct lw_plan_header, version) == 8, "offset of plan_header.version");
_Static_assert(offsetof(struct lw_plan_header, total_size) == 12, "offset of plan_header.total_size");
_Static_assert(offsetof(struct lw_plan_header, digest) == 16, "offset of plan_header.digest");
_Static_assert(offsetof(struct lw_plan_header, arch) == 48, "offset of plan_header.arch");
_Static_assert(offsetof(struct lw_plan_header, mode) == 52, "offset of plan_header.mode");
_Static_assert(offsetof(struct lw_plan_header, policy_name) == 56, "offset of plan_header.policy_name");
_Static_assert(offsetof(struct lw_plan_header, hostname) == 60, "offset of plan_header.hostname");
_Static_assert(offsetof(struct lw_plan_header, namespaces) == 64, "offset of plan_header.namespaces");
_Static_assert(offsetof(struct lw_plan_header, inside_uid) == 68, "offset of plan_header.inside_uid");
_Static_assert(offsetof(struct lw_plan_header, inside_gid) == 72, "offset of plan_header.inside_gid");
_Static_assert(offsetof(struct lw_plan_header, securebits) == 76, "offset of plan_header.securebits");
_Static_assert(offsetof(struct lw_plan_header, capabilities) == 80, "offset of plan_header.capabilities");
_Static_assert(offsetof(struct lw_plan_header, umask) == 88, "offset of plan_header.umask");
_Static_assert(offsetof(struct lw_plan_header, notify_default_errno) == 92, "offset of plan_header.notify_default_errno");
_Static_assert(offsetof(struct lw_plan_header, denial_burst) == 96, "offset of plan_header.denial_burst");
_Static_assert(offsetof(struct lw_plan_header, denial_per_second) == 100, "offset of plan_header.denial_per_second");
_Static_assert(offsetof(struct lw_plan_header, landlock_abi) == 104, "offset of plan_header.landlock_abi");
_Static_assert(offsetof(struct lw_plan_header, landlock_minimum_abi) == 108, "offset of plan_header.landlock_minimum_abi");
_Static_assert(offsetof(struct lw_plan_header, landlock_handled_fs) == 112, "offset of plan_header.landlock_handled_fs");
_Static_assert(offsetof(struct lw_plan_header, landlock_handled_net) == 120, "offset of plan_header.landlock_handled_net");
_Static_assert(offsetof(struct lw_plan_header, landlock_scoped) == 128, "offset of plan_header.landlock_scoped");
_Static_assert(offsetof(struct lw_plan_header, memory_max) == 136, "offset of plan_header.memory_max");
_Static_assert(offsetof(struct lw_plan_header, swap_max) == 144, "offset of plan_header.swap_max");
_Static_assert(offsetof(struct lw_plan_header, pids_max) == 152, "offset of plan_header.pids_max");
_Static_assert(offsetof(struct lw_plan_header, cpu_quota_us) == 160, "offset of plan_header.cpu_quota_us");
_Static_assert(offsetof(struct lw_plan_header, cpu_period_us) == 168, "offset of plan_header.cpu_period_us");
_Static_assert(offsetof(struct lw_plan_header, cpu_time_us) == 176, "offset of plan_header.cpu_time_us");
_Static_assert(offsetof(struct lw_plan_header, timeout_ms) == 184, "offset of plan_header.timeout_ms");
_Static_assert(offsetof(struct lw_plan_header, stdout_max) == 192, "offset of plan_header.stdout_max");
_Static_assert(offsetof(struct lw_plan_header, stderr_max) == 200, "offset of plan_header.stderr_max");
_Static_assert(offsetof(struct lw_plan_header, claims_max) == 208, "offset of plan_header.claims_max");
_Static_assert(offsetof(struct lw_plan_header, root_size) == 216, "offset of plan_header.root_size");
_Static_assert(offsetof(struct lw_plan_header, root_inodes) == 224, "offset of plan_header.root_inodes");
_Static_assert(offsetof(struct lw_plan_header, job_parent_size) == 232, "offset of plan_header.job_parent_size");
_Static_assert(offsetof(struct lw_plan_header, job_parent_inodes) == 240, "offset of plan_header.job_parent_inodes");
_Static_assert(offsetof(struct lw_plan_header, mount_deadline_ms) == 248, "offset of plan_header.mount_deadline_ms");
_Static_assert(offsetof(struct lw_plan_header, unavailable_service) == 256, "offset of plan_header.unavailable_service");
_Static_assert(offsetof(struct lw_plan_header, unavailable_rootless) == 260, "offset of plan_header.unavailable_rootless");
_Static_assert(offsetof(struct lw_plan_header, no_idmap) == 264, "offset of plan_header.no_idmap");
_Static_assert(offsetof(struct lw_plan_header, job_parent_mode) == 268, "offset of plan_header.job_parent_mode");
_Static_assert(offsetof(struct lw_plan_header, user_namespaces_max) == 272, "offset of plan_header.user_namespaces_max");
_Static_assert(offsetof(struct lw_plan_header, reuse_max) == 276, "offset of plan_header.reuse_max");
_Static_assert(offsetof(struct lw_plan_header, pad) == 280, "offset of plan_header.pad");
_Static_assert(offsetof(struct lw_plan_header, job_parent_read_only) == 284, "offset of plan_header.job_parent_read_only");
_Static_assert(offsetof(struct lw_plan_header, job_parent_writable) == 288, "offset of plan_header.job_parent_writable");
_Static_assert(offsetof(struct lw_plan_header, work_dir) == 292, "offset of plan_header.work_dir");
_Static_assert(offsetof(struct lw_plan_header, sections) == 296, "offset of plan_header.sections");

struct lw_plan_instruction {
    uint16_t code;
    uint8_t jt;
    uint8_t jf;
    uint32_t k;
};
_Static_assert(sizeof(struct lw_plan_instruction) == 8, "size of plan_instruction");
_Static_assert(offsetof(struct lw_plan_instruction, code) == 0, "offset of plan_instruction.code");
_Static_assert(offsetof(struct lw_plan_instruction, jt) == 2, "offset of plan_instruction.jt");
_Static_assert(offsetof(struct lw_plan_instruction, jf) == 3, "offset of plan_instruction.jf");
_Static_assert(offsetof(struct lw_plan_instruction, k) == 4, "offset of plan_instruction.k");

struct lw_plan_notify_answer {
    uint32_t nr;
    uint32_t action; /* enum lw_notify_action */
    uint32_t errno_; /* 0..4095 */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_plan_notify_answer) == 16, "size of plan_notify_answer");
_Static_assert(offsetof(struct lw_plan_notify_answer, nr) == 0, "offset of plan_notify_answer.nr");
_Static_assert(offsetof(struct lw_plan_notify_answer, action) == 4, "offset of plan_notify_answer.action");
_Static_assert(offsetof(struct lw_plan_notify_answer, errno_) == 8, "offset of plan_notify_answer.errno");
_Static_assert(offsetof(struct lw_plan_notify_answer, pad) == 12, "offset of plan_notify_answer.pad");

struct lw_plan_landlock_rule {
    uint32_t path; /* string */
    uint32_t pad;
    uint64_t access;
};
_Static_assert(sizeof(struct lw_plan_landlock_rule) == 16, "size of plan_landlock_rule");
_Static_assert(offsetof(struct lw_plan_landlock_rule, path) == 0, "offset of plan_landlock_rule.path");
_Static_assert(offsetof(struct lw_plan_landlock_rule, pad) == 4, "offset of plan_landlock_rule.pad");
_Static_assert(offsetof(struct lw_plan_landlock_rule, access) == 8, "offset of plan_landlock_rule.access");

struct lw_plan_mount {
    uint32_t kind; /* enum lw_mount_kind */
    uint32_t flags; /* LW_MOUNT_FLAG_* */
    uint32_t source; /* string; host path (bind, device) or link text (symlink) */
    uint32_t target; /* string; absolute path inside */
    uint64_t size;
    uint64_t inodes;
    uint32_t mode; /* 0..1023 */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_plan_mount) == 40, "size of plan_mount");
_Static_assert(offsetof(struct lw_plan_mount, kind) == 0, "offset of plan_mount.kind");
_Static_assert(offsetof(struct lw_plan_mount, flags) == 4, "offset of plan_mount.flags");
_Static_assert(offsetof(struct lw_plan_mount, source) == 8, "offset of plan_mount.source");
_Static_assert(offsetof(struct lw_plan_mount, target) == 12, "offset of plan_mount.target");
_Static_assert(offsetof(struct lw_plan_mount, size) == 16, "offset of plan_mount.size");
_Static_assert(offsetof(struct lw_plan_mount, inodes) == 24, "offset of plan_mount.inodes");
_Static_assert(offsetof(struct lw_plan_mount, mode) == 32, "offset of plan_mount.mode");
_Static_assert(offsetof(struct lw_plan_mount, pad) == 36, "offset of plan_mount.pad");

struct lw_plan_job_mount {
    uint32_t target; /* string; public path, a symlink into the parent of its kind */
    uint32_t name; /* string; entry beneath job_parent_read_only or job_parent_writable */
    uint32_t flags; /* LW_JOB_MOUNT_FLAG_* */
    uint32_t create_mode; /* 0..511 */
};
_Static_assert(sizeof(struct lw_plan_job_mount) == 16, "size of plan_job_mount");
_Static_assert(offsetof(struct lw_plan_job_mount, target) == 0, "offset of plan_job_mount.target");
_Static_assert(offsetof(struct lw_plan_job_mount, name) == 4, "offset of plan_job_mount.name");
_Static_assert(offsetof(struct lw_plan_job_mount, flags) == 8, "offset of plan_job_mount.flags");
_Static_assert(offsetof(struct lw_plan_job_mount, create_mode) == 12, "offset of plan_job_mount.create_mode");

struct lw_plan_rlimit {
    uint32_t resource; /* 0..15 */
    uint32_t pad;
    uint64_t soft;
    uint64_t hard;
};
_Static_assert(sizeof(struct lw_plan_rlimit) == 24, "size of plan_rlimit");
_Static_assert(offsetof(struct lw_plan_rlimit, resource) == 0, "offset of plan_rlimit.resource");
_Static_assert(offsetof(struct lw_plan_rlimit, pad) == 4, "offset of plan_rlimit.pad");
_Static_assert(offsetof(struct lw_plan_rlimit, soft) == 8, "offset of plan_rlimit.soft");
_Static_assert(offsetof(struct lw_plan_rlimit, hard) == 16, "offset of plan_rlimit.hard");

struct lw_plan_file_system {
    uint64_t magic; /* 1..; statfs f_type accepted for request mounts */
};
_Static_assert(sizeof(struct lw_plan_file_system) == 8, "size of plan_file_system");
_Static_assert(offsetof(struct lw_plan_file_system, magic) == 0, "offset of plan_file_system.magic");

struct lw_plan_variable {
    uint32_t entry; /* string; NAME=value; sorted by the bytes of NAME, each NAME once */
};
_Static_assert(sizeof(struct lw_plan_variable) == 4, "size of plan_variable");
_Static_assert(offsetof(struct lw_plan_variable, entry) == 0, "offset of plan_variable.entry");

struct lw_plan_argument {
    uint32_t entry; /* string; how the zygote's interpreter is started */
};
_Static_assert(sizeof(struct lw_plan_argument) == 4, "size of plan_argument");
_Static_assert(offsetof(struct lw_plan_argument, entry) == 0, "offset of plan_argument.entry");

/* The header field at a byte offset, for messages. */
static inline const char *lw_plan_field_name(uint32_t offset)
{
    switch (offset) {
    case 0: return "magic";
    case 8: return "version";
    case 12: return "total_size";
    case 16: return "digest";
    case 48: return "arch";
    case 52: return "mode";
    case 56: return "policy_name";
    case 60: return "hostname";
    case 64: return "namespaces";
    case 68: return "inside_uid";
    case 72: return "inside_gid";
    case 76: return "securebits";
    case 80: return "capabilities";
    case 88: return "umask";
    case 92: return "notify_default_errno";
    case 96: return "denial_burst";
    case 100: return "denial_per_second";
    case 104: return "landlock_abi";
    case 108: return "landlock_minimum_abi";
    case 112: return "landlock_handled_fs";
    case 120: return "landlock_handled_net";
    case 128: return "landlock_scoped";
    case 136: return "memory_max";
    case 144: return "swap_max";
    case 152: return "pids_max";
    case 160: return "cpu_quota_us";
    case 168: return "cpu_period_us";
    case 176: return "cpu_time_us";
    case 184: return "timeout_ms";
    case 192: return "stdout_max";
    case 200: return "stderr_max";
    case 208: return "claims_max";
    case 216: return "root_size";
    case 224: return "root_inodes";
    case 232: return "job_parent_size";
    case 240: return "job_parent_inodes";
    case 248: return "mount_deadline_ms";
    case 256: return "unavailable_service";
    case 260: return "unavailable_rootless";
    case 264: return "no_idmap";
    case 268: return "job_parent_mode";
    case 272: return "user_namespaces_max";
    case 276: return "reuse_max";
    case 280: return "pad";
    case 284: return "job_parent_read_only";
    case 288: return "job_parent_writable";
    case 292: return "work_dir";
    case 296: return "sections";
    default: return "unknown";
    }
}

/* Accessors of a plan that lw_plan_validate has accepted. */
static inline const struct lw_plan_header *lw_plan_header(const void *plan)
{
    return (const struct lw_plan_header *)plan;
}

static inline const struct lw_plan_instruction *lw_plan_filter(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_FILTER];
    *count = section->count;
    return (const struct lw_plan_instruction *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_notify_answer *lw_plan_notify(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_NOTIFY];
    *count = section->count;
    return (const struct lw_plan_notify_answer *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_landlock_rule *lw_plan_landlock_rules(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_LANDLOCK_RULES];
    *count = section->count;
    return (const struct lw_plan_landlock_rule *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_mount *lw_plan_mounts(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_MOUNTS];
    *count = section->count;
    return (const struct lw_plan_mount *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_job_mount *lw_plan_job_mounts(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_JOB_MOUNTS];
    *count = section->count;
    return (const struct lw_plan_job_mount *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_rlimit *lw_plan_rlimits(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_RLIMITS];
    *count = section->count;
    return (const struct lw_plan_rlimit *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_file_system *lw_plan_file_systems(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_FILE_SYSTEMS];
    *count = section->count;
    return (const struct lw_plan_file_system *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_variable *lw_plan_environment(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_ENVIRONMENT];
    *count = section->count;
    return (const struct lw_plan_variable *)((const char *)plan + section->offset);
}

static inline const struct lw_plan_argument *lw_plan_argv(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_ARGV];
    *count = section->count;
    return (const struct lw_plan_argument *)((const char *)plan + section->offset);
}

static inline const char *lw_plan_strings(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_STRINGS];
    *count = section->count;
    return (const char *)((const char *)plan + section->offset);
}

struct lw_message_header {
    uint32_t type; /* enum lw_message */
    uint32_t size; /* whole message, bytes */
    uint64_t id; /* pool id or job id, chosen by the daemon */
};
_Static_assert(sizeof(struct lw_message_header) == 16, "size of message_header");
_Static_assert(offsetof(struct lw_message_header, type) == 0, "offset of message_header.type");
_Static_assert(offsetof(struct lw_message_header, size) == 4, "offset of message_header.size");
_Static_assert(offsetof(struct lw_message_header, id) == 8, "offset of message_header.id");

struct lw_message_config {
    struct lw_message_header header;
    uint32_t slot_uid_base; /* host uid of slot 0; without privilege of the user's subordinate uids, 0: one uid for all */
    uint32_t slot_count;
    uint32_t pool_uid_base; /* host uid of the zygote of pool 0 */
    uint32_t pool_count;
    uint32_t cgroup_name; /* string; subtree, e.g. leeward or leeward/exec-1234, beneath the driver's base */
    uint32_t workspace; /* string; existing directory; the supervisor mounts a tmpfs over it in its own mount namespace */
    uint32_t landlock_abi_cap; /* tests force a lower ABI; 0xffffffff = none */
    uint32_t daemon_pid; /* whose death ends the supervisor, besides the socket's; 0 = the parent */
    uint32_t open_deadline_ms; /* 1..3600000; for one answer of an opener; without one it is given up */
    uint32_t open_hanging_max; /* 1..1024; openers of one peer at a time, those that were given up and are not gone included */
    uint32_t worker_deadline_ms; /* 1..3600000; from the request for a worker to its place in standby */
    uint32_t pool_deadline_ms; /* 1..3600000; for a zygote to import its preload */
    uint32_t slot_gid_base; /* host gid of slot 0: of the user's subordinate gids; not looked at with privilege, where it is slot_uid_base */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_config) == 72, "size of message_config");
_Static_assert(offsetof(struct lw_message_config, slot_uid_base) == 16, "offset of message_config.slot_uid_base");
_Static_assert(offsetof(struct lw_message_config, slot_count) == 20, "offset of message_config.slot_count");
_Static_assert(offsetof(struct lw_message_config, pool_uid_base) == 24, "offset of message_config.pool_uid_base");
_Static_assert(offsetof(struct lw_message_config, pool_count) == 28, "offset of message_config.pool_count");
_Static_assert(offsetof(struct lw_message_config, cgroup_name) == 32, "offset of message_config.cgroup_name");
_Static_assert(offsetof(struct lw_message_config, workspace) == 36, "offset of message_config.workspace");
_Static_assert(offsetof(struct lw_message_config, landlock_abi_cap) == 40, "offset of message_config.landlock_abi_cap");
_Static_assert(offsetof(struct lw_message_config, daemon_pid) == 44, "offset of message_config.daemon_pid");
_Static_assert(offsetof(struct lw_message_config, open_deadline_ms) == 48, "offset of message_config.open_deadline_ms");
_Static_assert(offsetof(struct lw_message_config, open_hanging_max) == 52, "offset of message_config.open_hanging_max");
_Static_assert(offsetof(struct lw_message_config, worker_deadline_ms) == 56, "offset of message_config.worker_deadline_ms");
_Static_assert(offsetof(struct lw_message_config, pool_deadline_ms) == 60, "offset of message_config.pool_deadline_ms");
_Static_assert(offsetof(struct lw_message_config, slot_gid_base) == 64, "offset of message_config.slot_gid_base");
_Static_assert(offsetof(struct lw_message_config, pad) == 68, "offset of message_config.pad");

struct lw_message_ready {
    struct lw_message_header header;
    uint32_t supervisor_pid; /* in the daemon's PID namespace is known to the addon; here as the supervisor sees itself */
    uint32_t flags; /* LW_CONFIG_FLAG_* */
    uint32_t landlock_abi;
    uint32_t landlock_errata;
    uint32_t cgroup_version; /* 0..2; 0 none usable, 1, 2 */
    uint32_t limits_available; /* LW_LIMIT_BIT_* */
    uint32_t cgroup_base; /* string; directory of our subtree (v1: of the memory controller) */
    uint32_t cgroup_cpu_base; /* string; likewise, where processor time is counted (v1: of the cpuacct controller); empty when it is not */
    uint32_t cgroup_reason; /* string; why limits are missing, empty when none is */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_ready) == 56, "size of message_ready");
_Static_assert(offsetof(struct lw_message_ready, supervisor_pid) == 16, "offset of message_ready.supervisor_pid");
_Static_assert(offsetof(struct lw_message_ready, flags) == 20, "offset of message_ready.flags");
_Static_assert(offsetof(struct lw_message_ready, landlock_abi) == 24, "offset of message_ready.landlock_abi");
_Static_assert(offsetof(struct lw_message_ready, landlock_errata) == 28, "offset of message_ready.landlock_errata");
_Static_assert(offsetof(struct lw_message_ready, cgroup_version) == 32, "offset of message_ready.cgroup_version");
_Static_assert(offsetof(struct lw_message_ready, limits_available) == 36, "offset of message_ready.limits_available");
_Static_assert(offsetof(struct lw_message_ready, cgroup_base) == 40, "offset of message_ready.cgroup_base");
_Static_assert(offsetof(struct lw_message_ready, cgroup_cpu_base) == 44, "offset of message_ready.cgroup_cpu_base");
_Static_assert(offsetof(struct lw_message_ready, cgroup_reason) == 48, "offset of message_ready.cgroup_reason");
_Static_assert(offsetof(struct lw_message_ready, pad) == 52, "offset of message_ready.pad");

struct lw_message_pool_open {
    struct lw_message_header header;
    uint32_t standby;
    uint32_t max;
    uint32_t run_as_uid; /* host ids of every job: those of a peer, for file systems without id map; 0 = each slot's own */
    uint32_t run_as_gid;
    uint32_t tenant; /* 1..; whose jobs these are, by a number of the daemon's; slots of one tenant are not given to another */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_pool_open) == 40, "size of message_pool_open");
_Static_assert(offsetof(struct lw_message_pool_open, standby) == 16, "offset of message_pool_open.standby");
_Static_assert(offsetof(struct lw_message_pool_open, max) == 20, "offset of message_pool_open.max");
_Static_assert(offsetof(struct lw_message_pool_open, run_as_uid) == 24, "offset of message_pool_open.run_as_uid");
_Static_assert(offsetof(struct lw_message_pool_open, run_as_gid) == 28, "offset of message_pool_open.run_as_gid");
_Static_assert(offsetof(struct lw_message_pool_open, tenant) == 32, "offset of message_pool_open.tenant");
_Static_assert(offsetof(struct lw_message_pool_open, pad) == 36, "offset of message_pool_open.pad");

struct lw_message_pool_ready {
    struct lw_message_header header;
    uint32_t zygote_pid;
    uint32_t pad;
    uint64_t setup_us;
};
_Static_assert(sizeof(struct lw_message_pool_ready) == 32, "size of message_pool_ready");
_Static_assert(offsetof(struct lw_message_pool_ready, zygote_pid) == 16, "offset of message_pool_ready.zygote_pid");
_Static_assert(offsetof(struct lw_message_pool_ready, pad) == 20, "offset of message_pool_ready.pad");
_Static_assert(offsetof(struct lw_message_pool_ready, setup_us) == 24, "offset of message_pool_ready.setup_us");

struct lw_message_pool_failed {
    struct lw_message_header header;
    uint32_t stage; /* enum lw_stage */
    uint32_t index;
    uint32_t errno_;
    uint32_t detail; /* string */
};
_Static_assert(sizeof(struct lw_message_pool_failed) == 32, "size of message_pool_failed");
_Static_assert(offsetof(struct lw_message_pool_failed, stage) == 16, "offset of message_pool_failed.stage");
_Static_assert(offsetof(struct lw_message_pool_failed, index) == 20, "offset of message_pool_failed.index");
_Static_assert(offsetof(struct lw_message_pool_failed, errno_) == 24, "offset of message_pool_failed.errno");
_Static_assert(offsetof(struct lw_message_pool_failed, detail) == 28, "offset of message_pool_failed.detail");

struct lw_message_pool_close {
    struct lw_message_header header;
};
_Static_assert(sizeof(struct lw_message_pool_close) == 16, "size of message_pool_close");


struct lw_message_pool_closed {
    struct lw_message_header header;
};
_Static_assert(sizeof(struct lw_message_pool_closed) == 16, "size of message_pool_closed");


struct lw_message_job_run_group {
    uint32_t gid;
};
_Static_assert(sizeof(struct lw_message_job_run_group) == 4, "size of message_job_run_group");
_Static_assert(offsetof(struct lw_message_job_run_group, gid) == 0, "offset of message_job_run_group.gid");

struct lw_message_job_run_mount {
    uint32_t root; /* string; allowed root, a real path */
    uint32_t path; /* string; beneath the root, relative, empty = the root itself */
    uint32_t target; /* string; public path inside */
    uint32_t flags; /* LW_JOB_MOUNT_FLAG_* */
    uint32_t create_mode; /* 0..511 */
};
_Static_assert(sizeof(struct lw_message_job_run_mount) == 20, "size of message_job_run_mount");
_Static_assert(offsetof(struct lw_message_job_run_mount, root) == 0, "offset of message_job_run_mount.root");
_Static_assert(offsetof(struct lw_message_job_run_mount, path) == 4, "offset of message_job_run_mount.path");
_Static_assert(offsetof(struct lw_message_job_run_mount, target) == 8, "offset of message_job_run_mount.target");
_Static_assert(offsetof(struct lw_message_job_run_mount, flags) == 12, "offset of message_job_run_mount.flags");
_Static_assert(offsetof(struct lw_message_job_run_mount, create_mode) == 16, "offset of message_job_run_mount.create_mode");

struct lw_message_job_run_collect {
    uint32_t mount; /* 0..15; which of `mounts`: a writable one */
    uint32_t folder; /* string; beneath the mount, relative, empty = the mount itself */
    uint32_t name; /* string; pattern of names in the folder, as fnmatch(3) has it; empty = the mount itself, which is a file */
};
_Static_assert(sizeof(struct lw_message_job_run_collect) == 12, "size of message_job_run_collect");
_Static_assert(offsetof(struct lw_message_job_run_collect, mount) == 0, "offset of message_job_run_collect.mount");
_Static_assert(offsetof(struct lw_message_job_run_collect, folder) == 4, "offset of message_job_run_collect.folder");
_Static_assert(offsetof(struct lw_message_job_run_collect, name) == 8, "offset of message_job_run_collect.name");

struct lw_message_job_run {
    struct lw_message_header header;
    uint64_t pool_id;
    uint64_t memory_max; /* 1..; <= the plan's; the daemon checked the policy's max */
    uint64_t timeout_ms; /* 1.. */
    uint32_t peer_uid;
    uint32_t peer_gid;
    uint32_t group_count;
    uint32_t mount_count;
    uint32_t collect_count;
    uint32_t collect_files_max; /* 0..256; files in all */
    uint64_t collect_bytes_max; /* 0..16777216; bytes of them in all */
    uint32_t stream_window; /* bytes of stdout and stderr together that may be with the daemon before it says job_output_taken; 0 = no bound */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_job_run) == 80, "size of message_job_run");
_Static_assert(offsetof(struct lw_message_job_run, pool_id) == 16, "offset of message_job_run.pool_id");
_Static_assert(offsetof(struct lw_message_job_run, memory_max) == 24, "offset of message_job_run.memory_max");
_Static_assert(offsetof(struct lw_message_job_run, timeout_ms) == 32, "offset of message_job_run.timeout_ms");
_Static_assert(offsetof(struct lw_message_job_run, peer_uid) == 40, "offset of message_job_run.peer_uid");
_Static_assert(offsetof(struct lw_message_job_run, peer_gid) == 44, "offset of message_job_run.peer_gid");
_Static_assert(offsetof(struct lw_message_job_run, group_count) == 48, "offset of message_job_run.group_count");
_Static_assert(offsetof(struct lw_message_job_run, mount_count) == 52, "offset of message_job_run.mount_count");
_Static_assert(offsetof(struct lw_message_job_run, collect_count) == 56, "offset of message_job_run.collect_count");
_Static_assert(offsetof(struct lw_message_job_run, collect_files_max) == 60, "offset of message_job_run.collect_files_max");
_Static_assert(offsetof(struct lw_message_job_run, collect_bytes_max) == 64, "offset of message_job_run.collect_bytes_max");
_Static_assert(offsetof(struct lw_message_job_run, stream_window) == 72, "offset of message_job_run.stream_window");
_Static_assert(offsetof(struct lw_message_job_run, pad) == 76, "offset of message_job_run.pad");

#define LW_MESSAGE_MAX_JOB_RUN_GROUPS 32768u
/* The first of message->group_count; only of a validated message. */
static inline const struct lw_message_job_run_group *lw_message_job_run_groups(const struct lw_message_job_run *message)
{
    return (const struct lw_message_job_run_group *)((const char *)message + sizeof(*message));
}

#define LW_MESSAGE_MAX_JOB_RUN_MOUNTS 16u
/* The first of message->mount_count; only of a validated message. */
static inline const struct lw_message_job_run_mount *lw_message_job_run_mounts(const struct lw_message_job_run *message)
{
    return (const struct lw_message_job_run_mount *)((const char *)message + sizeof(*message) + (size_t)message->group_count * 4);
}

#define LW_MESSAGE_MAX_JOB_RUN_COLLECTS 16u
/* The first of message->collect_count; only of a validated message. */
static inline const struct lw_message_job_run_collect *lw_message_job_run_collects(const struct lw_message_job_run *message)
{
    return (const struct lw_message_job_run_collect *)((const char *)message + sizeof(*message) + (size_t)message->group_count * 4 + (size_t)message->mount_count * 20);
}

struct lw_message_job_started {
    struct lw_message_header header;
    uint32_t slot;
    uint32_t pid; /* in the supervisor's PID namespace */
    uint64_t queue_us; /* waiting for a standby job */
    uint64_t attach_us; /* opening, cloning and attaching mounts */
};
_Static_assert(sizeof(struct lw_message_job_started) == 40, "size of message_job_started");
_Static_assert(offsetof(struct lw_message_job_started, slot) == 16, "offset of message_job_started.slot");
_Static_assert(offsetof(struct lw_message_job_started, pid) == 20, "offset of message_job_started.pid");
_Static_assert(offsetof(struct lw_message_job_started, queue_us) == 24, "offset of message_job_started.queue_us");
_Static_assert(offsetof(struct lw_message_job_started, attach_us) == 32, "offset of message_job_started.attach_us");

struct lw_message_job_output {
    struct lw_message_header header;
    uint32_t stream; /* enum lw_stream */
    uint32_t length; /* bytes that follow this struct */
};
_Static_assert(sizeof(struct lw_message_job_output) == 24, "size of message_job_output");
_Static_assert(offsetof(struct lw_message_job_output, stream) == 16, "offset of message_job_output.stream");
_Static_assert(offsetof(struct lw_message_job_output, length) == 20, "offset of message_job_output.length");

#define LW_MESSAGE_MAX_JOB_OUTPUT_DATA 65536u
/* The first of message->length; only of a validated message. */
static inline const char *lw_message_job_output_data(const struct lw_message_job_output *message)
{
    return (const char *)((const char *)message + sizeof(*message));
}

struct lw_message_job_denial {
    struct lw_message_header header;
    uint32_t nr;
    uint32_t arch;
    uint64_t args[6]; /* of the first occurrence */
    uint32_t errno_;
    uint32_t pad;
    uint64_t count;
};
_Static_assert(sizeof(struct lw_message_job_denial) == 88, "size of message_job_denial");
_Static_assert(offsetof(struct lw_message_job_denial, nr) == 16, "offset of message_job_denial.nr");
_Static_assert(offsetof(struct lw_message_job_denial, arch) == 20, "offset of message_job_denial.arch");
_Static_assert(offsetof(struct lw_message_job_denial, args) == 24, "offset of message_job_denial.args");
_Static_assert(offsetof(struct lw_message_job_denial, errno_) == 72, "offset of message_job_denial.errno");
_Static_assert(offsetof(struct lw_message_job_denial, pad) == 76, "offset of message_job_denial.pad");
_Static_assert(offsetof(struct lw_message_job_denial, count) == 80, "offset of message_job_denial.count");

struct lw_message_job_end {
    struct lw_message_header header;
    uint32_t status; /* enum lw_status */
    int32_t exit_code; /* -1 when there is none */
    uint32_t signal; /* 0 when there is none */
    uint32_t truncated; /* LW_TRUNCATED_* */
    uint32_t stage; /* enum lw_stage */
    uint32_t stage_index;
    uint32_t errno_;
    uint32_t slot;
    uint32_t started; /* 0..1; 1 once the code was released to the job */
    uint32_t receipt_flags; /* LW_RECEIPT_FLAG_* */
    uint64_t memory_peak; /* bytes; all ones when unknown */
    uint64_t cpu_time_us; /* all ones when unknown */
    uint64_t forks_refused; /* by a limit of processes and threads; all ones when unknown */
    uint64_t run_us; /* release of the code to the end of the process */
    uint64_t teardown_us;
    uint32_t namespaces; /* LW_NAMESPACE_*; CLONE_NEW* bits really entered */
    uint32_t landlock_abi; /* used for this job; 0 when not enforced */
    uint64_t landlock_handled_fs; /* as given to landlock_create_ruleset(2) */
    uint64_t landlock_handled_net;
    uint64_t landlock_scoped;
    uint32_t cgroup_version; /* 0..2 */
    uint32_t limits_enforced; /* LW_LIMIT_BIT_* */
    uint64_t memory_max; /* read back */
    uint64_t pids_max;
    uint64_t cpu_quota_us;
    uint64_t cpu_period_us;
    uint32_t inside_uid; /* read back from uid_map and gid_map of the job */
    uint32_t inside_gid;
    uint32_t outside_uid; /* host id behind the inside id, from the same files */
    uint32_t outside_gid;
    uint8_t plan_digest[32]; /* name of the plan that the supervisor had mapped and carried out */
    uint8_t seccomp_digest[32]; /* sha256 of the program that the job gave to seccomp(2) */
    uint32_t mode; /* enum lw_applied_mode; by which the notifications were answered */
    uint32_t seccomp_instructions; /* of the program that the job gave to seccomp(2) */
    uint32_t denials_total;
    uint32_t execution; /* which job of its process this was, from 1; 0 when it had none */
    uint32_t collecting; /* 0..1; 1: what the request collects follows as job_collected */
    uint32_t detail; /* string; path or words that belong to stage and errno */
};
_Static_assert(sizeof(struct lw_message_job_end) == 272, "size of message_job_end");
_Static_assert(offsetof(struct lw_message_job_end, status) == 16, "offset of message_job_end.status");
_Static_assert(offsetof(struct lw_message_job_end, exit_code) == 20, "offset of message_job_end.exit_code");
_Static_assert(offsetof(struct lw_message_job_end, signal) == 24, "offset of message_job_end.signal");
_Static_assert(offsetof(struct lw_message_job_end, truncated) == 28, "offset of message_job_end.truncated");
_Static_assert(offsetof(struct lw_message_job_end, stage) == 32, "offset of message_job_end.stage");
_Static_assert(offsetof(struct lw_message_job_end, stage_index) == 36, "offset of message_job_end.stage_index");
_Static_assert(offsetof(struct lw_message_job_end, errno_) == 40, "offset of message_job_end.errno");
_Static_assert(offsetof(struct lw_message_job_end, slot) == 44, "offset of message_job_end.slot");
_Static_assert(offsetof(struct lw_message_job_end, started) == 48, "offset of message_job_end.started");
_Static_assert(offsetof(struct lw_message_job_end, receipt_flags) == 52, "offset of message_job_end.receipt_flags");
_Static_assert(offsetof(struct lw_message_job_end, memory_peak) == 56, "offset of message_job_end.memory_peak");
_Static_assert(offsetof(struct lw_message_job_end, cpu_time_us) == 64, "offset of message_job_end.cpu_time_us");
_Static_assert(offsetof(struct lw_message_job_end, forks_refused) == 72, "offset of message_job_end.forks_refused");
_Static_assert(offsetof(struct lw_message_job_end, run_us) == 80, "offset of message_job_end.run_us");
_Static_assert(offsetof(struct lw_message_job_end, teardown_us) == 88, "offset of message_job_end.teardown_us");
_Static_assert(offsetof(struct lw_message_job_end, namespaces) == 96, "offset of message_job_end.namespaces");
_Static_assert(offsetof(struct lw_message_job_end, landlock_abi) == 100, "offset of message_job_end.landlock_abi");
_Static_assert(offsetof(struct lw_message_job_end, landlock_handled_fs) == 104, "offset of message_job_end.landlock_handled_fs");
_Static_assert(offsetof(struct lw_message_job_end, landlock_handled_net) == 112, "offset of message_job_end.landlock_handled_net");
_Static_assert(offsetof(struct lw_message_job_end, landlock_scoped) == 120, "offset of message_job_end.landlock_scoped");
_Static_assert(offsetof(struct lw_message_job_end, cgroup_version) == 128, "offset of message_job_end.cgroup_version");
_Static_assert(offsetof(struct lw_message_job_end, limits_enforced) == 132, "offset of message_job_end.limits_enforced");
_Static_assert(offsetof(struct lw_message_job_end, memory_max) == 136, "offset of message_job_end.memory_max");
_Static_assert(offsetof(struct lw_message_job_end, pids_max) == 144, "offset of message_job_end.pids_max");
_Static_assert(offsetof(struct lw_message_job_end, cpu_quota_us) == 152, "offset of message_job_end.cpu_quota_us");
_Static_assert(offsetof(struct lw_message_job_end, cpu_period_us) == 160, "offset of message_job_end.cpu_period_us");
_Static_assert(offsetof(struct lw_message_job_end, inside_uid) == 168, "offset of message_job_end.inside_uid");
_Static_assert(offsetof(struct lw_message_job_end, inside_gid) == 172, "offset of message_job_end.inside_gid");
_Static_assert(offsetof(struct lw_message_job_end, outside_uid) == 176, "offset of message_job_end.outside_uid");
_Static_assert(offsetof(struct lw_message_job_end, outside_gid) == 180, "offset of message_job_end.outside_gid");
_Static_assert(offsetof(struct lw_message_job_end, plan_digest) == 184, "offset of message_job_end.plan_digest");
_Static_assert(offsetof(struct lw_message_job_end, seccomp_digest) == 216, "offset of message_job_end.seccomp_digest");
_Static_assert(offsetof(struct lw_message_job_end, mode) == 248, "offset of message_job_end.mode");
_Static_assert(offsetof(struct lw_message_job_end, seccomp_instructions) == 252, "offset of message_job_end.seccomp_instructions");
_Static_assert(offsetof(struct lw_message_job_end, denials_total) == 256, "offset of message_job_end.denials_total");
_Static_assert(offsetof(struct lw_message_job_end, execution) == 260, "offset of message_job_end.execution");
_Static_assert(offsetof(struct lw_message_job_end, collecting) == 264, "offset of message_job_end.collecting");
_Static_assert(offsetof(struct lw_message_job_end, detail) == 268, "offset of message_job_end.detail");

struct lw_message_job_cancel {
    struct lw_message_header header;
    uint32_t waiting_only; /* 0..1; 1: not if its code was released */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_job_cancel) == 24, "size of message_job_cancel");
_Static_assert(offsetof(struct lw_message_job_cancel, waiting_only) == 16, "offset of message_job_cancel.waiting_only");
_Static_assert(offsetof(struct lw_message_job_cancel, pad) == 20, "offset of message_job_cancel.pad");

struct lw_message_log {
    struct lw_message_header header;
    uint32_t level; /* enum lw_log_level */
    uint32_t code; /* number of the code in schemas/errors.json that fits a supervisor that cannot start; 0 = none in particular */
    uint32_t text; /* string */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_log) == 32, "size of message_log");
_Static_assert(offsetof(struct lw_message_log, level) == 16, "offset of message_log.level");
_Static_assert(offsetof(struct lw_message_log, code) == 20, "offset of message_log.code");
_Static_assert(offsetof(struct lw_message_log, text) == 24, "offset of message_log.text");
_Static_assert(offsetof(struct lw_message_log, pad) == 28, "offset of message_log.pad");

struct lw_message_envelope_peer {
    uint32_t who; /* enum lw_who; uid or gid: for whom jobs may run */
    uint32_t host_id;
};
_Static_assert(sizeof(struct lw_message_envelope_peer) == 8, "size of message_envelope_peer");
_Static_assert(offsetof(struct lw_message_envelope_peer, who) == 0, "offset of message_envelope_peer.who");
_Static_assert(offsetof(struct lw_message_envelope_peer, host_id) == 4, "offset of message_envelope_peer.host_id");

struct lw_message_envelope_root {
    uint32_t path; /* string; absolute, without symbolic links */
    uint32_t flags; /* LW_ROOT_FLAG_* */
    uint32_t who; /* enum lw_who; of a request root: whose it is */
    uint32_t host_id; /* 0 for every peer */
};
_Static_assert(sizeof(struct lw_message_envelope_root) == 16, "size of message_envelope_root");
_Static_assert(offsetof(struct lw_message_envelope_root, path) == 0, "offset of message_envelope_root.path");
_Static_assert(offsetof(struct lw_message_envelope_root, flags) == 4, "offset of message_envelope_root.flags");
_Static_assert(offsetof(struct lw_message_envelope_root, who) == 8, "offset of message_envelope_root.who");
_Static_assert(offsetof(struct lw_message_envelope_root, host_id) == 12, "offset of message_envelope_root.host_id");

struct lw_message_envelope {
    struct lw_message_header header;
    uint32_t slot_uid_base; /* 1..; host ids that slots may have; config takes some or all of them */
    uint32_t slot_count; /* 1.. */
    uint32_t pool_uid_base; /* 1.. */
    uint32_t pool_count; /* 1.. */
    uint32_t daemon_uid; /* whose ids no sandbox gets */
    uint32_t daemon_gid;
    uint32_t cgroup_name; /* string; config's subtree is this one or lies beneath it */
    uint32_t workspace; /* string; config's workspace is this one */
    uint32_t peer_count;
    uint32_t root_count;
};
_Static_assert(sizeof(struct lw_message_envelope) == 56, "size of message_envelope");
_Static_assert(offsetof(struct lw_message_envelope, slot_uid_base) == 16, "offset of message_envelope.slot_uid_base");
_Static_assert(offsetof(struct lw_message_envelope, slot_count) == 20, "offset of message_envelope.slot_count");
_Static_assert(offsetof(struct lw_message_envelope, pool_uid_base) == 24, "offset of message_envelope.pool_uid_base");
_Static_assert(offsetof(struct lw_message_envelope, pool_count) == 28, "offset of message_envelope.pool_count");
_Static_assert(offsetof(struct lw_message_envelope, daemon_uid) == 32, "offset of message_envelope.daemon_uid");
_Static_assert(offsetof(struct lw_message_envelope, daemon_gid) == 36, "offset of message_envelope.daemon_gid");
_Static_assert(offsetof(struct lw_message_envelope, cgroup_name) == 40, "offset of message_envelope.cgroup_name");
_Static_assert(offsetof(struct lw_message_envelope, workspace) == 44, "offset of message_envelope.workspace");
_Static_assert(offsetof(struct lw_message_envelope, peer_count) == 48, "offset of message_envelope.peer_count");
_Static_assert(offsetof(struct lw_message_envelope, root_count) == 52, "offset of message_envelope.root_count");

#define LW_MESSAGE_MAX_ENVELOPE_PEERS 1024u
/* The first of message->peer_count; only of a validated message. */
static inline const struct lw_message_envelope_peer *lw_message_envelope_peers(const struct lw_message_envelope *message)
{
    return (const struct lw_message_envelope_peer *)((const char *)message + sizeof(*message));
}

#define LW_MESSAGE_MAX_ENVELOPE_ROOTS 1024u
/* The first of message->root_count; only of a validated message. */
static inline const struct lw_message_envelope_root *lw_message_envelope_roots(const struct lw_message_envelope *message)
{
    return (const struct lw_message_envelope_root *)((const char *)message + sizeof(*message) + (size_t)message->peer_count * 8);
}

struct lw_message_job_collected {
    struct lw_message_header header;
    uint32_t errno_; /* why there is nothing; 0: the records are in the descriptor, a sealed memfd */
    uint32_t pad;
};
_Static_assert(sizeof(struct lw_message_job_collected) == 24, "size of message_job_collected");
_Static_assert(offsetof(struct lw_message_job_collected, errno_) == 16, "offset of message_job_collected.errno");
_Static_assert(offsetof(struct lw_message_job_collected, pad) == 20, "offset of message_job_collected.pad");

struct lw_message_job_output_taken {
    struct lw_message_header header;
    uint64_t bytes; /* of job_output that need no room any more, since the message before */
};
_Static_assert(sizeof(struct lw_message_job_output_taken) == 24, "size of message_job_output_taken");
_Static_assert(offsetof(struct lw_message_job_output_taken, bytes) == 16, "offset of message_job_output_taken.bytes");

struct lw_message_workers_ask {
    struct lw_message_header header;
};
_Static_assert(sizeof(struct lw_message_workers_ask) == 16, "size of message_workers_ask");


struct lw_message_worker_record {
    uint32_t pool_low; /* lower half of the pool's id */
    uint32_t pool_high;
    uint32_t slot; /* its control group is worker-SLOT */
    uint32_t state; /* enum lw_worker_phase */
    uint32_t executions; /* jobs that were released to it, with the one that it runs */
};
_Static_assert(sizeof(struct lw_message_worker_record) == 20, "size of message_worker_record");
_Static_assert(offsetof(struct lw_message_worker_record, pool_low) == 0, "offset of message_worker_record.pool_low");
_Static_assert(offsetof(struct lw_message_worker_record, pool_high) == 4, "offset of message_worker_record.pool_high");
_Static_assert(offsetof(struct lw_message_worker_record, slot) == 8, "offset of message_worker_record.slot");
_Static_assert(offsetof(struct lw_message_worker_record, state) == 12, "offset of message_worker_record.state");
_Static_assert(offsetof(struct lw_message_worker_record, executions) == 16, "offset of message_worker_record.executions");

struct lw_message_workers {
    struct lw_message_header header;
    uint64_t recycled; /* workers that have run jobs and were ended, since the start of the supervisor */
    uint32_t total; /* all there are; those that the list has no room for are not in it */
    uint32_t worker_count;
};
_Static_assert(sizeof(struct lw_message_workers) == 32, "size of message_workers");
_Static_assert(offsetof(struct lw_message_workers, recycled) == 16, "offset of message_workers.recycled");
_Static_assert(offsetof(struct lw_message_workers, total) == 24, "offset of message_workers.total");
_Static_assert(offsetof(struct lw_message_workers, worker_count) == 28, "offset of message_workers.worker_count");

#define LW_MESSAGE_MAX_WORKERS_WORKERS 8192u
/* The first of message->worker_count; only of a validated message. */
static inline const struct lw_message_worker_record *lw_message_workers_workers(const struct lw_message_workers *message)
{
    return (const struct lw_message_worker_record *)((const char *)message + sizeof(*message));
}

/* Bytes of the struct and its tails: where the strings of a message stand, or its end when it has none. */
static inline size_t lw_message_body_size(const void *message)
{
    switch (((const struct lw_message_header *)message)->type) {
    case 1: return sizeof(struct lw_message_config);
    case 2: return sizeof(struct lw_message_ready);
    case 3: return sizeof(struct lw_message_pool_open);
    case 4: return sizeof(struct lw_message_pool_ready);
    case 5: return sizeof(struct lw_message_pool_failed);
    case 6: return sizeof(struct lw_message_pool_close);
    case 7: return sizeof(struct lw_message_pool_closed);
    case 8: return sizeof(struct lw_message_job_run) + (size_t)((const struct lw_message_job_run *)message)->group_count * 4 + (size_t)((const struct lw_message_job_run *)message)->mount_count * 20 + (size_t)((const struct lw_message_job_run *)message)->collect_count * 12;
    case 9: return sizeof(struct lw_message_job_started);
    case 10: return sizeof(struct lw_message_job_output) + (size_t)((const struct lw_message_job_output *)message)->length * 1;
    case 11: return sizeof(struct lw_message_job_denial);
    case 12: return sizeof(struct lw_message_job_end);
    case 13: return sizeof(struct lw_message_job_cancel);
    case 14: return sizeof(struct lw_message_log);
    case 15: return sizeof(struct lw_message_envelope) + (size_t)((const struct lw_message_envelope *)message)->peer_count * 8 + (size_t)((const struct lw_message_envelope *)message)->root_count * 16;
    case 16: return sizeof(struct lw_message_job_collected);
    case 17: return sizeof(struct lw_message_job_output_taken);
    case 18: return sizeof(struct lw_message_workers_ask);
    case 19: return sizeof(struct lw_message_workers) + (size_t)((const struct lw_message_workers *)message)->worker_count * 20;
    default: return 0;
    }
}

#endif
