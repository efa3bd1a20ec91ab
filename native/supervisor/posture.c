#include "supervisor/posture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lw_auto.h"
#include "lw_landlock.h"
#include "lw_plan.h"

static const uint64_t expected_descriptors = 0x1f;
static const uint64_t payload_descriptor = 1ull << LW_JOB_FD_PAYLOAD;
static const uint32_t expected_flags =
    LW_RECEIPT_FLAG_NO_NEW_PRIVS | LW_RECEIPT_FLAG_SECCOMP_FILTER | LW_RECEIPT_FLAG_CAPABILITIES_EMPTY;

/* The value of a "Name:\tvalue" line, as a number of `base`. */
static int status_value(const char *text, const char *name, int base, unsigned long long *value)
{
    size_t length = strlen(name);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        if (strncmp(line, name, length) != 0 || line[length] != ':') continue;
        *value = strtoull(line + length + 1, NULL, base);
        return 1;
    }
    return 0;
}

uint32_t lw_posture_parse_status(const char *text)
{
    static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
    unsigned long long value;
    uint32_t flags = 0;
    int empty = 1;
    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) empty &= status_value(text, sets[i], 16, &value) && value == 0;
    if (empty) flags |= LW_RECEIPT_FLAG_CAPABILITIES_EMPTY;
    if (status_value(text, "NoNewPrivs", 10, &value) && value == 1) flags |= LW_RECEIPT_FLAG_NO_NEW_PRIVS;
    if (status_value(text, "Seccomp", 10, &value) && value == 2) flags |= LW_RECEIPT_FLAG_SECCOMP_FILTER;
    return flags;
}

static int read_status(int process, struct lw_posture *posture)
{
    char text[8192];
    LW_AUTO_CLOSE int fd = openat(process, "status", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    ssize_t size = read(fd, text, sizeof(text) - 1);
    if (size < 0) return -errno;
    text[size] = '\0';
    posture->receipt_flags = lw_posture_parse_status(text);
    return 0;
}

/* The files of a process that is not dumpable belong to its image's owner instead of its own ids (proc(5)). */
static int read_owner(int process, struct lw_posture *posture)
{
    struct stat directory, file;
    if (fstat(process, &directory) < 0 || fstatat(process, "status", &file, 0) < 0) return -errno;
    /* The directory's own mode is exempt from that rule: it shows the ids. Equal ids tell nothing. */
    if (directory.st_uid != file.st_uid) posture->receipt_flags |= LW_RECEIPT_FLAG_NOT_DUMPABLE;
    return 0;
}

static int read_descriptors(int process, struct lw_posture *posture)
{
    int copy = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return -errno;
    LW_AUTO_DIRECTORY DIR *stream = fdopendir(copy);
    if (!stream) {
        int error = -errno;
        close(copy);
        return error;
    }
    for (errno = 0;;) {
        struct dirent *entry = readdir(stream);
        if (!entry) return -errno; /* 0 at the end */
        if (entry->d_name[0] == '.') continue;
        unsigned long number = strtoul(entry->d_name, NULL, 10);
        posture->descriptors |= 1ull << (number > 62 ? 63 : number);
    }
}

/* Those which are none of `levels`, nor the supervisor's. */
static int read_namespaces(int process, const struct lw_namespace_ids *const *levels, size_t count, struct lw_posture *posture)
{
    struct lw_namespace_ids theirs, own;
    LW_AUTO_CLOSE int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = self < 0 ? -errno : lw_namespace_ids_read(self, &own);
    if (!error) error = lw_namespace_ids_read(process, &theirs);
    if (error) return error;
    posture->namespaces = lw_namespace_ids_apart(&theirs, &own);
    for (size_t i = 0; i < count; i++) posture->namespaces &= lw_namespace_ids_apart(&theirs, levels[i]);
    return 0;
}

int lw_posture_read(pid_t pid, const char *group, const struct lw_namespace_ids *const *levels, size_t count,
                    struct lw_posture *posture)
{
    char path[32];
    *posture = (struct lw_posture){0};
    snprintf(path, sizeof(path), "/proc/%d", (int)pid);
    LW_AUTO_CLOSE int process = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (process < 0) return errno == ENOENT ? -ESRCH : -errno;
    int error = read_status(process, posture);
    if (!error) error = read_owner(process, posture);
    if (!error) error = read_descriptors(process, posture);
    if (!error) error = read_namespaces(process, levels, count, posture);
    if (!error) error = lw_posture_read_identity(process, group, posture);
    return error;
}

static const char *missing_flag(uint32_t flags)
{
    if (!(flags & LW_RECEIPT_FLAG_NO_NEW_PRIVS)) return "no_new_privs is not set";
    if (!(flags & LW_RECEIPT_FLAG_SECCOMP_FILTER)) return "there is no seccomp filter";
    return "its capability sets are not empty";
}

static int same_ids(const struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    return posture->inside_uid == wanted->inside_uid && posture->inside_gid == wanted->inside_gid &&
           posture->outside_uid == wanted->outside_uid && posture->outside_gid == wanted->outside_gid;
}

static int holds_expected(const struct lw_posture *posture, const struct lw_posture_wanted *wanted)
{
    if (wanted->more_descriptors) return (~posture->descriptors & expected_descriptors & ~payload_descriptor) == 0;
    return posture->descriptors == expected_descriptors;
}

int lw_posture_check(const struct lw_posture *posture, const struct lw_posture_wanted *wanted, char *detail, size_t size)
{
    uint32_t missing = wanted->namespaces & ~posture->namespaces;
    uint32_t outside = wanted->limits & ~posture->groups_joined;
    if ((posture->receipt_flags & expected_flags) != expected_flags)
        snprintf(detail, size, "the job is not confined: %s", missing_flag(posture->receipt_flags));
    else if (missing)
        snprintf(detail, size, "the job is not confined: it shares the %s namespace", lw_namespace_name(missing & -missing));
    else if (!holds_expected(posture, wanted))
        snprintf(detail, size, "the job holds descriptors 0x%llx, expected 0x%llx", (unsigned long long)posture->descriptors,
                 (unsigned long long)expected_descriptors);
    else if (!same_ids(posture, wanted))
        snprintf(detail, size, "the job is not confined: its ids %u:%u are %u:%u outside, expected %u:%u as %u:%u",
                 posture->inside_uid, posture->inside_gid, posture->outside_uid, posture->outside_gid, wanted->inside_uid,
                 wanted->inside_gid, wanted->outside_uid, wanted->outside_gid);
    else if (outside)
        snprintf(detail, size, "the job is not in the control group %s of the limit %s", wanted->group,
                 lw_limit_bit_name(outside & -outside));
    else
        return 0;
    return -EPERM;
}

int lw_posture_check_steps(const struct lw_job_report *report, const void *plan, uint32_t landlock_abi_cap,
                           const uint8_t filter[LW_SHA256_SIZE], char *detail, size_t size)
{
    uint32_t kernel_abi;
    int error = lw_landlock_find_abi(&kernel_abi);
    if (error) return error;
    if (kernel_abi == 0 && report->landlock_abi > 0) {
        snprintf(detail, size, "the job reports Landlock ABI %u, and the kernel no Landlock", report->landlock_abi);
        return -EOPNOTSUPP;
    }
    struct lw_landlock_sets sets = lw_landlock_usable(plan, kernel_abi, landlock_abi_cap);
    if (report->landlock_handled_fs != sets.handled_fs || report->landlock_handled_net != sets.handled_net ||
        report->landlock_scoped != sets.scoped)
        snprintf(detail, size, "the job is not confined: its Landlock ruleset is not the plan's");
    else if (memcmp(report->seccomp_digest, filter, LW_SHA256_SIZE) != 0)
        snprintf(detail, size, "the job is not confined: its seccomp filter is not the plan's");
    else
        return 0;
    return -EPERM;
}
