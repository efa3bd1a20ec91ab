#include "lw_plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lw_plan_check.h"

enum { SECTION_ALIGNMENT = 8 };

int lw_plan_refuse(struct lw_error *error, uint32_t place, uint32_t index, uint32_t reason)
{
    lw_fail(error, LW_STAGE_PLAN, index, EINVAL);
    error->detail = place << 16 | reason;
    return -EINVAL;
}

static int refuse_header(struct lw_error *error, size_t offset, uint32_t reason)
{
    return lw_plan_refuse(error, LW_PLAN_PLACE_HEADER, (uint32_t)offset, reason);
}

static uint32_t read_u32(const void *record, uint32_t offset)
{
    uint32_t value;
    memcpy(&value, (const char *)record + offset, sizeof(value));
    return value;
}

static uint64_t read_u64(const void *record, uint32_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)record + offset, sizeof(value));
    return value;
}

static uint32_t check_field(const void *record, const struct lw_field_rule *rule, struct lw_string_walk *walk)
{
    uint64_t value = rule->kind == LW_RULE_RANGE64 ? read_u64(record, rule->offset) : read_u32(record, rule->offset);
    switch (rule->kind) {
    case LW_RULE_PADDING: return value == 0 ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_NONZERO_PADDING;
    case LW_RULE_FLAGS: return (value & ~rule->high) == 0 ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_UNKNOWN_FLAG;
    case LW_RULE_STRING: return lw_strings_refer(walk, (uint32_t)value);
    case LW_RULE_ENUM:
        return value >= rule->low && value <= rule->high ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_UNKNOWN_VALUE;
    default: return value >= rule->low && value <= rule->high ? LW_PLAN_REASON_NONE : LW_PLAN_REASON_OUT_OF_RANGE;
    }
}

uint32_t lw_check_fields(const void *record, const struct lw_struct_rules *rules, struct lw_string_walk *walk, uint32_t *offset)
{
    for (uint32_t i = 0; i < rules->count; i++) {
        uint32_t reason = check_field(record, &rules->rules[i], walk);
        if (reason != LW_PLAN_REASON_NONE) {
            *offset = rules->rules[i].offset;
            return reason;
        }
    }
    return LW_PLAN_REASON_NONE;
}

static int check_identity(const struct lw_plan_header *header, size_t size, uint32_t host_arch, struct lw_error *error)
{
    if (header->magic != LW_PLAN_MAGIC)
        return refuse_header(error, offsetof(struct lw_plan_header, magic), LW_PLAN_REASON_MAGIC);
    if (header->version != LW_PLAN_VERSION)
        return refuse_header(error, offsetof(struct lw_plan_header, version), LW_PLAN_REASON_VERSION);
    if (header->total_size != size)
        return refuse_header(error, offsetof(struct lw_plan_header, total_size), LW_PLAN_REASON_SIZE_MISMATCH);
    if (host_arch != 0 && header->arch != host_arch)
        return refuse_header(error, offsetof(struct lw_plan_header, arch), LW_PLAN_REASON_FOREIGN_ARCH);
    return 0;
}

static int is_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return 0;
    return 1;
}

/* Sections in order, contiguous, aligned, zero-filled between, and the last one ends with the plan. */
static int check_sections(const struct lw_plan_header *header, size_t size, struct lw_error *error)
{
    size_t end = sizeof(*header);
    for (uint32_t i = 0; i < LW_SECTION_COUNT; i++) {
        const struct lw_plan_section *section = &header->sections[i];
        size_t record_size = i == LW_SECTION_STRINGS ? 1 : lw_section_rules[i].size;
        size_t start = (end + SECTION_ALIGNMENT - 1) / SECTION_ALIGNMENT * SECTION_ALIGNMENT;
        if (section->count > lw_section_bounds[i])
            return lw_plan_refuse(error, i, 0, LW_PLAN_REASON_TOO_MANY);
        if (section->offset != start)
            return lw_plan_refuse(error, i, 0, LW_PLAN_REASON_SECTION_OFFSET);
        if (start + section->count * record_size > size)
            return lw_plan_refuse(error, i, 0, LW_PLAN_REASON_SIZE_MISMATCH);
        if (!is_zero((const char *)header + end, start - end))
            return lw_plan_refuse(error, i, 0, LW_PLAN_REASON_NONZERO_PADDING);
        end = start + section->count * record_size;
    }
    if (end != size)
        return refuse_header(error, offsetof(struct lw_plan_header, total_size), LW_PLAN_REASON_SIZE_MISMATCH);
    return 0;
}

static int check_records(const void *plan, uint32_t section, struct lw_string_walk *walk, struct lw_error *error)
{
    const struct lw_plan_section *place = &lw_plan_header(plan)->sections[section];
    const char *record = (const char *)plan + place->offset;
    for (uint32_t i = 0; i < place->count; i++, record += lw_section_rules[section].size) {
        uint32_t offset;
        uint32_t reason = lw_check_fields(record, &lw_section_rules[section], walk, &offset);
        if (reason != LW_PLAN_REASON_NONE)
            return lw_plan_refuse(error, section, i, reason);
    }
    return 0;
}

/* Every field by itself, and the strings, which the fields must refer to in their order. */
static int check_form(const void *plan, struct lw_error *error)
{
    static const struct lw_struct_rules header_rules = {
        lw_plan_header_rules, sizeof(lw_plan_header_rules) / sizeof(lw_plan_header_rules[0]), sizeof(struct lw_plan_header)};
    struct lw_string_walk walk;
    uint32_t size;
    const char *strings = lw_plan_strings(plan, &size);
    uint32_t reason = lw_strings_begin(&walk, strings, size);
    if (reason != LW_PLAN_REASON_NONE)
        return lw_plan_refuse(error, LW_SECTION_STRINGS, 0, reason);
    uint32_t offset;
    reason = lw_check_fields(plan, &header_rules, &walk, &offset);
    if (reason != LW_PLAN_REASON_NONE)
        return refuse_header(error, offset, reason);
    for (uint32_t section = 0; section < LW_SECTION_STRINGS; section++) {
        int result = check_records(plan, section, &walk, error);
        if (result != 0)
            return result;
    }
    reason = lw_strings_end(&walk);
    return reason == LW_PLAN_REASON_NONE ? 0 : lw_plan_refuse(error, LW_SECTION_STRINGS, walk.next, reason);
}

int lw_plan_validate(const void *blob, size_t size, uint32_t host_arch, struct lw_error *error)
{
    if (size < sizeof(struct lw_plan_header))
        return refuse_header(error, offsetof(struct lw_plan_header, total_size), LW_PLAN_REASON_TOO_SHORT);
    const struct lw_plan_header *header = lw_plan_header(blob);
    int result = check_identity(header, size, host_arch, error);
    if (result == 0)
        result = check_sections(header, size, error);
    if (result == 0)
        result = check_form(blob, error);
    if (result == 0)
        result = lw_plan_check_meaning(blob, error);
    return result;
}

const char *lw_plan_refusal_text(const struct lw_error *error, char *text, size_t size)
{
    uint32_t place = lw_plan_refusal_place(error->detail);
    const char *reason = lw_plan_reason_name(lw_plan_refusal_reason(error->detail));
    if (place == LW_PLAN_PLACE_HEADER)
        snprintf(text, size, "plan header %s: %s", lw_plan_field_name(error->index), reason);
    else
        snprintf(text, size, "plan %s[%u]: %s", lw_plan_section_name(place), error->index, reason);
    return text;
}
