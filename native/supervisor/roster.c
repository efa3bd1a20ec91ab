#include "supervisor/roster.h"

#include "lw_message.h"
#include "supervisor/pool.h"

/* One that is being made is there instead of one that is no more. */
static uint32_t phase_of(const struct lw_worker *worker)
{
    switch (worker->state) {
    case LW_WORKER_STANDBY: return LW_WORKER_PHASE_IDLE;
    case LW_WORKER_BUSY: return LW_WORKER_PHASE_BUSY;
    default: return LW_WORKER_PHASE_RECYCLING;
    }
}

void lw_roster_tell(struct lw_supervisor *supervisor, uint64_t id)
{
    _Alignas(8) static char buffer[sizeof(struct lw_message_workers) +
                                   LW_MESSAGE_MAX_WORKERS_WORKERS * sizeof(struct lw_message_worker_record)];
    struct lw_message_workers *message = (struct lw_message_workers *)(void *)buffer;
    struct lw_message_worker_record *records = (struct lw_message_worker_record *)(void *)(message + 1);
    if (lw_outbox_congested(&supervisor->outbox)) return;
    *message = (struct lw_message_workers){.header = {.type = LW_MESSAGE_WORKERS, .id = id},
                                           .recycled = supervisor->recycled};
    for (const struct lw_pool *pool = supervisor->pools; pool; pool = pool->next) {
        for (const struct lw_worker *worker = pool->workers; worker; worker = worker->next) {
            if (worker->state == LW_WORKER_GONE) continue;
            message->total++;
            if (message->worker_count == LW_MESSAGE_MAX_WORKERS_WORKERS) continue;
            records[message->worker_count++] = (struct lw_message_worker_record){
                .pool_low = (uint32_t)pool->id,
                .pool_high = (uint32_t)(pool->id >> 32),
                .slot = worker->slot,
                .state = phase_of(worker),
                .executions = worker->executions,
            };
        }
    }
    lw_message_begin(buffer, sizeof(buffer));
    lw_outbox_post(&supervisor->outbox, buffer, message->header.size);
}
