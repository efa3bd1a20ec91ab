#include "state.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../supervisor_fixture.h"

/* Where text was added to last, as a rule the place of the next, too; NULL after it was made shorter. */
static char *last;
static size_t last_used;

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char *text, const char *format, ...)
{
    size_t used = last == text && last_used < STATE_MAX ? last_used + strlen(text + last_used) : strlen(text);
    if (last == text && *text == '\0') used = 0;
    last = text;
    last_used = used;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, STATE_MAX - used, format, arguments);
    va_end(arguments);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_lines(char *text)
{
    static char copy[STATE_MAX];
    static const char *lines[8192];
    size_t count = 0;
    strcpy(copy, text);
    for (char *line = strtok(copy, "\n"); line && count < 8192; line = strtok(NULL, "\n")) lines[count++] = line;
    qsort(lines, count, sizeof(*lines), compare_lines);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) add(text, "%s\n", lines[i]);
}

static size_t read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    for (ssize_t count = 1; fd >= 0 && count > 0 && used + 1 < size; used += count > 0 ? (size_t)count : 0)
        count = read(fd, text + used, size - 1 - used);
    if (fd >= 0) close(fd);
    text[used] = '\0';
    return used;
}

/* The length of a name that ends with a number of ours, 0 for other text. */
static size_t numbered(const char *text)
{
    static const char *const names[] = {"worker-", "zygote-", "pool-"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strncmp(text, names[i], strlen(names[i])) == 0) return strlen(names[i]);
    }
    return 0;
}

/* A worker's slot, in its host id and in the name of its control group, is whichever is free. */
static void hide_slots(char *text)
{
    char *to = text;
    last = NULL;
    for (const char *from = text; *from;) {
        if (isdigit((unsigned char)*from) && (from == text || !isdigit((unsigned char)from[-1]))) {
            char *end;
            long number = strtol(from, &end, 10);
            if (number >= SLOT_BASE && number < SLOT_BASE + 64) {
                memcpy(to, "SLOT", 4);
                to += 4;
                from = end;
                continue;
            }
        }
        size_t length = numbered(from);
        if (length) {
            memmove(to, from, length);
            to += length;
            from += length + strspn(from + length, "0123456789");
            continue;
        }
        *to++ = *from++;
    }
    *to = '\0';
}

static void add_descriptors(const char *process, const char *who, int with_numbers, char *text)
{
    char path[600], link[300];
    snprintf(path, sizeof(path), "/proc/%s/fd", process);
    DIR *directory = opendir(path);
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof(path), "/proc/%s/fd/%s", process, entry->d_name);
        ssize_t size = readlink(path, link, sizeof(link) - 1);
        if (size < 0) continue;
        link[size] = '\0';
        if (link[0] != '/' && strncmp(link, "anon_inode:", 11) != 0) link[strcspn(link, ":")] = '\0';
        /* Pooled and cached on purpose, up to a bound: network namespaces of a pool, user namespaces of id-mapped mounts. */
        if (!with_numbers && (strcmp(link, "net") == 0 || strcmp(link, "user") == 0)) continue;
        if (with_numbers)
            add(text, "%s %s %s\n", who, entry->d_name, link);
        else
            add(text, "%s descriptor %s\n", who, link);
    }
    if (directory) closedir(directory);
}

/* Mount point, options, type: what stays the same when the same mount is made again. */
static void add_mounts(const char *process, const char *who, char *text)
{
    static char mounts[STATE_MAX];
    char path[64];
    snprintf(path, sizeof(path), "/proc/%s/mountinfo", process);
    read_file(path, mounts, sizeof(mounts));
    for (char *line = strtok(mounts, "\n"); line; line = strtok(NULL, "\n")) {
        char root[512], point[512], options[512], type[64] = "";
        const char *end = strstr(line, " - ");
        if (sscanf(line, "%*d %*d %*s %511s %511s %511s", root, point, options) == 3 && end && sscanf(end, " - %63s", type) == 1)
            add(text, "%s mount %s %s %s %s\n", who, root, point, options, type);
    }
}

/* Without files where those come with their directory, as in a control group. Two levels: beneath them lie the host's own trees. */
static void add_tree(const char *base, const char *name, int files, int levels, char *text)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s%s", base, name);
    DIR *directory = opendir(path);
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry; entry = readdir(directory)) {
        if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && !files)) continue;
        char child[512];
        snprintf(child, sizeof(child), "%.250s/%.250s", name, entry->d_name);
        add(text, "tree %s\n", child);
        if (entry->d_type == DT_DIR && levels > 1) add_tree(base, child, files, levels - 1, text);
    }
    if (directory) closedir(directory);
}

static void add_groups(char *text)
{
    DIR *directory = opendir("/sys/fs/cgroup");
    for (struct dirent *entry = directory ? readdir(directory) : NULL; entry; entry = readdir(directory)) {
        char base[600];
        if (entry->d_name[0] == '.' || entry->d_type == DT_LNK) continue;
        snprintf(base, sizeof(base), "/sys/fs/cgroup/%s/%s", entry->d_name, cgroup_name);
        if (access(base, F_OK) == 0) add(text, "group %s\n", entry->d_name);
        add_tree(base, "", 0, 2, text);
    }
    if (directory) closedir(directory);
}

static void read_name(const char *process, char name[64])
{
    char path[300];
    snprintf(path, sizeof(path), "/proc/%s/comm", process);
    read_file(path, name, 64);
    name[strcspn(name, "\n")] = '\0';
}

unsigned state_count_processes(void)
{
    unsigned count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry = proc ? readdir(proc) : NULL; entry; entry = readdir(proc)) count += atoi(entry->d_name) > 1;
    if (proc) closedir(proc);
    return count > 0 ? count - 1 : 0; /* the tracer */
}

unsigned state_processes_in(const char *state)
{
    unsigned count = strncmp(state, "process ", 8) == 0;
    for (const char *line = strstr(state, "\nprocess "); line; line = strstr(line + 1, "\nprocess ")) count++;
    return count;
}

void state_of_host(char text[STATE_MAX])
{
    text[0] = '\0';
    DIR *proc = opendir("/proc");
    for (struct dirent *entry = proc ? readdir(proc) : NULL; entry; entry = readdir(proc)) {
        char name[64];
        /* 1 is the test itself. */
        if (atoi(entry->d_name) <= 1) continue;
        read_name(entry->d_name, name);
        if (*name == '\0' || strcmp(name, "tracer") == 0) continue;
        add(text, "process %s\n", name);
        add_descriptors(entry->d_name, name, 0, text);
        if (strcmp(name, "leeward-super") != 0) continue;
        char root[600];
        snprintf(root, sizeof(root), "/proc/%.32s/root%s", entry->d_name, workspace);
        add_tree(root, "", 1, 2, text);
        add_mounts(entry->d_name, "supervisor", text);
    }
    if (proc) closedir(proc);
    hide_slots(text);
    add_mounts("self", "host", text);
    add_groups(text);
    hide_slots(text);
    add_tree(workspace, "", 1, 2, text);
    sort_lines(text);
}

static void add_status(const char *process, char *text)
{
    static const char *const wanted[] = {"Umask:", "Uid:",    "Gid:",    "Groups:", "CapInh:", "CapPrm:",
                                         "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Seccomp_filters:",
                                         "Threads:", "SigBlk:", "SigIgn:"};
    char path[64], status[8192];
    snprintf(path, sizeof(path), "/proc/%s/status", process);
    read_file(path, status, sizeof(status));
    for (char *line = strtok(status, "\n"); line; line = strtok(NULL, "\n")) {
        for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
            if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) add(text, "status %s\n", line);
        }
    }
}

static void add_lines(const char *process, const char *file, char *text)
{
    char path[64], content[8192];
    snprintf(path, sizeof(path), "/proc/%s/%s", process, file);
    read_file(path, content, sizeof(content));
    for (char *line = strtok(content, "\n"); line; line = strtok(NULL, "\n")) add(text, "%s %s\n", file, line);
}

static void add_namespaces(const char *process, char *text)
{
    static const char *const names[] = {"user", "pid", "mnt", "net", "ipc", "uts", "cgroup", "time"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char path[64];
        struct stat own, theirs;
        snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
        if (stat(path, &own) < 0) continue;
        snprintf(path, sizeof(path), "/proc/%s/ns/%s", process, names[i]);
        add(text, "namespace %s %s\n", names[i], stat(path, &theirs) < 0 ? "?" : own.st_ino == theirs.st_ino ? "shared" : "own");
    }
}

void state_of_job(pid_t pid, char text[STATE_MAX])
{
    char process[16];
    text[0] = '\0';
    snprintf(process, sizeof(process), "%d", (int)pid);
    add_status(process, text);
    add_lines(process, "uid_map", text);
    add_lines(process, "gid_map", text);
    add_lines(process, "limits", text);
    add_lines(process, "cgroup", text);
    add_namespaces(process, text);
    add_descriptors(process, "descriptor", 1, text);
    add_mounts(process, "job", text);
    hide_slots(text);
}

/* The test's namespace, the supervisor's, the pool's, its own: four. Its init is there, too, under another name. */
pid_t state_find_job(void)
{
    pid_t found = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry = proc ? readdir(proc) : NULL; entry && !found; entry = readdir(proc)) {
        char name[64], path[600], status[8192];
        if (atoi(entry->d_name) <= 1) continue;
        read_name(entry->d_name, name);
        if (strncmp(name, "python3", 7) != 0) continue;
        snprintf(path, sizeof(path), "/proc/%s/status", entry->d_name);
        read_file(path, status, sizeof(status));
        const char *line = strstr(status, "\nNSpid:");
        int depth = 0;
        for (const char *c = line ? line + 1 : ""; *c && *c != '\n'; c++) depth += *c == '\t';
        if (depth == 4) found = atoi(entry->d_name);
    }
    if (proc) closedir(proc);
    return found;
}

static void add_missing(const char *from, const char *in, char sign, char *text, size_t size)
{
    static char copy[STATE_MAX], other[STATE_MAX];
    strcpy(copy, from);
    snprintf(other, sizeof(other), "\n%s", in);
    char *place = copy;
    for (char *line = strsep(&place, "\n"); line; line = strsep(&place, "\n")) {
        char wanted[2048];
        if (!*line) continue;
        snprintf(wanted, sizeof(wanted), "\n%s\n", line);
        char *found = strstr(other, wanted);
        size_t used = strlen(text);
        if (found)
            found[1] = '\1'; /* each line counts once */
        else
            snprintf(text + used, size - used, "%c %s; ", sign, line);
    }
}

void state_difference(const char *before, const char *now, char *text, size_t size)
{
    text[0] = '\0';
    add_missing(before, now, '-', text, size);
    add_missing(now, before, '+', text, size);
}
