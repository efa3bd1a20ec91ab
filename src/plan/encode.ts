import type { Buffer } from 'node:buffer';
import { validatePlan } from './decode.js';
import type { Plan } from './plan.js';
import { writePlan } from './plan-writer.js';
import { planError } from './refusal.js';

/**
 * The binary form of a plan. Equal plans have equal bytes: lists whose order has no meaning are sorted first.
 * What it returns has been validated as the native side will validate it.
 *
 * @throws LeewardError LW_PLAN_INVALID for a plan that is not one: a value that does not fit, a rule that is broken
 */
export function encodePlan(plan: Plan): Buffer {
  const bytes = writePlan(plan);
  const refusal = validatePlan(bytes);
  if (refusal !== undefined) throw planError(refusal);
  return bytes;
}
