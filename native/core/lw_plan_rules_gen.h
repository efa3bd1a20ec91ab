/* Generated from schemas/plan.layout.json by scripts/gen/layout.mjs. Do not edit: run `npm run gen`. */
#ifndef LW_PLAN_RULES_GEN_H
#define LW_PLAN_RULES_GEN_H

#include "lw_plan_gen.h"

enum lw_rule_kind {
    LW_RULE_PADDING = 0,
    LW_RULE_ENUM = 1,
    LW_RULE_FLAGS = 2,
    LW_RULE_STRING = 3,
    LW_RULE_RANGE32 = 4,
    LW_RULE_RANGE64 = 5,
};

/* A rule for one number of a struct. enum, range: low..high; flags: no bit outside high; padding: zero; string: an offset. */
struct lw_field_rule {
    uint16_t offset;
    uint16_t kind;
    uint64_t low;
    uint64_t high;
};

struct lw_struct_rules {
    const struct lw_field_rule *rules; /* in the order of the fields */
    uint32_t count;
    uint32_t size; /* bytes of the struct */
};

static const struct lw_field_rule lw_plan_header_rules[] = {
    {48, LW_RULE_ENUM, 1u, 0x2u}, /* arch */
    {52, LW_RULE_ENUM, 1u, 0x2u}, /* mode */
    {56, LW_RULE_STRING, 0u, 0x0u}, /* policy_name */
    {60, LW_RULE_STRING, 0u, 0x0u}, /* hostname */
    {64, LW_RULE_FLAGS, 0u, 0x7e020000u}, /* namespaces */
    {68, LW_RULE_RANGE32, 0u, 0xfffffffeu}, /* inside_uid */
    {72, LW_RULE_RANGE32, 0u, 0xfffffffeu}, /* inside_gid */
    {76, LW_RULE_RANGE32, 0u, 0xffu}, /* securebits */
    {88, LW_RULE_RANGE32, 0u, 0x1ffu}, /* umask */
    {92, LW_RULE_RANGE32, 1u, 0xfffu}, /* notify_default_errno */
    {96, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* denial_burst */
    {100, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* denial_per_second */
    {136, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* memory_max */
    {152, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* pids_max */
    {160, LW_RULE_RANGE64, 1000u, 0xffffffffffffffffu}, /* cpu_quota_us */
    {168, LW_RULE_RANGE64, 1000u, 0xf4240u}, /* cpu_period_us */
    {176, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* cpu_time_us */
    {184, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* timeout_ms */
    {216, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* root_size */
    {224, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* root_inodes */
    {232, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* job_parent_size */
    {240, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* job_parent_inodes */
    {248, LW_RULE_RANGE64, 1u, 0x36ee80u}, /* mount_deadline_ms */
    {256, LW_RULE_ENUM, 1u, 0x2u}, /* unavailable_service */
    {260, LW_RULE_ENUM, 1u, 0x2u}, /* unavailable_rootless */
    {264, LW_RULE_ENUM, 1u, 0x2u}, /* no_idmap */
    {268, LW_RULE_RANGE32, 0u, 0x1ffu}, /* job_parent_mode */
    {272, LW_RULE_RANGE32, 0u, 0x7fffffffu}, /* user_namespaces_max */
    {276, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* reuse_max */
    {280, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
    {284, LW_RULE_STRING, 0u, 0x0u}, /* job_parent_read_only */
    {288, LW_RULE_STRING, 0u, 0x0u}, /* job_parent_writable */
    {292, LW_RULE_STRING, 0u, 0x0u}, /* work_dir */
};


static const struct lw_field_rule lw_plan_notify_answer_rules[] = {
    {4, LW_RULE_ENUM, 1u, 0x3u}, /* action */
    {8, LW_RULE_RANGE32, 0u, 0xfffu}, /* errno */
    {12, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_plan_landlock_rule_rules[] = {
    {0, LW_RULE_STRING, 0u, 0x0u}, /* path */
    {4, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_plan_mount_rules[] = {
    {0, LW_RULE_ENUM, 1u, 0x6u}, /* kind */
    {4, LW_RULE_FLAGS, 0u, 0x3fu}, /* flags */
    {8, LW_RULE_STRING, 0u, 0x0u}, /* source */
    {12, LW_RULE_STRING, 0u, 0x0u}, /* target */
    {32, LW_RULE_RANGE32, 0u, 0x3ffu}, /* mode */
    {36, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_plan_job_mount_rules[] = {
    {0, LW_RULE_STRING, 0u, 0x0u}, /* target */
    {4, LW_RULE_STRING, 0u, 0x0u}, /* name */
    {8, LW_RULE_FLAGS, 0u, 0xfu}, /* flags */
    {12, LW_RULE_RANGE32, 0u, 0x1ffu}, /* create_mode */
};

static const struct lw_field_rule lw_plan_rlimit_rules[] = {
    {0, LW_RULE_RANGE32, 0u, 0xfu}, /* resource */
    {4, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_plan_file_system_rules[] = {
    {0, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* magic */
};

static const struct lw_field_rule lw_plan_variable_rules[] = {
    {0, LW_RULE_STRING, 0u, 0x0u}, /* entry */
};

static const struct lw_field_rule lw_plan_argument_rules[] = {
    {0, LW_RULE_STRING, 0u, 0x0u}, /* entry */
};


static const struct lw_field_rule lw_message_job_run_mount_rules[] = {
    {0, LW_RULE_STRING, 0u, 0x0u}, /* root */
    {4, LW_RULE_STRING, 0u, 0x0u}, /* path */
    {8, LW_RULE_STRING, 0u, 0x0u}, /* target */
    {12, LW_RULE_FLAGS, 0u, 0xfu}, /* flags */
    {16, LW_RULE_RANGE32, 0u, 0x1ffu}, /* create_mode */
};

static const struct lw_field_rule lw_message_job_run_collect_rules[] = {
    {0, LW_RULE_RANGE32, 0u, 0xfu}, /* mount */
    {4, LW_RULE_STRING, 0u, 0x0u}, /* folder */
    {8, LW_RULE_STRING, 0u, 0x0u}, /* name */
};

static const struct lw_field_rule lw_message_envelope_peer_rules[] = {
    {0, LW_RULE_ENUM, 1u, 0x3u}, /* who */
};

static const struct lw_field_rule lw_message_envelope_root_rules[] = {
    {0, LW_RULE_STRING, 0u, 0x0u}, /* path */
    {4, LW_RULE_FLAGS, 0u, 0xfu}, /* flags */
    {8, LW_RULE_ENUM, 1u, 0x3u}, /* who */
};

static const struct lw_field_rule lw_message_worker_record_rules[] = {
    {12, LW_RULE_ENUM, 1u, 0x3u}, /* state */
};

static const struct lw_field_rule lw_message_config_rules[] = {
    {32, LW_RULE_STRING, 0u, 0x0u}, /* cgroup_name */
    {36, LW_RULE_STRING, 0u, 0x0u}, /* workspace */
    {48, LW_RULE_RANGE32, 1u, 0x36ee80u}, /* open_deadline_ms */
    {52, LW_RULE_RANGE32, 1u, 0x400u}, /* open_hanging_max */
    {56, LW_RULE_RANGE32, 1u, 0x36ee80u}, /* worker_deadline_ms */
    {60, LW_RULE_RANGE32, 1u, 0x36ee80u}, /* pool_deadline_ms */
    {68, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_ready_rules[] = {
    {20, LW_RULE_FLAGS, 0u, 0x3u}, /* flags */
    {32, LW_RULE_RANGE32, 0u, 0x2u}, /* cgroup_version */
    {36, LW_RULE_FLAGS, 0u, 0x7fu}, /* limits_available */
    {40, LW_RULE_STRING, 0u, 0x0u}, /* cgroup_base */
    {44, LW_RULE_STRING, 0u, 0x0u}, /* cgroup_cpu_base */
    {48, LW_RULE_STRING, 0u, 0x0u}, /* cgroup_reason */
    {52, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_pool_open_rules[] = {
    {32, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* tenant */
    {36, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_pool_ready_rules[] = {
    {20, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_pool_failed_rules[] = {
    {16, LW_RULE_ENUM, 0u, 0x23u}, /* stage */
    {28, LW_RULE_STRING, 0u, 0x0u}, /* detail */
};



static const struct lw_field_rule lw_message_job_run_rules[] = {
    {24, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* memory_max */
    {32, LW_RULE_RANGE64, 1u, 0xffffffffffffffffu}, /* timeout_ms */
    {60, LW_RULE_RANGE32, 0u, 0x100u}, /* collect_files_max */
    {64, LW_RULE_RANGE64, 0u, 0x1000000u}, /* collect_bytes_max */
    {76, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};


static const struct lw_field_rule lw_message_job_output_rules[] = {
    {16, LW_RULE_ENUM, 1u, 0x3u}, /* stream */
};

static const struct lw_field_rule lw_message_job_denial_rules[] = {
    {76, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_job_end_rules[] = {
    {16, LW_RULE_ENUM, 1u, 0xbu}, /* status */
    {28, LW_RULE_FLAGS, 0u, 0x7u}, /* truncated */
    {32, LW_RULE_ENUM, 0u, 0x23u}, /* stage */
    {48, LW_RULE_RANGE32, 0u, 0x1u}, /* started */
    {52, LW_RULE_FLAGS, 0u, 0x3fu}, /* receipt_flags */
    {96, LW_RULE_FLAGS, 0u, 0x7e020000u}, /* namespaces */
    {128, LW_RULE_RANGE32, 0u, 0x2u}, /* cgroup_version */
    {132, LW_RULE_FLAGS, 0u, 0x7fu}, /* limits_enforced */
    {248, LW_RULE_ENUM, 0u, 0x2u}, /* mode */
    {264, LW_RULE_RANGE32, 0u, 0x1u}, /* collecting */
    {268, LW_RULE_STRING, 0u, 0x0u}, /* detail */
};

static const struct lw_field_rule lw_message_job_cancel_rules[] = {
    {16, LW_RULE_RANGE32, 0u, 0x1u}, /* waiting_only */
    {20, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_log_rules[] = {
    {16, LW_RULE_ENUM, 1u, 0x4u}, /* level */
    {24, LW_RULE_STRING, 0u, 0x0u}, /* text */
    {28, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};

static const struct lw_field_rule lw_message_envelope_rules[] = {
    {16, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* slot_uid_base */
    {20, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* slot_count */
    {24, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* pool_uid_base */
    {28, LW_RULE_RANGE32, 1u, 0xffffffffu}, /* pool_count */
    {40, LW_RULE_STRING, 0u, 0x0u}, /* cgroup_name */
    {44, LW_RULE_STRING, 0u, 0x0u}, /* workspace */
};

static const struct lw_field_rule lw_message_job_collected_rules[] = {
    {20, LW_RULE_PADDING, 0u, 0x0u}, /* pad */
};




/* By enum lw_plan_section_index; strings have none. */
static const struct lw_struct_rules lw_section_rules[LW_SECTION_COUNT] = {
    [LW_SECTION_FILTER] = {NULL, 0, 8},
    [LW_SECTION_NOTIFY] = {lw_plan_notify_answer_rules, 3, 16},
    [LW_SECTION_LANDLOCK_RULES] = {lw_plan_landlock_rule_rules, 2, 16},
    [LW_SECTION_MOUNTS] = {lw_plan_mount_rules, 6, 40},
    [LW_SECTION_JOB_MOUNTS] = {lw_plan_job_mount_rules, 4, 16},
    [LW_SECTION_RLIMITS] = {lw_plan_rlimit_rules, 2, 24},
    [LW_SECTION_FILE_SYSTEMS] = {lw_plan_file_system_rules, 1, 8},
    [LW_SECTION_ENVIRONMENT] = {lw_plan_variable_rules, 1, 4},
    [LW_SECTION_ARGV] = {lw_plan_argument_rules, 1, 4},
};

static const uint32_t lw_section_bounds[LW_SECTION_COUNT] = {
    [LW_SECTION_FILTER] = 4096,
    [LW_SECTION_NOTIFY] = 1024,
    [LW_SECTION_LANDLOCK_RULES] = 1024,
    [LW_SECTION_MOUNTS] = 512,
    [LW_SECTION_JOB_MOUNTS] = 16,
    [LW_SECTION_RLIMITS] = 16,
    [LW_SECTION_FILE_SYSTEMS] = 64,
    [LW_SECTION_ENVIRONMENT] = 256,
    [LW_SECTION_ARGV] = 64,
    [LW_SECTION_STRINGS] = 262144,
};

struct lw_tail_rules {
    struct lw_struct_rules record; /* rules NULL and size 1: plain bytes */
    uint32_t count_offset;         /* of the u32 that counts them */
    uint32_t bound;
};

struct lw_message_rules {
    struct lw_struct_rules body;
    struct lw_tail_rules tails[3];
    uint32_t tail_count;
    uint32_t has_strings;
};

/* By enum lw_message; 0 is none. */
static const struct lw_message_rules lw_message_rules[] = {
    [1] = {{lw_message_config_rules, 7, 72}, {{{NULL, 0, 0}, 0, 0}}, 0, 1}, /* config */
    [2] = {{lw_message_ready_rules, 7, 56}, {{{NULL, 0, 0}, 0, 0}}, 0, 1}, /* ready */
    [3] = {{lw_message_pool_open_rules, 2, 40}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* pool_open */
    [4] = {{lw_message_pool_ready_rules, 1, 32}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* pool_ready */
    [5] = {{lw_message_pool_failed_rules, 2, 32}, {{{NULL, 0, 0}, 0, 0}}, 0, 1}, /* pool_failed */
    [6] = {{NULL, 0, 16}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* pool_close */
    [7] = {{NULL, 0, 16}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* pool_closed */
    [8] = {{lw_message_job_run_rules, 5, 80}, {{{NULL, 0, 4}, 48, 32768}, {{lw_message_job_run_mount_rules, 5, 20}, 52, 16}, {{lw_message_job_run_collect_rules, 3, 12}, 56, 16}}, 3, 1}, /* job_run */
    [9] = {{NULL, 0, 40}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* job_started */
    [10] = {{lw_message_job_output_rules, 1, 24}, {{{NULL, 0, 1}, 20, 65536}}, 1, 0}, /* job_output */
    [11] = {{lw_message_job_denial_rules, 1, 88}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* job_denial */
    [12] = {{lw_message_job_end_rules, 11, 272}, {{{NULL, 0, 0}, 0, 0}}, 0, 1}, /* job_end */
    [13] = {{lw_message_job_cancel_rules, 2, 24}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* job_cancel */
    [14] = {{lw_message_log_rules, 3, 32}, {{{NULL, 0, 0}, 0, 0}}, 0, 1}, /* log */
    [15] = {{lw_message_envelope_rules, 6, 56}, {{{lw_message_envelope_peer_rules, 1, 8}, 48, 1024}, {{lw_message_envelope_root_rules, 3, 16}, 52, 1024}}, 2, 1}, /* envelope */
    [16] = {{lw_message_job_collected_rules, 1, 24}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* job_collected */
    [17] = {{NULL, 0, 24}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* job_output_taken */
    [18] = {{NULL, 0, 16}, {{{NULL, 0, 0}, 0, 0}}, 0, 0}, /* workers_ask */
    [19] = {{NULL, 0, 32}, {{{lw_message_worker_record_rules, 1, 20}, 28, 8192}}, 1, 0}, /* workers */
};

#endif
