#include "supervisor/notifier.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "lw_channels.h"
#include "lw_plan.h"

static int ends_a_task(uint32_t nr)
{
    return nr == SYS_exit_group || nr == SYS_exit;
}

/* In audit mode what is let through is the finding; the end of a program is none. */
static int is_recorded(const struct lw_notifier *notifier, const struct lw_notification *call,
                       const struct lw_notify_verdict *verdict)
{
    if (verdict->action != LW_NOTIFY_ACTION_CONTINUE) return 1;
    return lw_plan_header(notifier->plan)->mode == LW_MODE_AUDIT && !ends_a_task(call->nr);
}

static void answer(struct lw_notifier *notifier, const struct lw_notification *call, const struct lw_notify_verdict *verdict)
{
    if (is_recorded(notifier, call, verdict)) lw_denials_add(&notifier->denials, call, verdict->errno_);
    lw_notify_answer(notifier->listener.fd, call->id, verdict);
}

static int asks_for_next_job(const struct lw_notification *call)
{
    return call->nr == SYS_exit_group && call->args[1] == LW_NEXT_JOB;
}

static void listener_ready(struct lw_event *event, uint32_t events)
{
    struct lw_notifier *notifier = event->owner;
    struct lw_notification call;
    if (!(events & EPOLLIN)) {
        lw_notifier_close(notifier); /* nobody is left who could call */
        return;
    }
    if (lw_notify_receive(event->fd, &call)) return;
    if (notifier->next_job && asks_for_next_job(&call) && notifier->next_job(notifier, &call)) return;
    struct lw_notify_verdict verdict = lw_notify_verdict_of(notifier->plan, &call);
    if (verdict.action == LW_NOTIFY_ACTION_KILL) {
        lw_denials_add(&notifier->denials, &call, 0);
        lw_loop_watch(notifier->loop, event, 0);
        notifier->kill(notifier);
        return;
    }
    uint64_t now = lw_now_us();
    uint64_t wait = verdict.action == LW_NOTIFY_ACTION_CONTINUE ? 0 : lw_bucket_take(&notifier->bucket, now);
    if (wait == 0) {
        answer(notifier, &call, &verdict);
        return;
    }
    notifier->held = call;
    lw_loop_must_watch(notifier->loop, event, 0);
    lw_timer_start(notifier->loop, &notifier->timer, now + wait);
}

static void token_due(struct lw_timer *timer)
{
    struct lw_notifier *notifier = timer->owner;
    uint64_t now = lw_now_us();
    uint64_t wait = lw_bucket_take(&notifier->bucket, now);
    if (wait > 0) {
        lw_timer_start(notifier->loop, timer, now + wait);
        return;
    }
    struct lw_notify_verdict verdict = lw_notify_verdict_of(notifier->plan, &notifier->held);
    answer(notifier, &notifier->held, &verdict);
    lw_loop_must_watch(notifier->loop, &notifier->listener, EPOLLIN);
}

int lw_notifier_start(struct lw_notifier *notifier, struct lw_loop *loop, const void *plan, int listener,
                      void (*kill)(struct lw_notifier *notifier), void *owner)
{
    *notifier = (struct lw_notifier){.loop = loop,
                                     .plan = plan,
                                     .listener = lw_event_of(listener, listener_ready, notifier),
                                     .timer = {.fire = token_due, .owner = notifier},
                                     .kill = kill,
                                     .owner = owner};
    lw_notifier_reset(notifier);
    return lw_loop_watch(loop, &notifier->listener, EPOLLIN);
}

void lw_notifier_reset(struct lw_notifier *notifier)
{
    const struct lw_plan_header *header = lw_plan_header(notifier->plan);
    notifier->denials.count = 0;
    notifier->denials.total = 0;
    lw_bucket_init(&notifier->bucket, header->denial_burst, header->denial_per_second, lw_now_us());
}

void lw_notifier_close(struct lw_notifier *notifier)
{
    if (!notifier->loop) return;
    lw_timer_stop(notifier->loop, &notifier->timer);
    lw_loop_close(notifier->loop, &notifier->listener);
}
