/* Generated from schemas/plan.layout.json by scripts/gen/layout.mjs. Do not edit: run `npm run gen`. */
#ifndef LW_PLAN_FIELDS_GEN_H
#define LW_PLAN_FIELDS_GEN_H

#include "lw_plan_gen.h"

enum lw_field_format {
    LW_FORMAT_DECIMAL32 = 0,
    LW_FORMAT_DECIMAL64 = 1,
    LW_FORMAT_HEX32 = 2,
    LW_FORMAT_HEX64 = 3,
    LW_FORMAT_OCTAL32 = 4,
    LW_FORMAT_STRING = 5,
    LW_FORMAT_DIGEST = 6,
    LW_FORMAT_ENUM = 7,
    LW_FORMAT_FLAGS = 8,
};

struct lw_field_text {
    const char *name;
    const char *(*value_name)(uint32_t); /* of an enum's value, or of a single flag */
    uint32_t offset;
    uint32_t format;
};

struct lw_struct_text {
    const struct lw_field_text *fields;
    uint32_t count;
    uint32_t size; /* bytes of the struct */
};

static const struct lw_field_text lw_plan_header_fields[] = {
    {"magic", NULL, 0, LW_FORMAT_HEX64},
    {"version", NULL, 8, LW_FORMAT_DECIMAL32},
    {"total_size", NULL, 12, LW_FORMAT_DECIMAL32},
    {"digest", NULL, 16, LW_FORMAT_DIGEST},
    {"arch", lw_arch_name, 48, LW_FORMAT_ENUM},
    {"mode", lw_mode_name, 52, LW_FORMAT_ENUM},
    {"policy_name", NULL, 56, LW_FORMAT_STRING},
    {"hostname", NULL, 60, LW_FORMAT_STRING},
    {"namespaces", lw_namespace_name, 64, LW_FORMAT_FLAGS},
    {"inside_uid", NULL, 68, LW_FORMAT_DECIMAL32},
    {"inside_gid", NULL, 72, LW_FORMAT_DECIMAL32},
    {"securebits", NULL, 76, LW_FORMAT_HEX32},
    {"capabilities", NULL, 80, LW_FORMAT_HEX64},
    {"umask", NULL, 88, LW_FORMAT_OCTAL32},
    {"notify_default_errno", NULL, 92, LW_FORMAT_DECIMAL32},
    {"denial_burst", NULL, 96, LW_FORMAT_DECIMAL32},
    {"denial_per_second", NULL, 100, LW_FORMAT_DECIMAL32},
    {"landlock_abi", NULL, 104, LW_FORMAT_DECIMAL32},
    {"landlock_minimum_abi", NULL, 108, LW_FORMAT_DECIMAL32},
    {"landlock_handled_fs", NULL, 112, LW_FORMAT_HEX64},
    {"landlock_handled_net", NULL, 120, LW_FORMAT_HEX64},
    {"landlock_scoped", NULL, 128, LW_FORMAT_HEX64},
    {"memory_max", NULL, 136, LW_FORMAT_DECIMAL64},
    {"swap_max", NULL, 144, LW_FORMAT_DECIMAL64},
    {"pids_max", NULL, 152, LW_FORMAT_DECIMAL64},
    {"cpu_quota_us", NULL, 160, LW_FORMAT_DECIMAL64},
    {"cpu_period_us", NULL, 168, LW_FORMAT_DECIMAL64},
    {"cpu_time_us", NULL, 176, LW_FORMAT_DECIMAL64},
    {"timeout_ms", NULL, 184, LW_FORMAT_DECIMAL64},
    {"stdout_max", NULL, 192, LW_FORMAT_DECIMAL64},
    {"stderr_max", NULL, 200, LW_FORMAT_DECIMAL64},
    {"claims_max", NULL, 208, LW_FORMAT_DECIMAL64},
    {"root_size", NULL, 216, LW_FORMAT_DECIMAL64},
    {"root_inodes", NULL, 224, LW_FORMAT_DECIMAL64},
    {"job_parent_size", NULL, 232, LW_FORMAT_DECIMAL64},
    {"job_parent_inodes", NULL, 240, LW_FORMAT_DECIMAL64},
    {"mount_deadline_ms", NULL, 248, LW_FORMAT_DECIMAL64},
    {"unavailable_service", lw_unavailable_name, 256, LW_FORMAT_ENUM},
    {"unavailable_rootless", lw_unavailable_name, 260, LW_FORMAT_ENUM},
    {"no_idmap", lw_no_idmap_name, 264, LW_FORMAT_ENUM},
    {"job_parent_mode", NULL, 268, LW_FORMAT_OCTAL32},
    {"user_namespaces_max", NULL, 272, LW_FORMAT_DECIMAL32},
    {"reuse_max", NULL, 276, LW_FORMAT_DECIMAL32},
    {"job_parent_read_only", NULL, 284, LW_FORMAT_STRING},
    {"job_parent_writable", NULL, 288, LW_FORMAT_STRING},
    {"work_dir", NULL, 292, LW_FORMAT_STRING},
};


static const struct lw_field_text lw_plan_notify_answer_fields[] = {
    {"nr", NULL, 0, LW_FORMAT_DECIMAL32},
    {"action", lw_notify_action_name, 4, LW_FORMAT_ENUM},
    {"errno", NULL, 8, LW_FORMAT_DECIMAL32},
};

static const struct lw_field_text lw_plan_landlock_rule_fields[] = {
    {"path", NULL, 0, LW_FORMAT_STRING},
    {"access", NULL, 8, LW_FORMAT_HEX64},
};

static const struct lw_field_text lw_plan_mount_fields[] = {
    {"kind", lw_mount_kind_name, 0, LW_FORMAT_ENUM},
    {"flags", lw_mount_flag_name, 4, LW_FORMAT_FLAGS},
    {"source", NULL, 8, LW_FORMAT_STRING},
    {"target", NULL, 12, LW_FORMAT_STRING},
    {"size", NULL, 16, LW_FORMAT_DECIMAL64},
    {"inodes", NULL, 24, LW_FORMAT_DECIMAL64},
    {"mode", NULL, 32, LW_FORMAT_OCTAL32},
};

static const struct lw_field_text lw_plan_job_mount_fields[] = {
    {"target", NULL, 0, LW_FORMAT_STRING},
    {"name", NULL, 4, LW_FORMAT_STRING},
    {"flags", lw_job_mount_flag_name, 8, LW_FORMAT_FLAGS},
    {"create_mode", NULL, 12, LW_FORMAT_OCTAL32},
};

static const struct lw_field_text lw_plan_rlimit_fields[] = {
    {"resource", NULL, 0, LW_FORMAT_DECIMAL32},
    {"soft", NULL, 8, LW_FORMAT_DECIMAL64},
    {"hard", NULL, 16, LW_FORMAT_DECIMAL64},
};

static const struct lw_field_text lw_plan_file_system_fields[] = {
    {"magic", NULL, 0, LW_FORMAT_HEX64},
};

static const struct lw_field_text lw_plan_variable_fields[] = {
    {"entry", NULL, 0, LW_FORMAT_STRING},
};

static const struct lw_field_text lw_plan_argument_fields[] = {
    {"entry", NULL, 0, LW_FORMAT_STRING},
};

static const struct lw_struct_text lw_plan_header_text = {lw_plan_header_fields, 46, 376};

/* By enum lw_plan_section_index; strings have none. */
static const struct lw_struct_text lw_section_text[LW_SECTION_COUNT] = {
    [LW_SECTION_FILTER] = {NULL, 0, 8},
    [LW_SECTION_NOTIFY] = {lw_plan_notify_answer_fields, 3, 16},
    [LW_SECTION_LANDLOCK_RULES] = {lw_plan_landlock_rule_fields, 2, 16},
    [LW_SECTION_MOUNTS] = {lw_plan_mount_fields, 7, 40},
    [LW_SECTION_JOB_MOUNTS] = {lw_plan_job_mount_fields, 4, 16},
    [LW_SECTION_RLIMITS] = {lw_plan_rlimit_fields, 3, 24},
    [LW_SECTION_FILE_SYSTEMS] = {lw_plan_file_system_fields, 1, 8},
    [LW_SECTION_ENVIRONMENT] = {lw_plan_variable_fields, 1, 4},
    [LW_SECTION_ARGV] = {lw_plan_argument_fields, 1, 4},
};

#endif
