/* One system call of a traced process, named so that the same call has the same name in the next run. */
#ifndef LW_FAULT_CALL_H
#define LW_FAULT_CALL_H

#include <stdint.h>
#include <sys/types.h>

enum { CALL_NAME_MAX = 96 };

struct fault_call {
    uint64_t nr;
    uint64_t args[6];
};

/* "openat /proc/#/status", "prctl 0x26", "read pipe": what a reader of the matrix needs to find the line. Numbers in paths are
 * replaced, as pids and slots differ from run to run. `tid` must be stopped. */
void call_name(pid_t tid, const struct fault_call *call, char name[CALL_NAME_MAX]);

/* The name of a system call of this architecture. */
const char *call_base_name(uint64_t nr);

#endif
