/* The sites of a phase, found by running it, and what is made of each of them. */
#ifndef LW_FAULT_MATRIX_H
#define LW_FAULT_MATRIX_H

#include "tracer.h"

enum fault_column {
    COLUMN_EPERM,
    COLUMN_ENOSYS,
    COLUMN_ENOMEM,
    COLUMN_ENOSPC,
    COLUMN_EMFILE,
    COLUMN_EINTR,
    COLUMN_KILL,
    COLUMN_ZERO,
    COLUMN_SHORT,
    COLUMN_COUNT,
};

enum fault_outcome {
    OUTCOME_NONE,     /* not tried: the fault means nothing there */
    OUTCOME_REFUSED,  /* no user code ran, the error names stage and errno */
    OUTCOME_CONFINED, /* the code has an answer to the fault; posture and receipt are those of an undisturbed job */
    OUTCOME_ENDED,    /* the supervisor has ended and said why; the next one works */
    OUTCOME_WRONG,
};

struct fault_result {
    enum fault_outcome outcome;
    char note[1500]; /* for people: the stage and errno that were named, or what is wrong */
};

struct fault_phase {
    const char *name;
    int (*rehearse)(void); /* one run without a fault, between tracer_record and tracer_disarm of its own; 0 when it went well */
    /* Like `rehearse`, without what the phase is about: the calls that are made here, too, are none of its sites. NULL: all are. */
    int (*rehearse_without)(void);
    const char *const *others; /* processes whose calls belong to another phase; NULL-terminated */
    void (*try)(const struct fault_target *target, struct fault_result *result);
};

/* Finds the sites and tries all of them. Returns the number of cases that went wrong. */
int matrix_run(const struct fault_phase *phase);

/* The errno that a column stands for, 0 for the others. */
int matrix_errno(enum fault_column column);

/* Prints what matrix_run has counted: "N passed, N failed, 0 skipped" is the caller's to sum up. */
extern unsigned matrix_passed, matrix_failed;

#endif
