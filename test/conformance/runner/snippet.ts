/** The Python text of a probe: the case's own text or calls between what all attempts have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelTable } from '../../../src/kernel/table.js';
import {
  type DataArgument,
  type DataCall,
  dataBody,
  type SnippetSetup,
  snippetText,
} from '../../../src/probe/attempts/snippet.js';
import type { CanaryNames } from './canaries.js';
import type { Argument, Case, Sweep } from './case.js';
import { ARCH } from './program.js';

export interface ProbeSetup extends SnippetSetup {
  readonly input: string | null;
  readonly output: string | null;
  readonly canary: CanaryNames;
  /** Where the policy's plan mounts something. */
  readonly mounts: readonly string[];
  /** Machine code by name, in hex. */
  readonly code: Readonly<Record<string, string>>;
}

/** @param probes folder of the suite's probes */
export function snippetOf(probe: Case, probes: string, setup: ProbeSetup): string {
  return snippetText(bodyOf(probe, probes), setup, ARCH);
}

function bodyOf(probe: Case, probes: string): string {
  if (probe.python !== undefined) return probe.python;
  if (probe.file !== undefined) return readFileSync(join(probes, probe.file), 'utf8');
  return dataBody(dataCalls(probe));
}

function dataCalls(probe: Case): readonly DataCall[] {
  if (probe.sweep !== undefined) return sweepCalls(probe.sweep);
  return (probe.calls ?? []).map(({ name, syscall, args = [] }) => [
    name ?? String(syscall),
    numberOf(syscall),
    args.map(argumentOf),
  ]);
}

/** Every number, named by the call where the tables have it. */
function sweepCalls({ from, to, except = {}, with: own = {} }: Sweep): readonly DataCall[] {
  const table = kernelTable(ARCH);
  const last = typeof to === 'number' ? to : table.highestNumber + Number(to.split('+')[1]);
  const calls: DataCall[] = [];
  for (let number = from; number <= last; number++) {
    const name = table.syscallByNumber(number)?.name ?? unknownNumber(number);
    if (!(name in except)) calls.push([name, number, (own[name] ?? [-1, -1, -1, -1, -1, -1]).map(String)]);
  }
  return calls;
}

/** The name of an attempt at a number that the tables do not have. */
export function unknownNumber(number: number): string {
  return `number ${number}`;
}

function numberOf(syscall: string | number): number {
  if (typeof syscall === 'number') return syscall;
  const found = kernelTable(ARCH).syscall(syscall);
  if (found === undefined) throw new Error(`there is no system call ${syscall} on ${ARCH}`);
  return found.number;
}

function argumentOf(argument: Argument): DataArgument {
  if (typeof argument === 'number' || typeof argument === 'string') return String(wordOf(argument));
  if ('text' in argument) return { memory: Buffer.from(`${argument.text}\0`).toString('hex') };
  if ('zeros' in argument) return { memory: '00'.repeat(argument.zeros) };
  const bytes = Buffer.alloc(8 * argument.u64.length);
  argument.u64.forEach((word, index) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, wordOf(word)), 8 * index);
  });
  return { memory: bytes.toString('hex') };
}

/** `CLONE_NEWUSER|SIGCHLD`, `0x10`, `-1`. */
function wordOf(text: number | string): bigint {
  return String(text)
    .split('|')
    .map((part) => {
      const value = kernelTable(ARCH).constant(part);
      if (value === undefined && !/^-?(0x[0-9a-f]+|\d+)$/i.test(part))
        throw new Error(`${part} is no number or constant`);
      return value ?? (part.startsWith('-') ? -BigInt(part.slice(1)) : BigInt(part));
    })
    .reduce((sum, part) => sum | part);
}
