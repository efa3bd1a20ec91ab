#include "call.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lw_syscall_names_gen.h"

#if defined(__x86_64__)
#define NAMES lw_syscall_names_x86_64
#else
#define NAMES lw_syscall_names_aarch64
#endif

/* What of the arguments belongs to a call's name: s a string, x a number, d the kind of a descriptor, c the flags of clone3. */
static const struct {
    uint64_t nr;
    char kind;
    int argument;
} details[] = {
    {SYS_openat, 's', 1},     {SYS_openat2, 's', 1},      {SYS_mkdirat, 's', 1},   {SYS_mknodat, 's', 1},
    {SYS_newfstatat, 's', 1}, {SYS_newfstatat, 'd', 0},   {SYS_faccessat, 's', 1}, {SYS_readlinkat, 's', 1},
    {SYS_unlinkat, 's', 1},   {SYS_symlinkat, 's', 2},    {SYS_execve, 's', 0},    {SYS_chdir, 's', 0},
    {SYS_mount, 's', 1},      {SYS_umount2, 's', 0},      {SYS_statx, 's', 1},     {SYS_statx, 'd', 0},
    {SYS_open_tree, 's', 1},  {SYS_mount_setattr, 's', 1}, {SYS_fsopen, 's', 0},   {SYS_sethostname, 's', 0},
    {SYS_fsconfig, 'x', 1},   {SYS_fsconfig, 's', 2},     {SYS_prctl, 'x', 0},     {SYS_keyctl, 'x', 0},
    {SYS_fcntl, 'x', 1},      {SYS_ioctl, 'x', 1},        {SYS_epoll_ctl, 'x', 1}, {SYS_setns, 'x', 1},
    {SYS_unshare, 'x', 0},    {SYS_clone3, 'c', 0},       {SYS_prlimit64, 'x', 1}, {SYS_setsockopt, 'x', 2},
    {SYS_getsockopt, 'x', 2}, {SYS_rt_sigprocmask, 'x', 0}, {SYS_read, 'd', 0},    {SYS_write, 'd', 0},
    {SYS_close, 'd', 0},      {SYS_fstat, 'd', 0},        {SYS_fstatfs, 'd', 0},   {SYS_sendmsg, 'd', 0},
    {SYS_recvmsg, 'd', 0},    {SYS_fchmod, 'd', 0},       {SYS_fchdir, 'd', 0},    {SYS_getdents64, 'd', 0},
    {SYS_pread64, 'd', 0},    {SYS_waitid, 'x', 0},       {SYS_seccomp, 'x', 1},   {SYS_futex, 'x', 1},
#ifdef SYS_open
    {SYS_open, 's', 0},       {SYS_stat, 's', 0},         {SYS_access, 's', 0},    {SYS_readlink, 's', 0},
    {SYS_mkdir, 's', 0},      {SYS_mknod, 's', 0},        {SYS_rmdir, 's', 0},     {SYS_unlink, 's', 0},
#endif
};

const char *call_base_name(uint64_t nr)
{
    const char *name = nr < sizeof(NAMES) / sizeof(*NAMES) ? NAMES[nr] : NULL;
    return name ? name : "unknown";
}

static void append(char *name, const char *text)
{
    size_t used = strlen(name);
    snprintf(name + used, CALL_NAME_MAX - used, " %s", text);
}

/* Digits become one '#'; a name that mkdtemp(3) made up has letters, too, and stands behind the last '-'. */
static void append_path(char *name, const char *path)
{
    char text[64];
    size_t size = 0;
    for (const char *c = path; *c && size + 1 < sizeof(text); c++) {
        if (!isdigit((unsigned char)*c))
            text[size++] = isprint((unsigned char)*c) ? *c : '?';
        else if (size == 0 || text[size - 1] != '#')
            text[size++] = '#';
    }
    text[size] = '\0';
    append(name, text);
}

/* Where the string crosses into a page that is not there, what stands before it is read. */
static void append_string(pid_t tid, uint64_t address, char *name)
{
    char text[200] = "";
    struct iovec ours = {text, sizeof(text) - 1};
    size_t first_page = 4096 - address % 4096;
    struct iovec theirs[] = {{(void *)(uintptr_t)address, first_page < sizeof(text) - 1 ? first_page : sizeof(text) - 1},
                             {(void *)(uintptr_t)(address + first_page), sizeof(text)}};
    if (!address || process_vm_readv(tid, &ours, 1, theirs, 2, 0) <= 0) return;
    if (*text) append_path(name, text);
}

/* "pipe", "socket", "anon_inode", or the path. */
static void append_descriptor(pid_t tid, uint64_t fd, char *name)
{
    char link[64], path[64] = "";
    snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)tid, (int)fd);
    ssize_t size = readlink(link, path, sizeof(path) - 1);
    if (size < 0) return;
    path[size] = '\0';
    if (path[0] != '/') path[strcspn(path, "[") - (strchr(path, ':') ? 1 : 0)] = '\0';
    /* Where a temporary directory lies is no part of a call. */
    if (strncmp(path, "/tmp/", 5) == 0) strcpy(path, "/tmp");
    append_path(name, path);
}

static void append_clone_flags(pid_t tid, uint64_t address, char *name)
{
    uint64_t flags = 0;
    char text[24];
    struct iovec ours = {&flags, sizeof(flags)}, theirs = {(void *)(uintptr_t)address, sizeof(flags)};
    if (process_vm_readv(tid, &ours, 1, &theirs, 1, 0) != sizeof(flags)) return;
    snprintf(text, sizeof(text), "0x%llx", (unsigned long long)flags);
    append(name, text);
}

void call_name(pid_t tid, const struct fault_call *call, char name[CALL_NAME_MAX])
{
    char text[24];
    snprintf(name, CALL_NAME_MAX, "%s", call_base_name(call->nr));
    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
        if (details[i].nr != call->nr) continue;
        uint64_t value = call->args[details[i].argument];
        snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
        switch (details[i].kind) {
        case 's': append_string(tid, value, name); break;
        case 'd': append_descriptor(tid, value, name); break;
        case 'c': append_clone_flags(tid, value, name); break;
        default: append(name, text);
        }
    }
}
