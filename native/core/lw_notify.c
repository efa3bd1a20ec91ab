#include "lw_notify.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lw_plan.h"

/* The size of the structs is part of the request numbers, so that a kernel that knows longer ones still takes ours. */
int lw_notify_receive(int listener, struct lw_notification *notification)
{
    struct seccomp_notif call;
    memset(&call, 0, sizeof(call)); /* the kernel refuses anything but zeroes */
    int result;
    do {
        result = ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call);
    } while (result && errno == EINTR);
    if (result) return -errno;
    *notification =
        (struct lw_notification){.id = call.id, .pid = call.pid, .nr = (uint32_t)call.data.nr, .arch = call.data.arch};
    for (int i = 0; i < 6; i++) notification->args[i] = call.data.args[i];
    return 0;
}

int lw_notify_answer(int listener, uint64_t id, const struct lw_notify_verdict *verdict)
{
    struct seccomp_notif_resp response = {.id = id};
    if (verdict->action == LW_NOTIFY_ACTION_CONTINUE)
        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        response.error = -(int32_t)verdict->errno_;
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) ? -errno : 0;
}

static uint32_t native_arch(void)
{
#if defined(__x86_64__)
    return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    return AUDIT_ARCH_AARCH64;
#else
#error "no syscall tables for this architecture"
#endif
}

struct lw_notify_verdict lw_notify_verdict_of(const void *plan, const struct lw_notification *notification)
{
    uint32_t high;
    const struct lw_plan_notify_answer *answers = lw_plan_notify(plan, &high);
    uint32_t low = 0;
    if (notification->arch != native_arch()) high = 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (answers[middle].nr == notification->nr)
            return (struct lw_notify_verdict){answers[middle].action, answers[middle].errno_};
        if (answers[middle].nr < notification->nr)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct lw_notify_verdict){LW_NOTIFY_ACTION_ERRNO, lw_plan_header(plan)->notify_default_errno};
}

void lw_denials_add(struct lw_denials *denials, const struct lw_notification *notification, uint32_t errno_value)
{
    denials->total++;
    for (uint32_t i = 0; i < denials->count; i++) {
        struct lw_denial *entry = &denials->entries[i];
        if (entry->nr != notification->nr || entry->arch != notification->arch) continue;
        entry->count++;
        return;
    }
    if (denials->count == LW_DENIALS_MAX) return;
    struct lw_denial *entry = &denials->entries[denials->count++];
    *entry = (struct lw_denial){.nr = notification->nr, .arch = notification->arch, .errno_ = errno_value, .count = 1};
    memcpy(entry->args, notification->args, sizeof(entry->args));
}

static const uint64_t token = 1000000;

void lw_bucket_init(struct lw_bucket *bucket, uint32_t burst, uint32_t per_second, uint64_t now_us)
{
    /* A bucket that never fills would block a job for ever: one token at least, one new one a second. */
    bucket->burst = burst ? burst : 1;
    bucket->per_second = per_second ? per_second : 1;
    bucket->millionths = bucket->burst * token;
    bucket->updated_us = now_us;
}

uint64_t lw_bucket_take(struct lw_bucket *bucket, uint64_t now_us)
{
    uint64_t elapsed = now_us > bucket->updated_us ? now_us - bucket->updated_us : 0;
    uint64_t room = bucket->burst * token - bucket->millionths;
    /* Tokens per second are millionths per microsecond. */
    bucket->millionths += elapsed > room / bucket->per_second ? room : elapsed * bucket->per_second;
    bucket->updated_us = now_us;
    if (bucket->millionths >= token) {
        bucket->millionths -= token;
        return 0;
    }
    return (token - bucket->millionths + bucket->per_second - 1) / bucket->per_second;
}
