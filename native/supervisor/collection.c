#include "supervisor/collection.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_uapi.h"
#include "supervisor/memory.h"
#include "supervisor/messages.h"
#include "supervisor/supervisor.h"

struct lw_collection {
    struct lw_collection *next;
    struct lw_opener *opener;
    uint64_t job_id;
    int trees[LW_ATTACH_MAX];    /* by the job's mounts; -1: nothing is collected there, or the job does not have it */
    uint32_t of[LW_COLLECT_MAX]; /* of each pattern: which of the job's mounts */
    size_t size;
    struct lw_collect_request message[]; /* with its strings, `size` bytes */
};

/* --- the request -------------------------------------------------------------------------------------------------- */

static size_t message_size(const struct lw_message_job_run *message)
{
    const struct lw_message_job_run_collect *collects = lw_message_job_run_collects(message);
    size_t size = sizeof(struct lw_collect_request);
    for (uint32_t i = 0; i < message->collect_count; i++)
        size += strlen(lw_message_string(message, collects[i].folder)) + strlen(lw_message_string(message, collects[i].name)) + 2;
    return size;
}

const char *lw_collection_refuse(const struct lw_message_job_run *message)
{
    const struct lw_message_job_run_mount *mounts = lw_message_job_run_mounts(message);
    const struct lw_message_job_run_collect *collects = lw_message_job_run_collects(message);
    for (uint32_t i = 0; i < message->collect_count; i++) {
        if (collects[i].mount >= message->mount_count || !(mounts[collects[i].mount].flags & LW_JOB_MOUNT_FLAG_WRITABLE))
            return "what is collected does not lie in a writable mount of the request";
    }
    return message_size(message) > LW_COLLECT_REQUEST_MAX ? "the patterns of what is collected are too long" : NULL;
}

static char *add_string(char *at, const char *string)
{
    return stpcpy(at, string) + 1;
}

struct lw_collection *lw_collection_new(const struct lw_message_job_run *message)
{
    const struct lw_message_job_run_collect *collects = lw_message_job_run_collects(message);
    if (message->collect_count == 0) return NULL;
    size_t size = message_size(message);
    struct lw_collection *collection = lw_new(sizeof(*collection) + size);
    struct lw_collect_request *request = collection->message;
    char *at = (char *)(request + 1);
    *request = (struct lw_collect_request){.operation = LW_OPENER_COLLECT,
                                           .count = message->collect_count,
                                           .bytes_max = message->collect_bytes_max,
                                           .files_max = message->collect_files_max};
    for (uint32_t i = 0; i < message->collect_count; i++) {
        collection->of[i] = collects[i].mount;
        at = add_string(at, lw_message_string(message, collects[i].folder));
        at = add_string(at, lw_message_string(message, collects[i].name));
    }
    collection->size = size;
    for (uint32_t i = 0; i < LW_ATTACH_MAX; i++) collection->trees[i] = -1;
    return collection;
}

void lw_collection_free(struct lw_collection *collection)
{
    if (!collection) return;
    for (uint32_t i = 0; i < LW_ATTACH_MAX; i++) lw_fd_cleanup(&collection->trees[i]);
    free(collection);
}

/* --- its mounts --------------------------------------------------------------------------------------------------- */

static int is_wanted(const struct lw_collection *collection, uint32_t index)
{
    for (uint32_t i = 0; i < collection->message->count; i++) {
        if (collection->of[i] == index) return 1;
    }
    return 0;
}

/* Of its own: the job's is id-mapped, and gone with the job; the source would keep a volume of the host busy. */
int lw_collection_hold(struct lw_collection *collection, uint32_t index, int source, struct lw_submounts *submounts)
{
    const char *submount = NULL;
    if (!collection || !is_wanted(collection, index)) return 0;
    lw_fd_cleanup(&collection->trees[index]);
    int tree = collection->trees[index] = lw_submounts_clone(submounts, source, 0, &submount);
    if (tree < 0) return tree;
    struct lw_mount_attr attr = {.attr_set = LW_MOUNT_ATTR_RDONLY | LW_MOUNT_ATTR_NOSUID | LW_MOUNT_ATTR_NODEV | LW_MOUNT_ATTR_NOEXEC,
                                 .propagation = MS_PRIVATE};
    return lw_mount_setattr(tree, "", AT_EMPTY_PATH | LW_AT_RECURSIVE, &attr);
}

/* Fills which descriptor each pattern has. Returns the number of descriptors, which are the receiver's now. */
static unsigned take_mounts(struct lw_collection *collection, int *fds)
{
    unsigned count = 0;
    uint32_t places[LW_ATTACH_MAX];
    for (uint32_t i = 0; i < LW_ATTACH_MAX; i++) {
        places[i] = collection->trees[i] < 0 ? LW_COLLECT_NO_MOUNT : count;
        if (collection->trees[i] >= 0) fds[count++] = collection->trees[i];
        collection->trees[i] = -1;
    }
    for (uint32_t i = 0; i < collection->message->count; i++) collection->message->mounts[i] = places[collection->of[i]];
    return count;
}

/* --- collecting --------------------------------------------------------------------------------------------------- */

static void finish(struct lw_supervisor *supervisor, struct lw_collection *collection, int error, int fd)
{
    struct lw_collection **place = &supervisor->collections;
    while (*place && *place != collection) place = &(*place)->next;
    if (*place) {
        *place = collection->next;
        supervisor->collection_count--;
    }
    lw_post_job_collected(supervisor, collection->job_id, error, fd);
    lw_collection_free(collection);
}

void lw_collection_begin(struct lw_supervisor *supervisor, struct lw_collection *collection, uint64_t job_id,
                         const struct lw_peer *peer)
{
    int fds[LW_ATTACH_MAX], error = 0;
    collection->job_id = job_id;
    collection->opener = lw_openers_find(&supervisor->openers, peer, &error);
    if (!collection->opener) {
        finish(supervisor, collection, error, -1);
        return;
    }
    unsigned count = take_mounts(collection, fds);
    collection->message->job_id = ++supervisor->next_serial;
    collection->next = supervisor->collections;
    supervisor->collections = collection;
    supervisor->collection_count++;
    lw_opener_collect(collection->opener, collection->message, collection->size, fds, count);
}

int lw_collection_answered(struct lw_supervisor *supervisor, const struct lw_open_reply *reply, int fd)
{
    struct lw_collection *collection = supervisor->collections;
    while (collection && collection->message->job_id != reply->job_id) collection = collection->next;
    if (collection) finish(supervisor, collection, -reply->error.errno_, fd);
    return collection != NULL;
}

void lw_collection_opener_lost(struct lw_supervisor *supervisor, const struct lw_opener *opener, int reason)
{
    for (struct lw_collection *collection = supervisor->collections, *next; collection; collection = next) {
        next = collection->next;
        if (collection->opener == opener) finish(supervisor, collection, reason, -1);
    }
}
