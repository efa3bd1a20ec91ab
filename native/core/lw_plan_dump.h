/* A plan as text: the same text that src/plan/dump.ts prints, byte for byte. */
#ifndef LW_PLAN_DUMP_H
#define LW_PLAN_DUMP_H

#include <stdio.h>

#include "lw_plan_gen.h"

/* Prints a validated plan. Errors of the stream are left to ferror(3). */
void lw_plan_dump(const void *plan, FILE *out);

/* One instruction without a newline: `0003 jeq #0x1 jt 7 jf 4`; jump targets are absolute. */
void lw_bpf_print(const struct lw_plan_instruction *at, uint32_t index, FILE *out);

#endif
