#include "supervisor/cgroup_thread.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "supervisor/memory.h"

static void prepare(const struct lw_cgroup *cgroup, struct lw_cgroup_task *task)
{
    task->error = lw_cgroup_create(cgroup, task->group);
    if (task->limited && task->error == 0) lw_cgroup_limit(cgroup, task->group, &task->limits, &task->enforced);
    if (task->limited && task->error == 0) task->oom_event = lw_cgroup_watch_oom(cgroup, task->group);
    if (task->oom_event < 0) task->oom_event = -1;
}

static void attach(const struct lw_cgroup *cgroup, struct lw_cgroup_task *task)
{
    task->error = lw_cgroup_attach(cgroup, task->group, task->pid);
    if (task->error || lw_cgroup_cpu_time(cgroup, task->group, &task->cpu_us)) task->cpu_us = 0;
}

static void carry_out(const struct lw_cgroup *cgroup, struct lw_cgroup_task *task)
{
    switch (task->operation) {
    case LW_CGROUP_PREPARE: prepare(cgroup, task); break;
    case LW_CGROUP_ATTACH: attach(cgroup, task); break;
    case LW_CGROUP_SET_MEMORY:
        task->error =
            lw_cgroup_set_memory(cgroup, task->group, task->limits.memory_max, task->limits.swap_max, &task->enforced);
        break;
    case LW_CGROUP_REMOVE: task->error = lw_cgroup_remove(cgroup, task->group); break;
    }
}

static void append(struct lw_cgroup_task **list, struct lw_cgroup_task *task)
{
    while (*list) list = &(*list)->next;
    task->next = NULL;
    *list = task;
}

/* The next task, NULL when it is time to go. Called with the mutex held. */
static struct lw_cgroup_task *next_task(struct lw_cgroup_thread *thread)
{
    while (!thread->queue && !thread->quit) pthread_cond_wait(&thread->wake, &thread->mutex);
    struct lw_cgroup_task *task = thread->queue;
    if (task) thread->queue = task->next;
    return task;
}

static void *run(void *argument)
{
    struct lw_cgroup_thread *thread = argument;
    pthread_mutex_lock(&thread->mutex);
    for (struct lw_cgroup_task *task = next_task(thread); task; task = next_task(thread)) {
        pthread_mutex_unlock(&thread->mutex);
        carry_out(thread->cgroup, task);
        pthread_mutex_lock(&thread->mutex);
        append(&thread->done, task);
        if (eventfd_write(thread->event.fd, 1) < 0) lw_give_up("telling of a control group", -errno);
    }
    pthread_mutex_unlock(&thread->mutex);
    return NULL;
}

static void results_ready(struct lw_event *event, uint32_t events)
{
    (void)events;
    struct lw_cgroup_thread *thread = event->owner;
    eventfd_t count;
    eventfd_read(event->fd, &count);
    pthread_mutex_lock(&thread->mutex);
    struct lw_cgroup_task *task = thread->done;
    thread->done = NULL;
    pthread_mutex_unlock(&thread->mutex);
    while (task) {
        struct lw_cgroup_task *next = task->next;
        task->done(task);
        task = next;
    }
}

int lw_cgroup_thread_start(struct lw_cgroup_thread *thread, struct lw_loop *loop, const struct lw_cgroup *cgroup)
{
    *thread = (struct lw_cgroup_thread){.loop = loop, .cgroup = cgroup};
    pthread_mutex_init(&thread->mutex, NULL);
    pthread_cond_init(&thread->wake, NULL);
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) return -errno;
    thread->event = lw_event_of(fd, results_ready, thread);
    int error = lw_loop_watch(loop, &thread->event, EPOLLIN);
    /* Signals are the loop's. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (!error) error = -pthread_create(&thread->thread, NULL, run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    thread->running = error == 0;
    return error;
}

struct lw_cgroup_task *lw_cgroup_task_new(enum lw_cgroup_operation operation, const char *group,
                                          void (*done)(struct lw_cgroup_task *task), void *owner)
{
    struct lw_cgroup_task *task = lw_new(sizeof(*task));
    task->operation = operation;
    task->done = done;
    task->owner = owner;
    task->oom_event = -1;
    snprintf(task->group, sizeof(task->group), "%s", group);
    return task;
}

void lw_cgroup_thread_submit(struct lw_cgroup_thread *thread, struct lw_cgroup_task *task)
{
    pthread_mutex_lock(&thread->mutex);
    append(&thread->queue, task);
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->mutex);
}

void lw_cgroup_thread_stop(struct lw_cgroup_thread *thread)
{
    if (!thread->running) return;
    pthread_mutex_lock(&thread->mutex);
    thread->quit = 1;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->mutex);
    pthread_join(thread->thread, NULL);
    thread->running = 0;
}
