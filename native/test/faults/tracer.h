/*
 * The injector: a process that traces a supervisor and everything that this starts (ptrace(2)), from outside its PID namespace. It
 * sees every system call at the kernel's door, so the programs under test are those that are shipped, and a call that somebody adds
 * to the set-up tomorrow is found by the next run.
 *
 * A call is known by who makes it, its name and its occurrence: who is the process's birth (its parent's name, the flags of its
 * clone, the how-manieth such child), or the name that it had before the tracer was armed.
 */
#ifndef LW_FAULT_TRACER_H
#define LW_FAULT_TRACER_H

#include <stdint.h>
#include <sys/types.h>

#include "call.h"

enum { WHO_MAX = 96, RECORDS_MAX = 16384 };

enum fault_action {
    FAULT_ERRNO, /* the call is not made and answers -value */
    FAULT_AFTER, /* the call is made, and then answers -value: close(2) has closed whatever it says */
    FAULT_ZERO,  /* the call is not made and answers 0: the end of a file, a heap that does not grow */
    FAULT_SHORT, /* the call is made with half of its count (argument 2) */
    FAULT_KILL,  /* the process is killed instead of making the call */
};

struct fault_record {
    char who[WHO_MAX];
    char role[16]; /* the process's own name at the end */
    char call[CALL_NAME_MAX];
    uint32_t nr;
    uint32_t occurrence; /* of this name in this process, from 1 */
};

struct fault_target {
    struct fault_record site;
    enum fault_action action;
    int value;
};

/* Forks the tracer. Returns 0 or -1. */
int tracer_start(void);

/* From now on `pid`, which must wait for its exec, and whatever it starts are traced. */
int tracer_seize(pid_t pid);

/* Writes down every call until tracer_disarm. */
int tracer_record(void);

/* Lets one call fail. */
int tracer_inject(const struct fault_target *target);

/* 1 once the target was met. */
int tracer_met(void);

/* Ends both. Returns 1 when the target was met, and for a recording always. */
int tracer_disarm(void);

/* What the last recording has found. */
const struct fault_record *tracer_records(uint32_t *count);

#endif
