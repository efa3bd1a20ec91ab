import { ERROR_CATALOG } from '../errors/catalog.gen.js';
import {
  asLeewardError,
  type ErrorBody,
  isErrorCode,
  type LeewardError,
  type Place,
  placeText,
} from '../errors/leeward-error.js';
import type { ErrorBody as WireErrorBody } from '../protocol/messages.gen.js';
import { printable } from './terminal/printable.js';
import type { Style } from './terminal/style.js';
import { UsageError } from './usage-error.js';

/** A command line that cannot be understood; lint, test and diff use 1 for what they find. */
export const USAGE_EXIT = 2;

/** An error on standard error: what, where, its code, and what to do; who cancelled his job needs no advice. */
export function failureLines(error: ErrorBody | WireErrorBody, style: Style): string[] {
  const { code, message, place } = error;
  // The diagnostics of a policy are several lines, with their places and hints in them.
  const [first = '', ...others] = message.split('\n').map(printable);
  const where = place === undefined ? '' : ` (${whereText(place)})`;
  const hint =
    error.hint ?? (isErrorCode(code) && code !== 'LW_JOB_CANCELLED' ? ERROR_CATALOG[code].action : undefined);
  const name = style.dim(`[${printable(code)}]`);
  if (others.length > 0) return [`leeward: ${style.red(first)} ${name}`, ...others];
  return [
    `leeward: ${style.red(first)}${printable(where)} ${name}`,
    ...(hint === undefined ? [] : [`  hint: ${printable(lowerCase(hint))}`]),
  ];
}

function whereText(place: Place): string {
  if ('file' in place) return placeText(place);
  return place.field.startsWith('--') ? place.field : `field ${place.field}`;
}

/** The catalogue has sentences; here they are fragments. */
function lowerCase(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}

/** A thrown error as a command prints it, and the exit code that it ends with. */
export interface Failure {
  readonly lines: readonly string[];
  readonly exitCode: number;
  readonly body: ErrorBody | { readonly message: string; readonly hint?: string };
}

/**
 * @param thrown anything that a command threw
 * @param usageExit exit code of a command line that cannot be understood
 * @param debug true: the stack of an internal error is shown
 */
export function failureOf(thrown: unknown, style: Style, usageExit: number, debug: boolean): Failure {
  if (thrown instanceof UsageError) {
    const { message, hint } = thrown;
    const lines = [
      `leeward: ${style.red(printable(message))}`,
      ...(hint === undefined ? [] : [`  hint: ${printable(hint)}`]),
    ];
    return { lines, exitCode: usageExit, body: { message, ...(hint === undefined ? {} : { hint }) } };
  }
  const error = asLeewardError(thrown);
  const lines = [...failureLines(error.toJSON(), style), ...(debug ? [stackOf(error)] : [])];
  return { lines, exitCode: error.exitCode, body: error.toJSON() };
}

function stackOf(error: LeewardError): string {
  const origin = error.cause instanceof Error ? error.cause : error;
  return origin.stack ?? String(origin);
}
