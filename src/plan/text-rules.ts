import { Buffer } from 'node:buffer';
import type { PlanReasonName } from './layout.gen.js';

/** Rules of single strings, the mirror of `lw_plan_strings.h`: each answers why it refuses, undefined when it accepts. */
type Reason = PlanReasonName | undefined;

/** Not empty, no control character. */
export function checkText(text: string): Reason {
  if (text === '') return 'string_empty';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return 'control_character';
  }
  return undefined;
}

/** Absolute and normalized: no empty, `.` or `..` component, no slash at the end. `/` only when `rootAllowed`. */
export function checkPath(path: string, rootAllowed: boolean): Reason {
  const reason = checkText(path);
  if (reason !== undefined) return reason;
  if (!path.startsWith('/')) return 'path_not_absolute';
  if (path === '/') return rootAllowed ? undefined : 'path_is_root';
  const components = path.slice(1).split('/');
  return components.some((component) => component === '' || isDots(component)) ? 'path_not_normalized' : undefined;
}

/** One path component: not empty, no slash, neither `.` nor `..`, no control character. */
export function checkComponent(name: string): Reason {
  return checkText(name) ?? (name.includes('/') || isDots(name) ? 'name_invalid' : undefined);
}

function isDots(component: string): boolean {
  return component === '.' || component === '..';
}

/** Letters, digits, `-` and `.`, at most 64 (sethostname(2)). */
export function checkHostname(name: string): Reason {
  return /^[A-Za-z0-9.-]{1,64}$/.test(name) ? undefined : 'name_invalid';
}

/** NAME=value with a NAME of letters, digits and `_` that does not start with a digit. */
export function checkVariable(entry: string): Reason {
  return /^[A-Za-z_][A-Za-z0-9_]*=/.test(entry) ? undefined : 'environment_invalid';
}

/** Whether `path` is `parent` or lies beneath it; both normalized. */
export function liesBeneath(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`);
}

/** Bytes of the UTF-8 form. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
