#include "networks.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "lw_namespaces.h"

static int enter_new(struct lw_networks *networks)
{
    if (networks->count == LW_POOL_NETWORKS_MAX)
        return -EAGAIN;
    int result = lw_namespaces_unshare(CLONE_NEWNET);
    if (result)
        return result;
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    networks->entries[networks->count].fd = fd;
    networks->entries[networks->count].user = 0;
    return (int)networks->count++;
}

int lw_networks_enter(struct lw_networks *networks)
{
    for (uint32_t i = 0; i < networks->count; i++) {
        if (networks->entries[i].user)
            continue;
        int result = lw_namespaces_join(networks->entries[i].fd, CLONE_NEWNET);
        return result ? result : (int)i;
    }
    return enter_new(networks);
}

void lw_networks_take(struct lw_networks *networks, int index, pid_t user)
{
    networks->entries[index].user = user;
}

void lw_networks_release(struct lw_networks *networks, pid_t user)
{
    for (uint32_t i = 0; i < networks->count; i++) {
        if (networks->entries[i].user == user)
            networks->entries[i].user = 0;
    }
}
