/*
 * lw_plan_validate against damaged plans, for a few seconds; meant for the sanitizer build, where reading one byte too
 * far ends the program. Deterministic: the same seed each run, a bounded number of rounds.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lw_bpf.h"
#include "lw_message.h"
#include "lw_plan.h"
#include "lw_test.h"
#include "plan_sample.h"

static const double SECONDS = 2.0; /* of each random test */

static _Alignas(8) char sample[LW_SAMPLE_MAX];
static size_t sample_size;

static uint64_t random_state = 0x9e3779b97f4a7c15u;

/* xorshift64* (Vigna 2016): speed and repeatability are all that is asked of it. */
static uint32_t random_below(uint32_t bound)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 0x2545f4914f6cdd1du) >> 33) % bound;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* An exact-size heap copy, so that the sanitizer sees a read beyond the end. The caller frees it. */
static char *copy_of(const void *blob, size_t size)
{
    char *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, blob, size);
    return copy;
}

/* Reads everything that an applier would read of an accepted plan; the sum keeps the compiler from leaving it out. */
static size_t read_all(const void *plan)
{
    uint32_t count, i;
    size_t sum = strlen(lw_plan_string(plan, lw_plan_header(plan)->policy_name));
    const struct lw_plan_mount *mounts = lw_plan_mounts(plan, &count);
    for (i = 0; i < count; i++)
        sum += strlen(lw_plan_string(plan, mounts[i].source)) + strlen(lw_plan_string(plan, mounts[i].target));
    const struct lw_plan_argument *argv = lw_plan_argv(plan, &count);
    for (i = 0; i < count; i++)
        sum += strlen(lw_plan_string(plan, argv[i].entry));
    const struct lw_plan_instruction *filter = lw_plan_filter(plan, &count);
    for (i = 0; i < 64; i++) {
        struct lw_bpf_input input = {.nr = random_below(512), .arch = 0xc000003e, .args = {random_below(0x10000)}};
        sum += lw_bpf_run(filter, count, &input, NULL).executed;
    }
    return sum;
}

static int accepts(const char *plan, size_t size)
{
    struct lw_error error = {0};
    if (lw_plan_validate(plan, size, 0, &error) != 0)
        return 0;
    return read_all(plan) > 0;
}

/* 1 when a byte of the sample may have other values in a valid plan: everything but structure. */
static int is_free(size_t at)
{
    const struct lw_plan_header *header = lw_plan_header(sample);
    if (at >= header->sections[LW_SECTION_STRINGS].offset)
        return 1;
    for (uint32_t i = 0; i < LW_SECTION_STRINGS; i++) {
        const struct lw_plan_section *section = &header->sections[i];
        if (at >= section->offset && at < section->offset + section->count * 64u && at < header->sections[i + 1].offset)
            return 1;
    }
    return at >= offsetof(struct lw_plan_header, digest) && at < offsetof(struct lw_plan_header, sections);
}

static void survives_every_bit_flip(void)
{
    char *plan = copy_of(sample, sample_size);
    size_t accepted = 0;
    for (size_t at = 0; at < sample_size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            plan[at] = (char)(sample[at] ^ (1 << bit));
            int result = accepts(plan, sample_size);
            accepted += (size_t)result;
            if (result && !is_free(at)) {
                printf("# byte %zu bit %d accepted\n", at, bit);
                free(plan);
                LW_CHECK(!"structure changed and accepted");
            }
        }
        plan[at] = sample[at];
    }
    free(plan);
    /* Numbers such as a limit may change; most of a plan may not. */
    LW_CHECK(accepted > 0 && accepted < sample_size * 8 / 2);
}

/* Every value of every byte of the section table, the identity and the padding. */
static void refuses_every_change_of_structure(void)
{
    char *plan = copy_of(sample, sample_size);
    for (size_t at = 0; at < sample_size; at++) {
        if (is_free(at))
            continue;
        for (int value = 0; value < 256; value++) {
            plan[at] = (char)value;
            if (plan[at] != sample[at] && accepts(plan, sample_size)) {
                printf("# byte %zu = %d accepted\n", at, value);
                free(plan);
                LW_CHECK(!"structure changed and accepted");
            }
        }
        plan[at] = sample[at];
    }
    free(plan);
}

/* The pad members of records and the zero fill between sections. */
static void refuses_every_change_of_padding(void)
{
    const struct lw_plan_header *header = lw_plan_header(sample);
    size_t padding[64];
    size_t count = 0;
    const struct lw_plan_section *mounts = &header->sections[LW_SECTION_MOUNTS];
    for (uint32_t i = 0; i < mounts->count; i++)
        padding[count++] = mounts->offset + i * sizeof(struct lw_plan_mount) + offsetof(struct lw_plan_mount, pad);
    const struct lw_plan_section *notify = &header->sections[LW_SECTION_NOTIFY];
    for (uint32_t i = 0; i < notify->count; i++)
        padding[count++] = notify->offset + i * sizeof(struct lw_plan_notify_answer) + offsetof(struct lw_plan_notify_answer, pad);
    padding[count++] = header->sections[LW_SECTION_STRINGS].offset - 4;
    char *plan = copy_of(sample, sample_size);
    for (size_t i = 0; i < count; i++) {
        for (size_t byte = 0; byte < 4; byte++) {
            for (int value = 1; value < 256; value++) {
                plan[padding[i] + byte] = (char)value;
                if (accepts(plan, sample_size)) {
                    free(plan);
                    LW_CHECK(!"padding changed and accepted");
                }
            }
            plan[padding[i] + byte] = 0;
        }
    }
    free(plan);
}

static void refuses_every_truncation(void)
{
    for (size_t size = 0; size < sample_size; size++) {
        char *plan = copy_of(sample, size);
        /* Once as it was, once with a header that claims the new size. */
        LW_CHECK(!accepts(plan, size));
        if (size >= sizeof(struct lw_plan_header)) {
            ((struct lw_plan_header *)plan)->total_size = (uint32_t)size;
            LW_CHECK(!accepts(plan, size));
        }
        free(plan);
    }
}

static const uint32_t interesting[] = {
    0, 1, 2, 3, 4, 7, 8, 0x7f, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff,
};

static void damage(char *blob, size_t size)
{
    size_t at = random_below((uint32_t)size);
    uint32_t value = interesting[random_below(sizeof(interesting) / sizeof(interesting[0]))];
    switch (random_below(4)) {
    case 0: blob[at] = (char)random_below(256); break;
    case 1: blob[at] = (char)(blob[at] ^ (1 << random_below(8))); break;
    case 2: /* a whole field */
        if (size >= 4)
            memcpy(blob + (at & ~(size_t)3) % (size - 3), &value, 4);
        break;
    default: { /* another part of the same blob */
        size_t from = random_below((uint32_t)size);
        size_t length = random_below(16);
        if (from + length <= size && at + length <= size)
            memmove(blob + at, blob + from, length);
    }
    }
}

static void survives_random_damage(void)
{
    double end = seconds() + SECONDS;
    size_t rounds = 0;
    while (rounds % 256 != 0 || seconds() < end) {
        char *plan = copy_of(sample, sample_size);
        for (uint32_t i = random_below(6); i > 0; i--)
            damage(plan, sample_size);
        accepts(plan, sample_size);
        free(plan);
        rounds++;
    }
    printf("# %zu damaged plans\n", rounds);
}

static void survives_random_messages(void)
{
    double end = seconds() + SECONDS;
    size_t rounds = 0;
    while (rounds % 256 != 0 || seconds() < end) {
        _Alignas(8) char message[256] = {0};
        uint32_t size = 16 + random_below(240);
        struct lw_message_header header = {1 + random_below(15), size, 7};
        memcpy(message, &header, sizeof(header));
        for (uint32_t i = random_below(40); i > 0; i--)
            damage(message + 12, size - 12);
        char *copy = copy_of(message, size);
        struct lw_error error = {0};
        if (lw_message_validate(copy, size, &error) == 0)
            LW_CHECK(lw_message_body_size(copy) <= size);
        free(copy);
        rounds++;
    }
    printf("# %zu random messages\n", rounds);
}

int main(void)
{
    sample_size = lw_sample_plan(sample);
    LW_RUN(survives_every_bit_flip);
    LW_RUN(refuses_every_change_of_structure);
    LW_RUN(refuses_every_change_of_padding);
    LW_RUN(refuses_every_truncation);
    LW_RUN(survives_random_damage);
    LW_RUN(survives_random_messages);
    return lw_test_status();
}
