/* What is collected of a folder in which anything may lie, by whoever runs this: root and an ordinary user find other things unreadable. */
#include "lw_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lw_fd.h"
#include "lw_plan_gen.h"
#include "supervisor/collector.h"

enum { MANY = 300 };

static char directory[] = "/tmp/leeward-collector-XXXXXX";
static int mount_fd = -1;
static char *collected; /* the records */
static size_t collected_size;

static char *path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static void put(const char *name, const char *text)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || lw_fd_write_all(fd, text, strlen(text))) abort();
    close(fd);
}

static void read_records(int fd)
{
    struct stat status;
    free(collected);
    if (fstat(fd, &status) < 0) abort();
    collected_size = (size_t)status.st_size;
    collected = calloc(1, collected_size + 1);
    if (pread(fd, collected, collected_size, 0) != (ssize_t)collected_size) abort();
}

static int collect_bounded(const char *const *strings, uint32_t count, uint64_t bytes, uint32_t files)
{
    const struct lw_collect_request request = {.operation = LW_OPENER_COLLECT, .count = count, .bytes_max = bytes, .files_max = files};
    int fd = lw_collector_run(&request, strings, &mount_fd);
    if (fd < 0) return fd;
    int seals = fcntl(fd, F_GET_SEALS);
    read_records(fd);
    close(fd);
    return seals & F_SEAL_WRITE ? 0 : -EPERM;
}

/* One pattern in `folder`. */
static int collect(const char *folder, const char *name)
{
    const char *strings[] = {folder, name};
    return collect_bounded(strings, 1, 1 << 20, LW_COLLECT_FILES_MAX);
}

/* The record at `*at`, which moves on; NULL at the end, or where it is not whole. */
static const struct lw_collected_record *next_record(size_t *at, const char **name, const char **data)
{
    static struct lw_collected_record record;
    if (*at + sizeof(record) > collected_size) return NULL;
    memcpy(&record, collected + *at, sizeof(record));
    *name = collected + *at + sizeof(record);
    *data = *name + record.name_length;
    *at += sizeof(record) + record.name_length + record.data_length;
    return *at <= collected_size ? &record : NULL;
}

static uint32_t record_count(void)
{
    const char *name, *data;
    uint32_t count = 0;
    for (size_t at = 0; next_record(&at, &name, &data);) count++;
    return count;
}

/* What is said of a name, -1: nothing. `text` NULL: a file's bytes do not matter. */
static int said_of(const char *wanted, const char *text)
{
    const char *name, *data;
    const struct lw_collected_record *record;
    for (size_t at = 0; (record = next_record(&at, &name, &data));) {
        if (record->name_length != strlen(wanted) || memcmp(name, wanted, strlen(wanted)) != 0) continue;
        int right = !text || (record->data_length == strlen(text) && memcmp(data, text, strlen(text)) == 0);
        return right ? (int)record->what : -2;
    }
    return -1;
}

static void gives_what_fits_a_pattern(void)
{
    put("a.txt", "first");
    put("b.txt", "");
    put(".hidden.txt", "no");
    put("c.csv", "no");
    LW_CHECK(collect("", "*.txt") == 0 && record_count() == 2);
    LW_CHECK(said_of("a.txt", "first") == LW_COLLECTED_FILE && said_of("b.txt", "") == LW_COLLECTED_FILE);
    LW_CHECK(collect("", "[ab].t?t") == 0 && record_count() == 2);
    LW_CHECK(collect("", ".h*") == 0 && said_of(".hidden.txt", "no") == LW_COLLECTED_FILE);
    LW_CHECK(collect("", "c.csv") == 0 && record_count() == 1 && said_of("c.csv", "no") == LW_COLLECTED_FILE);
    LW_CHECK(collect("sub", "*") == 0 && record_count() == 1 && said_of("in", "deep") == LW_COLLECTED_FILE);
    LW_CHECK(collect("sub", "\\*") == 0 && said_of("", NULL) == LW_COLLECTED_MISSING);
}

static void names_what_it_does_not_give(void)
{
    LW_CHECK(collect("planted", "*") == 0);
    LW_CHECK(said_of("link", "") == LW_COLLECTED_SYMLINK && said_of("dangling", "") == LW_COLLECTED_SYMLINK);
    LW_CHECK(said_of("fifo", "") == LW_COLLECTED_SPECIAL && said_of("socket", "") == LW_COLLECTED_SPECIAL);
    LW_CHECK(said_of("folder", "") == LW_COLLECTED_DIRECTORY);
    LW_CHECK(said_of("closed", "") == LW_COLLECTED_UNREADABLE || geteuid() == 0);
    LW_CHECK(said_of("sparse", "") == LW_COLLECTED_TOO_LARGE);
    LW_CHECK(said_of("device", "") == LW_COLLECTED_SPECIAL || geteuid() != 0);
    LW_CHECK(said_of("fine", "yes") == LW_COLLECTED_FILE);
    LW_CHECK(collect("planted", "link") == 0 && said_of("link", "") == LW_COLLECTED_SYMLINK && record_count() == 1);
    LW_CHECK(collect("planted/to-etc", "passwd") == 0 && said_of("", "") == LW_COLLECTED_SYMLINK);
    LW_CHECK(collect("planted/to-etc", "*") == 0 && said_of("", "") == LW_COLLECTED_SYMLINK && record_count() == 1);
    LW_CHECK(collect("", "nothing") == 0 && said_of("nothing", "") == LW_COLLECTED_MISSING);
    LW_CHECK(collect("none", "*") == 0 && said_of("", "") == LW_COLLECTED_MISSING);
    LW_CHECK(collect("..", "*") == 0 && said_of("", "") == LW_COLLECTED_OTHER_MOUNT);
    LW_CHECK(collect("", "../x") == 0 && said_of("../x", "") == LW_COLLECTED_OTHER_MOUNT);
}

static void holds_to_its_bounds(void)
{
    char name[32];
    const char *all[] = {"many", "*"}, *text[] = {"", "a.txt", "", "b.txt", "", "c.csv"};
    LW_CHECK(collect("many", "*") == 0 && record_count() == LW_COLLECT_FILES_MAX + 1);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "file-%03d", i);
        LW_CHECK((said_of(name, "x") == LW_COLLECTED_FILE) == (i < (int)LW_COLLECT_FILES_MAX));
    }
    LW_CHECK(said_of("", "") == LW_COLLECTED_TOO_MANY);
    LW_CHECK(collect_bounded(all, 1, 100, 5) == 0 && record_count() == 6 && said_of("file-004", "x") == LW_COLLECTED_FILE);
    LW_CHECK(collect_bounded(all, 1, 3, 10) == 0 && said_of("file-002", "x") == LW_COLLECTED_FILE);
    LW_CHECK(said_of("file-003", "") == LW_COLLECTED_TOO_LARGE && said_of("file-009", "") == LW_COLLECTED_TOO_LARGE);
    LW_CHECK(collect_bounded(text, 3, 6, 2) == 0 && record_count() == 3 && said_of("a.txt", "first") == LW_COLLECTED_FILE);
    LW_CHECK(said_of("b.txt", "") == LW_COLLECTED_FILE && said_of("", "") == LW_COLLECTED_TOO_MANY);
}

static void gives_a_file_once(void)
{
    const char *strings[] = {"", "*.txt", "", "a.txt", "", "a*"};
    LW_CHECK(collect_bounded(strings, 3, 100, 10) == 0 && record_count() == 2);
    LW_CHECK(said_of("a.txt", "first") == LW_COLLECTED_FILE);
}

/* A mount may be a single file, and a job may not have had one that is optional. */
static void knows_mounts_that_are_no_folders(void)
{
    const char *strings[] = {"", ""};
    struct lw_collect_request request = {.count = 1, .bytes_max = 100, .files_max = 1};
    int file = open(path_of("a.txt"), O_PATH | O_CLOEXEC);
    int fd = lw_collector_run(&request, strings, &file);
    LW_CHECK(fd >= 0);
    read_records(fd);
    close(fd);
    LW_CHECK(said_of("", "first") == LW_COLLECTED_FILE && record_count() == 1);
    close(file);
    LW_CHECK(collect("", "") == 0 && said_of("", "") == LW_COLLECTED_DIRECTORY);
    request.mounts[0] = LW_COLLECT_NO_MOUNT;
    fd = lw_collector_run(&request, strings, NULL);
    LW_CHECK(fd >= 0);
    read_records(fd);
    close(fd);
    LW_CHECK(said_of("", "") == LW_COLLECTED_MISSING && record_count() == 1);
}

/* What somebody else does there all the time. Returns his process. */
static pid_t meanwhile(void (*change)(void))
{
    pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) change();
}

static void stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void swap_folder(void)
{
    char folder[512];
    snprintf(folder, sizeof(folder), "%s", path_of("swapped"));
    syscall(SYS_renameat2, AT_FDCWD, folder, AT_FDCWD, path_of("swap-link"), RENAME_EXCHANGE);
}

/* The folder is a link to one outside, and again itself. */
static void follows_no_folder_that_is_swapped(void)
{
    char outside[] = "/tmp/leeward-outside-XXXXXX", file[64];
    int folders = 0, links = 0, escapes = 0;
    LW_CHECK(mkdtemp(outside) && mkdir(path_of("swapped"), 0755) == 0 && symlink(outside, path_of("swap-link")) == 0);
    put("swapped/file", "inside");
    snprintf(file, sizeof(file), "%s/file", outside);
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    LW_CHECK(fd >= 0 && lw_fd_write_all(fd, "outside", 7) == 0);
    close(fd);
    pid_t other = meanwhile(swap_folder);
    for (int i = 0; i < 500; i++) {
        escapes += collect("swapped", i % 2 ? "*" : "file") != 0;
        folders += said_of("file", "inside") == LW_COLLECTED_FILE;
        links += said_of("", "") == LW_COLLECTED_SYMLINK;
        escapes += said_of("file", "outside") >= 0;
    }
    stop(other);
    unlink(file);
    rmdir(outside);
    LW_CHECK(escapes == 0 && folders > 0 && links > 0);
}

static void change_size(void)
{
    if (truncate(path_of("changing"), 200000) < 0 || truncate(path_of("changing"), 10) < 0) _exit(1);
}

static void gives_whole_records_of_files_that_change(void)
{
    put("changing", "0123456789");
    pid_t other = meanwhile(change_size);
    int whole = 0;
    for (int i = 0; i < 200; i++) {
        const char *name, *data;
        size_t at = 0;
        if (collect("", "changing") != 0) break;
        const struct lw_collected_record *record = next_record(&at, &name, &data);
        whole += record && record->what == LW_COLLECTED_FILE && at == collected_size && record->data_length <= 200000;
    }
    stop(other);
    LW_CHECK(whole == 200);
}

static void remove_folder(const char *path)
{
    char command[600];
    snprintf(command, sizeof(command), "rm -rf '%s'", path);
    if (system(command) != 0) printf("# %s is left\n", path);
}

/* In memory: on a disk it would take the test's time. */
static void looks_at_so_many_names(void)
{
    enum { NAMES = 70000 };
    char crowd[] = "/dev/shm/leeward-crowd-XXXXXX", name[32];
    int of_the_others = mount_fd, made = 0;
    if (!mkdtemp(crowd)) {
        printf("skip looks_at_so_many_names: /dev/shm: %s\n", strerror(errno));
        return;
    }
    mount_fd = open(crowd, O_PATH | O_CLOEXEC);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof(name), "%d", i);
        made += mknodat(mount_fd, name, S_IFREG | 0600, 0) == 0;
    }
    int literal = collect("", "none") == 0 && record_count() == 1 && said_of("none", "") == LW_COLLECTED_MISSING;
    int pattern = collect("", "none*") == 0 && record_count() == 1 && said_of("", "") == LW_COLLECTED_TOO_MANY;
    close(mount_fd);
    mount_fd = of_the_others;
    remove_folder(crowd);
    LW_CHECK(made == NAMES && literal && pattern);
}

static void put_planted(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (mkdir(path_of("planted"), 0755) < 0 || mkdir(path_of("planted/folder"), 0755) < 0) abort();
    if (symlink("fine", path_of("planted/link")) < 0 || symlink("/etc", path_of("planted/to-etc")) < 0 ||
        symlink("/no/such", path_of("planted/dangling")) < 0 || mkfifo(path_of("planted/fifo"), 0666) < 0)
        abort();
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path_of("planted/socket"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) abort();
    close(fd);
    put("planted/fine", "yes");
    put("planted/closed", "no");
    put("planted/sparse", "");
    if (chmod(path_of("planted/closed"), 0) < 0 || truncate(path_of("planted/sparse"), (off_t)1 << 40) < 0) abort();
    if (geteuid() == 0 && mknod(path_of("planted/device"), S_IFCHR | 0666, makedev(1, 5)) < 0 && errno != EPERM) abort();
}

static void set_up(void)
{
    char name[32];
    if (!mkdtemp(directory)) abort();
    if (mkdir(path_of("sub"), 0755) < 0 || mkdir(path_of("many"), 0755) < 0) abort();
    put("sub/in", "deep");
    put_planted();
    /* The last ones first: their order is not the folder's. */
    for (int i = MANY; i-- > 0;) {
        snprintf(name, sizeof(name), "many/file-%03d", i);
        put(name, "x");
    }
    mount_fd = open(directory, O_PATH | O_CLOEXEC);
    if (mount_fd < 0) abort();
}

static void clean_up(void)
{
    free(collected);
    close(mount_fd);
    remove_folder(directory);
}

int main(void)
{
    set_up();
    LW_RUN(gives_what_fits_a_pattern);
    LW_RUN(names_what_it_does_not_give);
    LW_RUN(holds_to_its_bounds);
    LW_RUN(gives_a_file_once);
    LW_RUN(knows_mounts_that_are_no_folders);
    LW_RUN(follows_no_folder_that_is_swapped);
    LW_RUN(gives_whole_records_of_files_that_change);
    LW_RUN(looks_at_so_many_names);
    clean_up();
    return lw_test_status();
}
