#include "matrix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* A site must be there in each of so many runs: what depends on the order in which processes come to run is none. */
enum { REHEARSALS = 3, SITES_MAX = 4096, LOOP_MIN = 6, ATTEMPTS = 3, UNMET_MIN = 4, UNMET_SHARE = 50 };

static const struct {
    const char *name;
    int error;
} columns[COLUMN_COUNT] = {{"EPERM", EPERM},   {"ENOSYS", ENOSYS}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE},
                           {"EINTR", EINTR}, {"kill", 0},        {"zero", 0},        {"short", 0}};
static const char letters[] = ".RCE!";

unsigned matrix_passed, matrix_failed;
static struct fault_record sites[SITES_MAX];
static uint32_t site_count;
static unsigned unmet;

int matrix_errno(enum fault_column column)
{
    return columns[column].error;
}

/* --- what a fault means where ------------------------------------------------------------------------------------- */

static int is_one_of(uint32_t nr, const uint16_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == nr) return 1;
    }
    return 0;
}
#define IS(nr, ...) is_one_of(nr, (const uint16_t[]){__VA_ARGS__}, sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

/*
 * Returns 0 where the fault cannot be: a test that makes the kernel answer what it never answers tests libc.
 *   exit, exit_group, rt_sigreturn      do not return
 *   getpid ... umask                    "always successful" (their man pages); set_tid_address, too
 *   setfsuid, setfsgid                  have no answer for an error: "return the previous user ID" on success and failure
 *   pause                               only waits to be killed, and may be before it comes to that
 *   futex                               is made only when two threads meet; libc answers errors itself, most by abort(3)
 *   a short write of a control group    the kernel takes the whole or nothing (kernfs_fop_write_iter)
 *   prctl PR_SET_NAME                   a name to look at; this test looks processes up by it
 *   brk                                 answers the old break instead of an error, as does 0; libc makes ENOMEM of it
 *   close                               the descriptor is gone whatever it answers (close(2)): EINTR and ENOSPC, after the fact
 *   restart_syscall                     is the kernel's own continuation of a call
 */
static int fault_of(const struct fault_record *site, enum fault_column column, struct fault_target *target)
{
    *target = (struct fault_target){.site = *site, .action = FAULT_ERRNO, .value = columns[column].error};
    if (IS(site->nr, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_restart_syscall, SYS_pause)) return 0;
    if (column == COLUMN_KILL && site->nr != SYS_futex) {
        target->action = FAULT_KILL;
        return 1;
    }
    if (IS(site->nr, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_umask,
           SYS_setfsuid, SYS_setfsgid, SYS_set_tid_address, SYS_futex))
        return 0;
    if (strcmp(site->call, "prctl 0xf") == 0) return 0;
    if (column == COLUMN_ZERO) {
        target->action = FAULT_ZERO;
        return IS(site->nr, SYS_read, SYS_recvmsg, SYS_pread64, SYS_getdents64);
    }
    if (column == COLUMN_SHORT) {
        target->action = FAULT_SHORT;
        return IS(site->nr, SYS_read, SYS_write) && !strstr(site->call, "/sys/fs/cgroup");
    }
    if (site->nr == SYS_brk) {
        target->action = FAULT_ZERO;
        return column == COLUMN_ENOMEM;
    }
    if (site->nr == SYS_close) {
        target->action = FAULT_AFTER;
        return column == COLUMN_EINTR || column == COLUMN_ENOSPC;
    }
    return 1;
}

/* --- sites -------------------------------------------------------------------------------------------------------- */

static int is_same(const struct fault_record *a, const struct fault_record *b)
{
    return a->occurrence == b->occurrence && strcmp(a->call, b->call) == 0 && strcmp(a->who, b->who) == 0;
}

static int is_other(const struct fault_phase *phase, const struct fault_record *site)
{
    for (const char *const *other = phase->others; *other; other++) {
        if (strcmp(site->who, *other) == 0) return 1;
    }
    return 0;
}

/* Of the sites those that the last recording has (`wanted` 1) or has not (0). */
static void keep_recorded(int wanted)
{
    uint32_t count, kept = 0;
    const struct fault_record *records = tracer_records(&count);
    for (uint32_t i = 0; i < site_count; i++) {
        int found = 0;
        for (uint32_t k = 0; k < count && !found; k++) found = is_same(&sites[i], &records[k]);
        if (found == wanted) sites[kept++] = sites[i];
    }
    site_count = kept;
}

static uint32_t last_occurrence(const struct fault_record *site)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < site_count; i++) {
        if (strcmp(sites[i].call, site->call) == 0 && strcmp(sites[i].who, site->who) == 0 && sites[i].occurrence > last)
            last = sites[i].occurrence;
    }
    return last;
}

/* How often the loop waits and sets its timer depends on what comes together: only the first time is always there. */
static int depends_on_time(const struct fault_record *site)
{
    int loops = site->nr == SYS_timerfd_settime || strncmp(call_base_name(site->nr), "epoll_", 6) == 0;
    return loops && site->nr != SYS_epoll_ctl && site->occurrence > 1;
}

/* Of a loop (all signals, all capabilities) the first, the second, one in the middle and the last. */
static void thin_loops(const struct fault_phase *phase)
{
    static struct fault_record all[SITES_MAX];
    uint32_t kept = 0;
    memcpy(all, sites, sizeof(all));
    for (uint32_t i = 0, count = site_count; i < count; i++) {
        uint32_t last = last_occurrence(&all[i]), occurrence = all[i].occurrence;
        all[i].role[15] = '\0';
        if (depends_on_time(&all[i])) all[i].nr = UINT32_MAX;
        if (last > LOOP_MIN && occurrence > 2 && occurrence != last / 2 && occurrence != last) all[i].nr = UINT32_MAX;
    }
    for (uint32_t i = 0; i < site_count; i++) {
        if (all[i].nr != UINT32_MAX && !is_other(phase, &all[i])) sites[kept++] = all[i];
    }
    site_count = kept;
}

static int find_sites(const struct fault_phase *phase)
{
    uint32_t count;
    for (int i = 0; i < REHEARSALS; i++) {
        if (phase->rehearse()) return -1;
        const struct fault_record *records = tracer_records(&count);
        if (count >= SITES_MAX) return -1;
        if (i == 0) {
            memcpy(sites, records, count * sizeof(*records));
            site_count = count;
        } else {
            keep_recorded(1);
        }
    }
    if (phase->rehearse_without) {
        if (phase->rehearse_without()) return -1;
        keep_recorded(0);
    }
    thin_loops(phase);
    return site_count > 0 ? 0 : -1;
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static void run_case(const struct fault_phase *phase, const struct fault_target *target, enum fault_column column,
                     struct fault_result *result)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        *result = (struct fault_result){0};
        phase->try(target, result);
        if (result->outcome != OUTCOME_NONE) break;
    }
    if (result->outcome == OUTCOME_NONE) {
        printf("# not met: %s: %s %s #%u %s\n", phase->name, target->site.role, target->site.call, target->site.occurrence,
               columns[column].name);
        unmet++;
        return;
    }
    const struct fault_record *site = &target->site;
    int wrong = result->outcome == OUTCOME_WRONG;
    matrix_passed += wrong ? 0 : 1;
    matrix_failed += wrong ? 1 : 0;
    if (wrong || getenv("LW_VERBOSE"))
        printf("%s %s: %s [%s] %s #%u %s: %s\n", wrong ? "not ok" : "# ok", phase->name, site->role, site->who, site->call,
               site->occurrence, columns[column].name, wrong ? result->note : letters[result->outcome] == 'R' ? result->note : "");
    fflush(stdout);
}

/* With LW_ROTATE each site has one of the five errors that no code of ours answers by trying again, and all other faults. */
static int is_left_out(const struct fault_record *site, int column)
{
    return getenv("LW_ROTATE") && column < COLUMN_EINTR && (site - sites) % COLUMN_EINTR != column;
}

/* LW_SHARD=i/n: of n sites that follow each other the i-th, from 0. Every site is in one shard of the n. */
static int is_in_shard(const struct fault_record *site)
{
    unsigned index = 0, count = 1;
    const char *shard = getenv("LW_SHARD");
    if (shard && (sscanf(shard, "%u/%u", &index, &count) != 2 || index >= count)) abort();
    return (unsigned)(site - sites) % count == index;
}

static void run_site(const struct fault_phase *phase, const struct fault_record *site)
{
    char row[COLUMN_COUNT + 1] = "";
    for (int column = 0; column < COLUMN_COUNT; column++) {
        struct fault_target target;
        struct fault_result result = {0};
        if (fault_of(site, (enum fault_column)column, &target) && !is_left_out(site, column)) run_case(phase, &target, (enum fault_column)column, &result);
        row[column] = letters[result.outcome];
    }
    if (getenv("LW_MATRIX")) printf("| %s | %s | %s #%u | %s |\n", phase->name, site->role, site->call, site->occurrence, row);
}

int matrix_run(const struct fault_phase *phase)
{
    const char *only = getenv("LW_ONLY");
    unsigned failed = matrix_failed;
    if (find_sites(phase)) {
        printf("not ok %s: the rehearsal failed\n", phase->name);
        matrix_failed++;
        return 1;
    }
    printf("# %s: %u sites\n", phase->name, site_count);
    for (uint32_t i = 0; i < site_count; i++) {
        char text[WHO_MAX + CALL_NAME_MAX + 20];
        snprintf(text, sizeof(text), "%s|%s|%s", sites[i].role, sites[i].who, sites[i].call);
        if (getenv("LW_LIST")) printf("# %s #%u\n", text, sites[i].occurrence);
        else if (is_in_shard(&sites[i]) && (!only || strstr(text, only))) run_site(phase, &sites[i]);
    }
    /* Which call comes first is not always the same; more than a few would be sites that nobody tries. */
    if (unmet > UNMET_MIN && unmet * UNMET_SHARE > matrix_passed + matrix_failed) {
        printf("not ok %s: %u calls were not made when they were to fail\n", phase->name, unmet);
        matrix_failed++;
    }
    return (int)(matrix_failed - failed);
}
