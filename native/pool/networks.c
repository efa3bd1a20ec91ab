#include "networks.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_namespaces.h"

/* Unshares a namespace and opens it. Returns its descriptor or -errno. */
static int enter_new(void)
{
    int result = lw_namespaces_unshare(CLONE_NEWNET);
    if (result)
        return result;
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int add(struct lw_networks *networks)
{
    if (networks->count == LW_POOL_NETWORKS_MAX)
        return -EAGAIN;
    int fd = enter_new();
    if (fd < 0)
        return fd;
    networks->entries[networks->count].fd = fd;
    networks->entries[networks->count].user = 0;
    return (int)networks->count++;
}

/*
 * Whether no socket lives in the namespace that the process is in. Sockets that are in flight to each other outlive their processes
 * until the kernel's collector comes by, with their names and what was sent to them (unix_gc). When in doubt: no.
 */
static int is_empty(void)
{
    static const char empty[] = "sockets: used 0\n";
    char text[sizeof(empty) - 1];
    LW_AUTO_CLOSE int fd = open("/proc/self/net/sockstat", O_RDONLY | O_CLOEXEC);
    return fd >= 0 && lw_fd_read_exact(fd, text, sizeof(text)) == 0 && memcmp(text, empty, sizeof(text)) == 0;
}

/* Puts a new namespace in the place of the one that the process is in. */
static int replace(struct lw_networks *networks, uint32_t index)
{
    int fd = enter_new();
    if (fd < 0)
        return fd;
    close(networks->entries[index].fd);
    networks->entries[index].fd = fd;
    return (int)index;
}

int lw_networks_enter(struct lw_networks *networks)
{
    for (uint32_t i = 0; i < networks->count; i++) {
        if (networks->entries[i].user)
            continue;
        int result = lw_namespaces_join(networks->entries[i].fd, CLONE_NEWNET);
        if (result)
            return result;
        return is_empty() ? (int)i : replace(networks, i);
    }
    return add(networks);
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
