/*
 * A small valid plan with every section filled, built in C so that the C tests need nothing from TypeScript.
 */
#ifndef LW_PLAN_SAMPLE_H
#define LW_PLAN_SAMPLE_H

#include <stddef.h>

enum { LW_SAMPLE_MAX = 4096 };

/* Writes the plan, for the host's architecture, into `buffer` (8-byte aligned, LW_SAMPLE_MAX bytes). Returns its size. */
size_t lw_sample_plan(void *buffer);

#endif
