/* lw_plan_validate: what it accepts, and for each rule one plan that breaks it. */
#include <errno.h>
#include <string.h>

#include "lw_plan.h"
#include "lw_test.h"
#include "plan_sample.h"

static _Alignas(8) char plan[LW_SAMPLE_MAX];
static size_t plan_size;
static struct lw_error error;

#define HEADER ((struct lw_plan_header *)plan)
#define RECORD(type, section, i) (&((type *)(plan + HEADER->sections[section].offset))[i])
#define MOUNT(i) RECORD(struct lw_plan_mount, LW_SECTION_MOUNTS, i)
#define JOB_MOUNT(i) RECORD(struct lw_plan_job_mount, LW_SECTION_JOB_MOUNTS, i)
#define INSTRUCTION(i) RECORD(struct lw_plan_instruction, LW_SECTION_FILTER, i)
#define STRINGS (plan + HEADER->sections[LW_SECTION_STRINGS].offset)

static int validate(void)
{
    error = (struct lw_error){0};
    return lw_plan_validate(plan, plan_size, lw_plan_host_arch(), &error);
}

/* Puts a plan back in order, so that each expectation breaks exactly one thing. */
static void renew(void)
{
    plan_size = lw_sample_plan(plan);
}

static int refused(uint32_t place, uint32_t index, uint32_t reason)
{
    int result = validate();
    char text[128];
    int as_expected = result == -EINVAL && error.stage == LW_STAGE_PLAN && error.errno_ == EINVAL &&
                      lw_plan_refusal_place(error.detail) == place && error.index == index &&
                      lw_plan_refusal_reason(error.detail) == reason;
    if (!as_expected)
        printf("# returned %d: %s\n", result, lw_plan_refusal_text(&error, text, sizeof(text)));
    renew();
    return as_expected;
}

#define BREAKS(change, place, index, reason)                                                                             \
    do {                                                                                                                 \
        change;                                                                                                          \
        LW_CHECK(refused(place, index, LW_PLAN_REASON_##reason));                                                        \
    } while (0)
#define HEADER_BREAKS(field, value, reason)                                                                              \
    BREAKS(HEADER->field = (value), LW_PLAN_PLACE_HEADER, (uint32_t)offsetof(struct lw_plan_header, field), reason)

static void accepts_the_sample(void)
{
    LW_CHECK(validate() == 0);
    LW_CHECK(error.stage == 0);
    LW_CHECK(lw_plan_validate(plan, plan_size, 0, &error) == 0);
}

static void reads_what_was_written(void)
{
    uint32_t count;
    LW_CHECK(strcmp(lw_plan_string(plan, lw_plan_header(plan)->policy_name), "sample") == 0);
    const struct lw_plan_mount *mounts = lw_plan_mounts(plan, &count);
    LW_CHECK(count == 6 && mounts[4].kind == LW_MOUNT_KIND_SYMLINK);
    LW_CHECK(strcmp(lw_plan_string(plan, mounts[4].source), "usr/lib") == 0);
}

static void refuses_another_identity(void)
{
    HEADER_BREAKS(magic, 0, MAGIC);
    HEADER_BREAKS(version, 2, VERSION);
    HEADER_BREAKS(total_size, 1, SIZE_MISMATCH);
    HEADER_BREAKS(arch, LW_ARCH_X86_64 + LW_ARCH_ARM64 - lw_plan_host_arch(), FOREIGN_ARCH);
    HEADER_BREAKS(mode, 3, UNKNOWN_VALUE);
    BREAKS(plan_size = 100, LW_PLAN_PLACE_HEADER, offsetof(struct lw_plan_header, total_size), TOO_SHORT);
}

static void refuses_less_than_the_floor(void)
{
    HEADER_BREAKS(namespaces, LW_NAMESPACE_KNOWN & ~LW_NAMESPACE_NET, NAMESPACE_MISSING);
    HEADER_BREAKS(namespaces, LW_NAMESPACE_KNOWN | 0x80, UNKNOWN_FLAG);
    HEADER_BREAKS(capabilities, 1, CAPABILITY_KEPT);
}

static void refuses_header_values(void)
{
    HEADER_BREAKS(umask, 01000, OUT_OF_RANGE);
    HEADER_BREAKS(notify_default_errno, 0, OUT_OF_RANGE);
    HEADER_BREAKS(memory_max, 0, OUT_OF_RANGE);
    HEADER_BREAKS(landlock_minimum_abi, 7, OUT_OF_RANGE);
    BREAKS(HEADER->landlock_abi = HEADER->landlock_minimum_abi = 0, LW_PLAN_PLACE_HEADER,
           offsetof(struct lw_plan_header, landlock_handled_fs), FIELD_NOT_USED);
}

static void refuses_misplaced_sections(void)
{
    BREAKS(HEADER->sections[LW_SECTION_NOTIFY].offset += 8, LW_SECTION_NOTIFY, 0, SECTION_OFFSET);
    BREAKS(HEADER->sections[LW_SECTION_MOUNTS].count = 513, LW_SECTION_MOUNTS, 0, TOO_MANY);
    BREAKS(HEADER->sections[LW_SECTION_MOUNTS].count = 512, LW_SECTION_MOUNTS, 0, SIZE_MISMATCH);
    BREAKS(HEADER->sections[LW_SECTION_STRINGS].count -= 1, LW_PLAN_PLACE_HEADER, offsetof(struct lw_plan_header, total_size),
           SIZE_MISMATCH);
    /* argv has three records of four bytes: four bytes of padding before the strings. */
    BREAKS(STRINGS[-1] = 1, LW_SECTION_STRINGS, 0, NONZERO_PADDING);
}

static void refuses_strings_out_of_order(void)
{
    HEADER_BREAKS(policy_name, 2, STRING_ORDER);
    HEADER_BREAKS(hostname, 2, STRING_OFFSET);
    HEADER_BREAKS(hostname, 0xffffffff, STRING_OFFSET);
    BREAKS(STRINGS[0] = 'x', LW_SECTION_STRINGS, 0, STRING_UNTERMINATED);
    BREAKS(STRINGS[1] = 0, LW_PLAN_PLACE_HEADER, offsetof(struct lw_plan_header, policy_name), STRING_EMPTY);
    BREAKS(STRINGS[1] = (char)0xff, LW_PLAN_PLACE_HEADER, offsetof(struct lw_plan_header, policy_name), STRING_ENCODING);
    BREAKS(RECORD(struct lw_plan_argument, LW_SECTION_ARGV, 1)->entry = 0, LW_SECTION_STRINGS,
           HEADER->sections[LW_SECTION_STRINGS].count - 3, STRING_UNUSED);
    uint32_t name_offset = JOB_MOUNT(0)->name;
    BREAKS(memcpy(STRINGS + name_offset, "/proc", 5), LW_SECTION_JOB_MOUNTS, 0, STRING_DUPLICATE);
}

static void refuses_paths_that_are_not_normal(void)
{
    BREAKS(memcpy(STRINGS + MOUNT(4)->target, "/../", 4), LW_SECTION_MOUNTS, 4, PATH_NOT_NORMALIZED);
    BREAKS(memcpy(STRINGS + MOUNT(4)->target, "lib/", 4), LW_SECTION_MOUNTS, 4, PATH_NOT_ABSOLUTE);
    BREAKS(memcpy(STRINGS + MOUNT(4)->target, "/l\n.", 4), LW_SECTION_MOUNTS, 4, CONTROL_CHARACTER);
    BREAKS(memcpy(STRINGS + JOB_MOUNT(0)->name, "in/ut", 5), LW_SECTION_JOB_MOUNTS, 0, NAME_INVALID);
}

static void refuses_mounts_that_are_too_wide(void)
{
    BREAKS(MOUNT(0)->flags &= ~LW_MOUNT_FLAG_NODEV, LW_SECTION_MOUNTS, 0, MISSING_FLAG);
    BREAKS(MOUNT(3)->flags |= LW_MOUNT_FLAG_NODEV, LW_SECTION_MOUNTS, 3, UNKNOWN_FLAG);
    BREAKS(MOUNT(3)->flags |= 64, LW_SECTION_MOUNTS, 3, UNKNOWN_FLAG);
    BREAKS(MOUNT(1)->inodes = 0, LW_SECTION_MOUNTS, 1, OUT_OF_RANGE);
    BREAKS(MOUNT(1)->mode = 04755, LW_SECTION_MOUNTS, 1, OUT_OF_RANGE);
    BREAKS(MOUNT(0)->size = 1, LW_SECTION_MOUNTS, 0, FIELD_NOT_USED);
    BREAKS(MOUNT(2)->pad = 1, LW_SECTION_MOUNTS, 2, NONZERO_PADDING);
    BREAKS(MOUNT(5)->target = MOUNT(1)->target, LW_SECTION_MOUNTS, 5, DUPLICATE);
    BREAKS(JOB_MOUNT(0)->create_mode = 0700, LW_SECTION_JOB_MOUNTS, 0, FIELD_NOT_USED);
}

static void refuses_lists_that_are_not_sorted(void)
{
    struct lw_plan_notify_answer *notify = RECORD(struct lw_plan_notify_answer, LW_SECTION_NOTIFY, 0);
    BREAKS(notify[0].nr = 100000, LW_SECTION_NOTIFY, 1, NOT_SORTED);
    BREAKS(notify[0].nr = notify[1].nr, LW_SECTION_NOTIFY, 1, DUPLICATE);
    BREAKS(notify[0].errno_ = 0, LW_SECTION_NOTIFY, 0, OUT_OF_RANGE);
    BREAKS(notify[1].errno_ = 1, LW_SECTION_NOTIFY, 1, FIELD_NOT_USED);
    BREAKS(RECORD(struct lw_plan_rlimit, LW_SECTION_RLIMITS, 0)->soft = 2, LW_SECTION_RLIMITS, 0, OUT_OF_RANGE);
    BREAKS(RECORD(struct lw_plan_landlock_rule, LW_SECTION_LANDLOCK_RULES, 1)->access = 1u << 16, LW_SECTION_LANDLOCK_RULES, 1,
           ACCESS_NOT_HANDLED);
    BREAKS(STRINGS[RECORD(struct lw_plan_variable, LW_SECTION_ENVIRONMENT, 0)->entry] = 'Z', LW_SECTION_ENVIRONMENT, 1, NOT_SORTED);
    BREAKS(STRINGS[RECORD(struct lw_plan_variable, LW_SECTION_ENVIRONMENT, 0)->entry] = '1', LW_SECTION_ENVIRONMENT, 0,
           ENVIRONMENT_INVALID);
}

static void refuses_filters_that_could_misbehave(void)
{
    BREAKS(INSTRUCTION(0)->code = 0x28, LW_SECTION_FILTER, 0, BPF_OPCODE); /* BPF_LD | BPF_H | BPF_ABS */
    BREAKS(INSTRUCTION(0)->k = 2, LW_SECTION_FILTER, 0, BPF_LOAD);
    BREAKS(INSTRUCTION(0)->k = 64, LW_SECTION_FILTER, 0, BPF_LOAD);
    BREAKS(INSTRUCTION(0)->jt = 1, LW_SECTION_FILTER, 0, BPF_OPERAND);
    BREAKS(INSTRUCTION(5)->jf = 2, LW_SECTION_FILTER, 5, BPF_JUMP);
    BREAKS(INSTRUCTION(3)->jt = 1, LW_SECTION_FILTER, 4, BPF_UNREACHABLE);
    BREAKS(INSTRUCTION(7)->k = 0x00050000, LW_SECTION_FILTER, 7, BPF_ACTION);  /* errno 0 */
    BREAKS(INSTRUCTION(7)->k = 0x7ffc0000, LW_SECTION_FILTER, 7, BPF_ACTION);  /* log, but not in audit mode */
    BREAKS(INSTRUCTION(7)->k = 0x00030000, LW_SECTION_FILTER, 7, BPF_ACTION);  /* trap */
    BREAKS(*INSTRUCTION(7) = *INSTRUCTION(0), LW_SECTION_FILTER, 7, BPF_NO_RETURN);
    HEADER->mode = LW_MODE_AUDIT;
    INSTRUCTION(7)->k = 0x7ffc0000;
    LW_CHECK(validate() == 0);
    renew();
}

static void names_the_refusal(void)
{
    char text[128];
    MOUNT(4)->flags = 1;
    validate();
    LW_CHECK(strcmp(lw_plan_refusal_text(&error, text, sizeof(text)), "plan mounts[4]: unknown_flag") == 0);
    renew();
    HEADER->umask = 07777;
    validate();
    LW_CHECK(strcmp(lw_plan_refusal_text(&error, text, sizeof(text)), "plan header umask: out_of_range") == 0);
    renew();
}

int main(void)
{
    renew();
    LW_RUN(accepts_the_sample);
    LW_RUN(reads_what_was_written);
    LW_RUN(refuses_another_identity);
    LW_RUN(refuses_less_than_the_floor);
    LW_RUN(refuses_header_values);
    LW_RUN(refuses_misplaced_sections);
    LW_RUN(refuses_strings_out_of_order);
    LW_RUN(refuses_paths_that_are_not_normal);
    LW_RUN(refuses_mounts_that_are_too_wide);
    LW_RUN(refuses_lists_that_are_not_sorted);
    LW_RUN(refuses_filters_that_could_misbehave);
    LW_RUN(names_the_refusal);
    return lw_test_status();
}
