/* The record of denials, the token bucket and the lookup of answers. */
#include "lw_test.h"

#include <linux/audit.h>
#include <string.h>
#include <sys/syscall.h>

#include "lw_notify.h"
#include "lw_plan_gen.h"
#include "plan_sample.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#else
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

static void answers_what_the_plan_says(void)
{
    _Alignas(8) static char plan[LW_SAMPLE_MAX];
    lw_sample_plan(plan);
    struct lw_notification call = {.nr = SYS_exit_group, .arch = NATIVE_ARCH};
    LW_CHECK(lw_notify_verdict_of(plan, &call).action == LW_NOTIFY_ACTION_CONTINUE);
    call.nr = 1;
    LW_CHECK(lw_notify_verdict_of(plan, &call).action == LW_NOTIFY_ACTION_ERRNO);
    LW_CHECK(lw_notify_verdict_of(plan, &call).errno_ == 1);
    call.nr = SYS_socket;
    LW_CHECK(lw_notify_verdict_of(plan, &call).errno_ == lw_plan_header(plan)->notify_default_errno);
    call.nr = SYS_exit_group;
    call.arch = 0x40000003; /* i386: the same number is another call there */
    LW_CHECK(lw_notify_verdict_of(plan, &call).action == LW_NOTIFY_ACTION_ERRNO);
}

static void adds_up_by_number(void)
{
    struct lw_denials denials = {0};
    struct lw_notification call = {.nr = 41, .args = {2, 1, 0}};
    lw_denials_add(&denials, &call, 13);
    call.args[0] = 10;
    lw_denials_add(&denials, &call, 13);
    LW_CHECK(denials.count == 1 && denials.total == 2);
    LW_CHECK(denials.entries[0].count == 2 && denials.entries[0].args[0] == 2 && denials.entries[0].errno_ == 13);
}

static void stays_bounded(void)
{
    struct lw_denials denials = {0};
    struct lw_notification call = {0};
    for (uint32_t nr = 0; nr < 1000; nr++) {
        call.nr = nr;
        lw_denials_add(&denials, &call, 1);
    }
    LW_CHECK(denials.count == LW_DENIALS_MAX && denials.total == 1000);
    call.nr = 3;
    lw_denials_add(&denials, &call, 1);
    LW_CHECK(denials.entries[3].count == 2);
}

static void bucket_lets_a_burst_pass_and_then_the_rate(void)
{
    struct lw_bucket bucket;
    lw_bucket_init(&bucket, 3, 1000, 0);
    for (int i = 0; i < 3; i++) LW_CHECK(lw_bucket_take(&bucket, 0) == 0);
    LW_CHECK(lw_bucket_take(&bucket, 0) == 1000);
    LW_CHECK(lw_bucket_take(&bucket, 400) == 600);
    LW_CHECK(lw_bucket_take(&bucket, 1000) == 0);
    LW_CHECK(lw_bucket_take(&bucket, 1000) == 1000);
    /* It fills to the burst and not beyond. */
    for (int i = 0; i < 3; i++) LW_CHECK(lw_bucket_take(&bucket, 10000000) == 0);
    LW_CHECK(lw_bucket_take(&bucket, 10000000) == 1000);
}

static void bucket_survives_extremes(void)
{
    struct lw_bucket bucket;
    lw_bucket_init(&bucket, UINT32_MAX, UINT32_MAX, 5);
    LW_CHECK(lw_bucket_take(&bucket, UINT64_MAX) == 0);
    LW_CHECK(lw_bucket_take(&bucket, 0) == 0); /* a clock that goes back adds nothing */
    lw_bucket_init(&bucket, 0, 0, 0);
    LW_CHECK(lw_bucket_take(&bucket, 0) == 0);
    LW_CHECK(lw_bucket_take(&bucket, 0) == 1000000);
}

int main(void)
{
    LW_RUN(answers_what_the_plan_says);
    LW_RUN(adds_up_by_number);
    LW_RUN(stays_bounded);
    LW_RUN(bucket_lets_a_burst_pass_and_then_the_rate);
    LW_RUN(bucket_survives_extremes);
    return lw_test_status();
}
