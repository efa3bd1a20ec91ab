#include "supervisor/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lw_caps.h"
#include "lw_fd.h"
#include "lw_io.h"
#include "lw_plan_gen.h"
#include "lw_uapi.h"
#include "supervisor/collector.h"
#include "supervisor/process.h"

static const uint64_t resolve_root = LW_RESOLVE_NO_MAGICLINKS | LW_RESOLVE_NO_SYMLINKS;
static const uint64_t resolve_beneath = LW_RESOLVE_NO_MAGICLINKS | LW_RESOLVE_NO_SYMLINKS | LW_RESOLVE_BENEATH;

/* The raw calls: glibc's wrappers would signal the threads that this copy of the process does not have. */
static int take_ids(const struct lw_peer *peer)
{
    long result = lw_result(syscall(SYS_setgroups, (size_t)peer->group_count, peer->groups));
    if (!result) result = lw_result(syscall(SYS_setresgid, peer->gid, peer->gid, peer->gid));
    if (!result) result = lw_result(syscall(SYS_setresuid, peer->uid, peer->uid, peer->uid));
    return (int)result;
}

static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    memset(none, 0, sizeof(none));
    return (int)lw_result(syscall(SYS_capset, &header, none));
}

static int become_peer(int channel, const struct lw_peer *peer)
{
    int result = lw_process_become_helper(&channel, 1);
    prctl(PR_SET_NAME, "leeward-opener", 0, 0, 0);
    if (!result) result = lw_caps_drop_bounding(0);
    if (!result && peer) result = take_ids(peer);
    if (!result) result = drop_capabilities();
    if (!result && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) result = -errno;
    /* A change of ids clears both. */
    if (!result && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) result = -errno;
    if (!result && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) result = -errno;
    umask(0);
    return result;
}

/* Makes the last component of `path` beneath `root` when only that is missing. Returns 0 or -errno. */
static int create_directory(int root, char *path, uint32_t mode)
{
    char *slash = strrchr(path, '/');
    int parent = root;
    LW_AUTO_CLOSE int opened = -1;
    if (slash) {
        *slash = '\0';
        parent = opened = lw_openat2(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC, resolve_beneath);
        *slash = '/';
        if (opened < 0) return opened;
    }
    if (mkdirat(parent, slash ? slash + 1 : path, mode & 01777) < 0 && errno != EEXIST) return -errno;
    return 0;
}

/* The peer's own rights decide, as for his own open(2). */
static int check_access(int fd, uint32_t writable)
{
    struct stat status;
    if (fstat(fd, &status) < 0) return -errno;
    if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) return -ENOTSUP;
    int mode = writable ? W_OK : R_OK;
    if (S_ISDIR(status.st_mode)) mode |= X_OK;
    return (int)lw_result(syscall(SYS_faccessat2, fd, "", mode, AT_EACCESS | AT_EMPTY_PATH));
}

static int read_file_system(int fd, uint64_t *type)
{
    struct statfs status;
    if (fstatfs(fd, &status) < 0) return -errno;
    /* The word is signed where its top bit is set by some file systems' numbers. */
    *type = (uint64_t)status.f_type & 0xffffffff;
    return 0;
}

/* Whether `fd` is still what was at its path when root gave it. */
static int check_same(int fd, int held)
{
    struct stat now, then;
    if (held < 0) return 0;
    if (fstat(fd, &now) < 0 || fstat(held, &then) < 0) return -errno;
    return now.st_dev == then.st_dev && now.st_ino == then.st_ino ? 0 : -ESTALE;
}

/*
 * The daemon's root, on the way that the peer himself would have to go: the envelope's descriptor alone would take him past
 * directories that he may not search.
 */
static int open_root(const struct lw_open_place *place)
{
    LW_AUTO_CLOSE int start = lw_openat2(AT_FDCWD, place->root, O_PATH | O_CLOEXEC, resolve_root);
    if (start < 0) return start;
    int error = check_same(start, place->held);
    if (error) return error;
    if (*place->folder == '\0') return (int)lw_result(fcntl(start, F_DUPFD_CLOEXEC, 0));
    return lw_openat2(start, place->folder, O_PATH | O_CLOEXEC, resolve_beneath);
}

/* Returns an O_PATH descriptor or -errno. */
static int open_source(const struct lw_open_request *request, const struct lw_open_place *place, char *path,
                       uint64_t *file_system)
{
    LW_AUTO_CLOSE int root = open_root(place);
    if (root < 0) return root;
    int fd = *path ? lw_openat2(root, path, O_PATH | O_CLOEXEC, resolve_beneath) : fcntl(root, F_DUPFD_CLOEXEC, 0);
    if (fd == -ENOENT && request->create) {
        int error = create_directory(root, path, request->create_mode);
        if (error) return error;
        fd = lw_openat2(root, path, O_PATH | O_CLOEXEC, resolve_beneath);
    }
    if (fd < 0) return fd;
    int error = check_access(fd, request->writable);
    if (!error) error = read_file_system(fd, file_system);
    if (!error) return fd;
    close(fd);
    return error;
}

/* The next of the strings after the struct; NULL when it does not end within the message. */
static char *next_string(char **at, const char *end)
{
    char *string = *at;
    char *last = string < end ? memchr(string, '\0', (size_t)(end - string)) : NULL;
    if (last) *at = last + 1;
    return last ? string : NULL;
}

/* An answer that is lost would be waited for. The exit status tells why there is none. */
static void answer(int channel, struct lw_open_reply *reply, int fd)
{
    if (fd < 0) lw_fail(&reply->error, LW_STAGE_OPEN_SOURCE, reply->index, -fd);
    int error = lw_io_send(channel, reply, sizeof(*reply), &fd, fd < 0 ? 0 : 1);
    if (error) _exit(-error);
}

static void serve(int channel, const struct lw_open_request *request, size_t size, int held)
{
    char *at = (char *)(uintptr_t)(request + 1);
    const char *end = (const char *)request + size;
    struct lw_open_place place = {.root = next_string(&at, end), .held = held};
    place.folder = next_string(&at, end);
    char *path = next_string(&at, end);
    struct lw_open_reply reply = {.job_id = request->job_id, .index = request->index};
    LW_AUTO_CLOSE int fd =
        place.root && place.folder && path ? open_source(request, &place, path, &reply.file_system) : -EBADMSG;
    answer(channel, &reply, fd);
}

/* Returns 0 when the message has all that it counts. */
static int read_patterns(const struct lw_collect_request *request, size_t size, unsigned mount_count, const char **strings)
{
    char *at = (char *)(uintptr_t)(request + 1);
    const char *end = (const char *)request + size;
    if (request->count > LW_COLLECT_MAX) return -EBADMSG;
    for (uint32_t i = 0; i < request->count; i++) {
        if (request->mounts[i] >= mount_count && request->mounts[i] != LW_COLLECT_NO_MOUNT) return -EBADMSG;
        strings[2 * i] = next_string(&at, end);
        strings[2 * i + 1] = next_string(&at, end);
        if (!strings[2 * i + 1]) return -EBADMSG;
    }
    return 0;
}

static void serve_collect(int channel, const struct lw_collect_request *request, size_t size, const int *mounts, unsigned mount_count)
{
    const char *strings[2 * LW_COLLECT_MAX];
    struct lw_open_reply reply = {.job_id = request->job_id};
    int error = read_patterns(request, size, mount_count, strings);
    LW_AUTO_CLOSE int fd = error ? error : lw_collector_run(request, strings, mounts);
    answer(channel, &reply, fd);
}

static void serve_message(int channel, const void *message, size_t size, const int *fds, unsigned count)
{
    const struct lw_open_request *request = message;
    if (size >= sizeof(struct lw_collect_request) && request->operation == LW_OPENER_COLLECT)
        serve_collect(channel, message, size, fds, count);
    else if (size >= sizeof(*request) && request->operation == LW_OPENER_OPEN)
        serve(channel, request, size, count ? fds[0] : -1);
}

/* Every request that came hears why there is no helper for it; none is looked at. The supervisor then closes the channel. */
static _Noreturn void refuse(int channel, int error)
{
    static struct lw_open_request request;
    for (;;) {
        ssize_t size = lw_io_receive(channel, &request, sizeof(request), NULL, NULL);
        if (size <= 0 && size != -EMSGSIZE) _exit(-error); /* longer ones are cut off behind what is needed */
        struct lw_open_reply reply = {.job_id = request.job_id, .index = request.index};
        lw_fail(&reply.error, LW_STAGE_IDENTITY, 0, -error);
        if (lw_io_send(channel, &reply, sizeof(reply), NULL, 0)) _exit(-error);
    }
}

_Noreturn void lw_opener_main(int channel, const struct lw_peer *peer)
{
    _Alignas(8) static char buffer[LW_COLLECT_REQUEST_MAX];
    _Static_assert(sizeof(buffer) >= LW_OPEN_REQUEST_MAX, "room for both requests");
    int error = become_peer(channel, peer);
    if (error) refuse(channel, error);
    for (;;) {
        int fds[LW_ATTACH_MAX];
        unsigned count = LW_ATTACH_MAX;
        ssize_t size = lw_io_receive(channel, buffer, sizeof(buffer), fds, &count);
        if (size <= 0) _exit((int)-size);
        serve_message(channel, buffer, (size_t)size, fds, count);
        for (unsigned i = 0; i < count; i++) close(fds[i]);
    }
}
