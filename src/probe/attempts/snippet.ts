/** The Python text of attempts: the reporting functions, then the attempts, then the line that says it is through. */
import { readFileSync } from 'node:fs';
import { kernelTable } from '../../kernel/table.js';
import type { Arch } from '../../kernel/types.js';

const PRELUDE = readFileSync(new URL('attempts.py', import.meta.url), 'utf8');

/** What `attempts.py` is told; who adds members reads them in a text of his own. */
export interface SnippetSetup {
  readonly sandboxed: boolean;
  /** Each attempt is made in a process of its own. */
  readonly children: boolean;
  /** After this time the rest is left for another job. */
  readonly seconds: number;
  /** After so much output, too. Default: whatever it takes. */
  readonly bytes?: number;
  /** The process ends with its last attempt, also under a policy by which it would run further jobs. Default: it does not. */
  readonly leave?: boolean;
  /** Attempts that were made in an earlier job. */
  readonly skip: readonly string[];
}

/** A number in decimal, since not every word is a number of JSON's; or memory, in hex. */
export type DataArgument = string | { readonly memory: string };
/** A system call that is an attempt of its own. */
export type DataCall = readonly [name: string, nr: number, args: readonly DataArgument[]];

/**
 * @param body Python that makes the attempts; constants of the kernel's headers that it mentions are defined before it
 */
export function snippetText(body: string, setup: SnippetSetup, arch: Arch): string {
  const table = kernelTable(arch);
  const numbers = Object.fromEntries(table.names().map((name) => [name, table.syscall(name)?.number]));
  const constants = [...new Set(body.match(/\b[A-Z][A-Z0-9_]{2,}\b/g) ?? [])].flatMap((name) => {
    const value = table.constant(name);
    return value === undefined ? [] : [`${name} = ${value}`];
  });
  return [
    `_SETUP = __import__("json").loads(${JSON.stringify(JSON.stringify({ ...setup, numbers }))})`,
    PRELUDE,
    ...constants,
    body,
    '_through()',
    '',
  ].join('\n');
}

/** The body that makes these calls, one after the other. */
export function dataBody(calls: readonly DataCall[]): string {
  return `_data_attempts(${JSON.stringify(calls)})`;
}
