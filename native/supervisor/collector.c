#include "supervisor/collector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan_gen.h"
#include "lw_uapi.h"

/* Names that are looked at for one request: a folder may have any number, and be given new ones while it is read. */
enum { NAMES_MAX = 65536 };
/* Some file systems have names of more than NAME_MAX bytes. */
enum { NAME_ROOM = 1024 };

static const uint64_t within =
    LW_RESOLVE_BENEATH | LW_RESOLVE_NO_SYMLINKS | LW_RESOLVE_NO_MAGICLINKS | LW_RESOLVE_NO_XDEV;

struct collector {
    const struct lw_collect_request *request;
    const char *const *strings;
    const int *mounts;
    int out;
    off_t size; /* of `out` */
    uint64_t bytes_left;
    uint32_t files_left;
    uint32_t names_left;
};

/* The names that match, as many as may be taken, the first in the order of their bytes: which they are is not left to the disk. */
struct matches {
    uint32_t count, most;
    int more;
    uint32_t order[LW_COLLECT_FILES_MAX]; /* indices into `names` */
    char names[LW_COLLECT_FILES_MAX][NAME_ROOM];
};

static const char *folder_of(const struct collector *collector, uint32_t pattern)
{
    return collector->strings[2 * pattern];
}

static const char *name_of(const struct collector *collector, uint32_t pattern)
{
    return collector->strings[2 * pattern + 1];
}

static uint32_t what_of_errno(int error)
{
    switch (-error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG: return LW_COLLECTED_MISSING;
    case ELOOP: return LW_COLLECTED_SYMLINK;
    case EACCES:
    case EPERM: return LW_COLLECTED_UNREADABLE;
    case EXDEV: return LW_COLLECTED_OTHER_MOUNT;
    default: return LW_COLLECTED_FAILED;
    }
}

static uint32_t what_of_mode(mode_t mode)
{
    if (S_ISREG(mode)) return LW_COLLECTED_FILE;
    if (S_ISLNK(mode)) return LW_COLLECTED_SYMLINK;
    return S_ISDIR(mode) ? LW_COLLECTED_DIRECTORY : LW_COLLECTED_SPECIAL;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static int append(struct collector *collector, const void *data, size_t size)
{
    int error = lw_fd_write_all(collector->out, data, size);
    if (!error) collector->size += (off_t)size;
    return error;
}

static int add_record(struct collector *collector, uint32_t pattern, uint32_t what, const char *name, uint32_t data_length)
{
    struct lw_collected_record record = {pattern, what, (uint32_t)strlen(name), data_length};
    int error = append(collector, &record, sizeof(record));
    return error ? error : append(collector, name, record.name_length);
}

/* As if nothing had been written from there on. */
static int take_back(struct collector *collector, off_t start)
{
    collector->size = start;
    return ftruncate(collector->out, start) < 0 || lseek(collector->out, start, SEEK_SET) < 0 ? -errno : 0;
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

/* Up to `most` bytes. Returns how many there were, or -errno of the file; an error of ours goes to *fatal. */
static ssize_t copy_bytes(struct collector *collector, int file, uint64_t most, int *fatal)
{
    static char chunk[65536];
    uint64_t done = 0;
    while (done < most) {
        uint64_t wanted = most - done < sizeof(chunk) ? most - done : sizeof(chunk);
        ssize_t count = read(file, chunk, (size_t)wanted);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -errno;
        if (count == 0) break;
        *fatal = append(collector, chunk, (size_t)count);
        if (*fatal) return 0;
        done += (uint64_t)count;
    }
    return (ssize_t)done;
}

/* A file that grows meanwhile gives what it had at first, one that shrinks what it still has. */
static int copy_file(struct collector *collector, uint32_t pattern, const char *name, int file, uint64_t size)
{
    int fatal = 0;
    off_t start = collector->size;
    int error = add_record(collector, pattern, LW_COLLECTED_FILE, name, (uint32_t)size);
    if (error) return error;
    ssize_t copied = copy_bytes(collector, file, size, &fatal);
    if (fatal) return fatal;
    if (copied < 0) {
        error = take_back(collector, start);
        return error ? error : add_record(collector, pattern, what_of_errno((int)copied), name, 0);
    }
    collector->bytes_left -= (uint64_t)copied;
    if ((uint64_t)copied == size) return 0;
    struct lw_collected_record record = {pattern, LW_COLLECTED_FILE, (uint32_t)strlen(name), (uint32_t)copied};
    return pwrite(collector->out, &record, sizeof(record), start) == (ssize_t)sizeof(record) ? 0 : -EIO;
}

/* Opened by the descriptor by which it was looked at: to open(2) a device or a FIFO does something already. */
static int open_for_reading(int place)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* `name` "": what `folder` itself is open on. */
static int take(struct collector *collector, uint32_t pattern, int folder, const char *name)
{
    struct stat status;
    collector->files_left--;
    LW_AUTO_CLOSE int place = *name ? lw_openat2(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, within)
                                    : fcntl(folder, F_DUPFD_CLOEXEC, 0);
    if (place < 0 || fstat(place, &status) < 0)
        return add_record(collector, pattern, what_of_errno(place < 0 ? place : -errno), name, 0);
    uint32_t what = what_of_mode(status.st_mode);
    if (what == LW_COLLECTED_FILE && (uint64_t)status.st_size > collector->bytes_left) what = LW_COLLECTED_TOO_LARGE;
    if (what != LW_COLLECTED_FILE) return add_record(collector, pattern, what, name, 0);
    LW_AUTO_CLOSE int file = open_for_reading(place);
    if (file < 0) return add_record(collector, pattern, what_of_errno(file), name, 0);
    return copy_file(collector, pattern, name, file, (uint64_t)status.st_size);
}

/* --- the names of a folder ---------------------------------------------------------------------------------------- */

static int is_pattern(const char *name)
{
    return strpbrk(name, "*?[\\") != NULL;
}

static int fits(const struct collector *collector, uint32_t pattern, const char *name)
{
    const char *wanted = name_of(collector, pattern);
    return is_pattern(wanted) ? fnmatch(wanted, name, FNM_PERIOD) == 0 : strcmp(wanted, name) == 0;
}

/* An earlier pattern has it already. */
static int is_taken(const struct collector *collector, uint32_t pattern, const char *name)
{
    for (uint32_t i = 0; i < pattern; i++) {
        if (collector->request->mounts[i] == collector->request->mounts[pattern] &&
            strcmp(folder_of(collector, i), folder_of(collector, pattern)) == 0 && fits(collector, i, name))
            return 1;
    }
    return 0;
}

static void keep(struct matches *matches, const char *name)
{
    uint32_t at = matches->count;
    size_t length = strlen(name);
    while (at > 0 && strcmp(name, matches->names[matches->order[at - 1]]) < 0) at--;
    int full = matches->count == matches->most, too_long = length >= NAME_ROOM;
    matches->more |= full || too_long;
    if (at == matches->most || too_long) return;
    uint32_t last = full ? matches->count - 1 : matches->count++;
    uint32_t row = full ? matches->order[last] : last;
    memmove(&matches->order[at + 1], &matches->order[at], (last - at) * sizeof(matches->order[0]));
    matches->order[at] = row;
    memcpy(matches->names[row], name, length + 1);
}

/* Returns 1 when some fit, or did so for an earlier pattern, 0, or -errno. */
static int find_matches(struct collector *collector, uint32_t pattern, int folder, struct matches *matches)
{
    _Alignas(8) static char buffer[32768];
    int found = 0;
    for (;;) {
        ssize_t size = getdents64(folder, buffer, sizeof(buffer));
        if (size <= 0) return size < 0 ? -errno : found;
        for (ssize_t at = 0; at < size;) {
            const struct dirent64 *entry = (const struct dirent64 *)(void *)(buffer + at);
            at += entry->d_reclen;
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            if (collector->names_left == 0) {
                matches->more = 1;
                return 1;
            }
            collector->names_left--;
            if (!fits(collector, pattern, entry->d_name)) continue;
            found = 1;
            if (!is_taken(collector, pattern, entry->d_name)) keep(matches, entry->d_name);
        }
    }
}

static int collect_matching(struct collector *collector, uint32_t pattern, int folder)
{
    static struct matches matches;
    matches.count = 0;
    matches.more = 0;
    matches.most = collector->files_left;
    int found = find_matches(collector, pattern, folder, &matches);
    if (found <= 0) return add_record(collector, pattern, found < 0 ? what_of_errno(found) : LW_COLLECTED_MISSING, "", 0);
    int error = 0;
    for (uint32_t i = 0; i < matches.count && !error; i++)
        error = take(collector, pattern, folder, matches.names[matches.order[i]]);
    return error || !matches.more ? error : add_record(collector, pattern, LW_COLLECTED_TOO_MANY, "", 0);
}

/* --- a pattern ---------------------------------------------------------------------------------------------------- */

static int collect_one(struct collector *collector, uint32_t pattern, int folder, const char *name)
{
    if (*name && is_taken(collector, pattern, name)) return 0;
    if (collector->files_left > 0) return take(collector, pattern, folder, name);
    return add_record(collector, pattern, LW_COLLECTED_TOO_MANY, "", 0);
}

static int collect(struct collector *collector, uint32_t pattern)
{
    uint32_t index = collector->request->mounts[pattern];
    const char *folder = folder_of(collector, pattern), *name = name_of(collector, pattern);
    if (index == LW_COLLECT_NO_MOUNT) return add_record(collector, pattern, LW_COLLECTED_MISSING, "", 0);
    int mount = collector->mounts[index];
    if (*folder == '\0' && !is_pattern(name)) return collect_one(collector, pattern, mount, name);
    /* Of a folder that is not listed, to search it is enough. */
    uint64_t flags = is_pattern(name) ? O_RDONLY | O_NONBLOCK : O_PATH;
    LW_AUTO_CLOSE int opened = lw_openat2(mount, *folder ? folder : ".", flags | O_DIRECTORY | O_CLOEXEC, within);
    if (opened < 0) return add_record(collector, pattern, what_of_errno(opened), "", 0);
    return is_pattern(name) ? collect_matching(collector, pattern, opened) : collect_one(collector, pattern, opened, name);
}

int lw_collector_run(const struct lw_collect_request *request, const char *const *strings, const int *mounts)
{
    int out = memfd_create("leeward-collected", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (out < 0) return -errno;
    uint32_t files = request->files_max < LW_COLLECT_FILES_MAX ? request->files_max : LW_COLLECT_FILES_MAX;
    struct collector collector = {.request = request,
                                  .strings = strings,
                                  .mounts = mounts,
                                  .out = out,
                                  .bytes_left = request->bytes_max,
                                  .files_left = files,
                                  .names_left = NAMES_MAX};
    int error = 0;
    for (uint32_t i = 0; i < request->count && !error; i++) error = collect(&collector, i);
    if (!error && fcntl(out, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) error = -errno;
    if (!error) return out;
    close(out);
    return error;
}
