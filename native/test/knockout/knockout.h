/*
 * Builds of supervisor and worker from which one layer of confinement is left out, for the conformance suite alone: `make knockout
 * LAYER=name`. The sources are those that are shipped; the linker puts the functions of this folder in the place of an applier's
 * (ld(1), --wrap), for each __wrap_NAME that worker_LAYER.c and supervisor_LAYER.c define. Which steps and why:
 * docs/internals/layers.md.
 */
#ifndef LW_KNOCKOUT_H
#define LW_KNOCKOUT_H

#include "lw_plan_gen.h"
#include "supervisor/posture.h"

extern const char lw_knockout_mark[];

/*
 * The supervisor compares each job with its plan and would refuse one that lacks a layer. Sets what the layer would have given in
 * `posture`; all the rest is compared as ever. Does nothing unless a supervisor_LAYER.c defines it.
 */
void lw_knockout_pretend(struct lw_posture *posture, const struct lw_posture_wanted *wanted);

#endif
