import type { Limits } from '../document/document.gen.js';
import { step } from '../document/places.js';
import { durationText, parseDuration, parseSize, sizeText } from '../document/units.js';
import type { Findings } from '../findings.js';
import type { EffectiveLimits, Origin, RequestLimit, Sourced } from '../types.js';
import type { Layer } from './layers.js';
import { lastOf, Required } from './scalars.js';

const size = (value: string | number | undefined) => (value === undefined ? undefined : parseSize(value));
const microseconds = (text: string | undefined) => {
  const milliseconds = text === undefined ? undefined : parseDuration(text);
  return milliseconds === undefined ? undefined : milliseconds * 1000n;
};
const count = (value: number | undefined) => (value === undefined ? undefined : BigInt(value));
// Stands in for a limit that is missing, which is a finding of its own.
const none: RequestLimit = { default: 1n, max: 1n };

/** The limits of a policy: each from the last layer that sets it. */
export function resolveLimits(layers: readonly Layer[], findings: Findings): EffectiveLimits {
  const required = new Required(layers, findings);
  const last = (name: keyof Limits, pick: (limits: Limits) => bigint | undefined): Sourced<bigint> =>
    required.last(`/limits/${name}`, 1n, ({ limits }) => (limits === undefined ? undefined : pick(limits)));
  noteRaised(layers, findings);
  const memory = required.last('/limits/memory', none, (document) => memoryOf(document.limits));
  const timeout = required.last('/limits/timeout', none, (document) => timeoutOf(document.limits));
  checkDefault('memory', memory, sizeText, findings);
  checkMemory(memory, findings);
  checkDefault('timeout', timeout, durationText, findings);
  const cpuTime = last('cpuTime', (limits) => microseconds(limits.cpuTime));
  checkNotZero('cpuTime', cpuTime.value, cpuTime.origin, findings);
  return {
    memory,
    timeout,
    cpuTime,
    swap: last('swap', (limits) => size(limits.swap)),
    milliCpus: last('cpus', milliCpusOf),
    pids: last('pids', (limits) => count(limits.pids)),
    userNamespaces: last('userNamespaces', (limits) => count(limits.userNamespaces)),
    stdout: last('stdout', (limits) => size(limits.stdout)),
    stderr: last('stderr', (limits) => size(limits.stderr)),
    claims: last('claims', (limits) => size(limits.claims)),
    openFiles: last('openFiles', (limits) => count(limits.openFiles)),
    fileSize: last('fileSize', (limits) => size(limits.fileSize)),
    core: last('core', (limits) => size(limits.core)),
    stack: last('stack', (limits) => size(limits.stack)),
    lockedMemory: last('lockedMemory', (limits) => size(limits.lockedMemory)),
    whenUnavailable: required.last(
      '/limits/whenUnavailable',
      { service: 'refuse', rootless: 'refuse' },
      ({ limits }) => limits?.whenUnavailable,
    ),
  };
}

function memoryOf(limits: Limits | undefined): RequestLimit | undefined {
  const memory = limits?.memory;
  if (typeof memory !== 'object') return both(size(memory));
  return { default: size(memory.default) ?? 0n, max: size(memory.max) ?? 0n };
}

function timeoutOf(limits: Limits | undefined): RequestLimit | undefined {
  const timeout = limits?.timeout;
  if (timeout === undefined) return undefined;
  if (typeof timeout === 'string') return both(parseDuration(timeout));
  return { default: parseDuration(timeout.default) ?? 0n, max: parseDuration(timeout.max) ?? 0n };
}

/** A value alone is both what a request gets and the most that it may ask for. */
function both(value: bigint | undefined): RequestLimit | undefined {
  return value === undefined ? undefined : { default: value, max: value };
}

// At least one thousandth: the kernel refuses a quota of 0.
function milliCpusOf({ cpus }: Limits): bigint | undefined {
  return cpus === undefined ? undefined : BigInt(Math.max(1, Math.round(cpus * 1000)));
}

function checkDefault(
  name: string,
  { value, origin }: Sourced<RequestLimit>,
  text: (value: bigint) => string,
  findings: Findings,
): void {
  checkNotZero(name, value.default, origin, findings);
  if (value.default <= value.max) return;
  findings.add(
    'LW-L401',
    origin,
    `the default ${text(value.default)} of \`${name}\` is above its maximum ${text(value.max)}`,
  );
}

// As the least `memory_limit` of a request: an interpreter alone takes more.
const LEAST_MEMORY = 1n << 20n;

function checkMemory({ value, origin }: Sourced<RequestLimit>, findings: Findings): void {
  if (value.default === 0n || value.default >= LEAST_MEMORY) return;
  const least = sizeText(LEAST_MEMORY);
  findings.add(
    'LW-L405',
    origin,
    `\`memory\` is ${sizeText(value.default)}, and no job starts with less than ${least}`,
  );
}

function checkNotZero(name: string, value: bigint, origin: Origin, findings: Findings): void {
  if (value === 0n) findings.add('LW-L403', origin, `\`${name}\` is 0, so that no job could run`);
}

type LimitName = Exclude<keyof Limits, 'whenUnavailable'>;

/** The most that a limit lets through, in a unit of its own: only ever compared with itself. */
const MOST: Readonly<Record<LimitName, (limits: Limits) => bigint | undefined>> = {
  memory: (limits) => memoryOf(limits)?.max,
  timeout: (limits) => timeoutOf(limits)?.max,
  cpuTime: (limits) => microseconds(limits.cpuTime),
  swap: (limits) => size(limits.swap),
  cpus: milliCpusOf,
  pids: (limits) => count(limits.pids),
  userNamespaces: (limits) => count(limits.userNamespaces),
  stdout: (limits) => size(limits.stdout),
  stderr: (limits) => size(limits.stderr),
  claims: (limits) => size(limits.claims),
  openFiles: (limits) => count(limits.openFiles),
  fileSize: (limits) => size(limits.fileSize),
  core: (limits) => size(limits.core),
  stack: (limits) => size(limits.stack),
  lockedMemory: (limits) => size(limits.lockedMemory),
};

function noteRaised(layers: readonly Layer[], findings: Findings): void {
  const own = layers.at(-1);
  const limits = own?.file.document.limits;
  if (own === undefined || limits === undefined) return;
  for (const [name, most] of Object.entries(MOST)) {
    const pointer = step('/limits', name);
    const inherited = lastOf(layers.slice(0, -1), pointer, (document) => document.limits && most(document.limits));
    const value = most(limits);
    if (value === undefined || inherited === undefined || value <= inherited.value) continue;
    const related = [{ origin: inherited.origin, message: 'the extended policy has less' }];
    findings.add('LW-L402', own.file.places.value(pointer), `\`${name}\` is raised above the extended policy's`, {
      related,
    });
  }
}
