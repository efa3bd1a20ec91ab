/* A network namespace is used again only when nothing of its last job is left in it. */
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_test.h"
#include "pool/networks.h"

enum { JOB = 77 };

static struct lw_networks networks;

static ino_t here(void)
{
    struct stat status = {0};
    return stat("/proc/self/ns/net", &status) == 0 ? status.st_ino : 0;
}

static void test_reuse(void)
{
    LW_CHECK(lw_networks_enter(&networks) == 0);
    ino_t first = here();
    lw_networks_take(&networks, 0, JOB);
    LW_CHECK(lw_networks_enter(&networks) == 1 && here() != first);
    lw_networks_take(&networks, 1, JOB + 1);
    lw_networks_release(&networks, JOB);
    LW_CHECK(lw_networks_enter(&networks) == 0 && here() == first);
}

/* Two sockets that are in flight to each other, and a name that goes with them; the process lets go of all. */
static int leave_sockets(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0left"};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = {0};
    char byte = 0;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    int fds[3];
    fds[2] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fds[2] < 0 || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) < 0 ||
        bind(fds[2], (struct sockaddr *)&name, offsetof(struct sockaddr_un, sun_path) + 5) < 0)
        return -1;
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(fds)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
    int result = sendmsg(fds[0], &message, 0) == 1 && sendmsg(fds[1], &message, 0) == 1 ? 0 : -1;
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    return result;
}

static int has_name(void)
{
    char text[4096];
    int fd = open("/proc/self/net/unix", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    return strstr(text, "@left") != NULL;
}

static void test_collected_later(void)
{
    LW_CHECK(leave_sockets() == 0);
    lw_networks_take(&networks, 0, JOB);
    lw_networks_release(&networks, JOB);
    LW_CHECK(lw_networks_enter(&networks) == 0 && !has_name());
}

/* What is there for certain, as the collector's moment is not. */
static void test_socket_left(void)
{
    ino_t before = here();
    int left = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    lw_networks_take(&networks, 0, JOB);
    lw_networks_release(&networks, JOB);
    LW_CHECK(left >= 0 && lw_networks_enter(&networks) == 0 && here() != before);
    ino_t after = here();
    close(left);
    LW_CHECK(lw_networks_enter(&networks) == 0 && here() == after);
}

int main(void)
{
    if (geteuid() != 0) {
        printf("skip networks: needs root\n");
        return 0;
    }
    LW_RUN(test_reuse);
    LW_RUN(test_collected_later);
    LW_RUN(test_socket_left);
    return lw_test_status();
}
