import { LeewardError } from '../errors/leeward-error.js';
import { PLAN_HEADER, type PlanReasonName, type SectionName } from './layout.gen.js';

/** Why a plan is refused, and where: the same three facts that `lw_plan_validate` reports. */
export interface PlanRefusal {
  readonly place: 'header' | SectionName;
  /** The record; in the header the field's byte offset, in the strings the byte. */
  readonly index: number;
  readonly reason: PlanReasonName;
}

/** `plan mounts[3]: path_not_absolute`, as `lw_plan_refusal_text` prints it. */
export function refusalText({ place, index, reason }: PlanRefusal): string {
  if (place !== 'header') return `plan ${place}[${index}]: ${reason}`;
  const field = PLAN_HEADER.fields.find(({ offset }) => offset === index);
  return `plan header ${field === undefined ? 'unknown' : snakeCase(field.name)}: ${reason}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A refusal as the error that callers see. */
export function planError(refusal: PlanRefusal): LeewardError {
  const field = refusal.place === 'header' ? refusalText(refusal) : `${refusal.place}[${refusal.index}]`;
  return new LeewardError('LW_PLAN_INVALID', refusalText(refusal), { place: { field } });
}

/** Ends reading or writing at the first thing that is not canonical; the caller knows the place. */
export class NotCanonical extends Error {
  readonly reason: PlanReasonName;
  /** Offset of the field in its struct. */
  readonly fieldOffset: number;

  constructor(reason: PlanReasonName, fieldOffset = 0) {
    super(reason);
    this.reason = reason;
    this.fieldOffset = fieldOffset;
  }
}
