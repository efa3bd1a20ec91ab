/* Between the two halves of lw_plan_validate: form (lw_plan.c) and meaning (lw_plan_records.c). */
#ifndef LW_PLAN_CHECK_H
#define LW_PLAN_CHECK_H

#include "lw_plan.h"
#include "lw_plan_rules_gen.h"
#include "lw_plan_strings.h"

/* Fills `error` for a refusal at a place; returns -EINVAL. */
int lw_plan_refuse(struct lw_error *error, uint32_t place, uint32_t index, uint32_t reason);

/*
 * Checks the single fields of one struct against the generated rules; string references move `walk` on.
 * Returns an enum lw_plan_reason; *offset is the field's when it is not LW_PLAN_REASON_NONE.
 */
uint32_t lw_check_fields(const void *record, const struct lw_struct_rules *rules, struct lw_string_walk *walk, uint32_t *offset);

/* What the records of a plan in canonical form must mean. Returns 0 or lw_plan_refuse's answer. */
int lw_plan_check_meaning(const void *plan, struct lw_error *error);

#endif
