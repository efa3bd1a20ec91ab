/* What of a stopped process's registers an injector touches, per architecture. */
#ifndef LW_FAULT_REGISTERS_H
#define LW_FAULT_REGISTERS_H

#include <stdint.h>
#include <sys/types.h>

/* At the entry of a system call: its number, one argument. */
void registers_set_call(pid_t tid, long nr);
void registers_set_argument(pid_t tid, int number, uint64_t value);

/* At its exit: the result, -errno for an error. */
void registers_set_result(pid_t tid, long result);

/* The flags of the clone(2), fork(2) or clone3(2) that the process is just making. */
uint64_t registers_clone_flags(pid_t tid);

#endif
