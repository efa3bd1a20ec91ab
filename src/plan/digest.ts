import { createHash } from 'node:crypto';
import type { Arch } from '../kernel/types.js';
import type { BpfInstruction } from './plan.js';

/** What a plan's name is made of. */
export interface DigestParts {
  /** The effective policy as plain data: objects, arrays, strings, booleans, numbers, bigints, null. */
  readonly policy: unknown;
  readonly compilerVersion: string;
  readonly arch: Arch;
  /** What the kernel can do, as plain data. */
  readonly kernel: unknown;
}

/**
 * The name of a plan: sha256 over a canonical text of its parts, 32 bytes. Equal meaning gives equal names: the order of an
 * object's members does not count, members that are undefined are as if they were not there.
 *
 * @throws TypeError for what is not plain data (a Map, a function, NaN)
 */
export function planDigest(parts: DigestParts): Uint8Array {
  const { policy, compilerVersion, arch, kernel } = parts;
  const text = canonicalText({ policy, compilerVersion, arch, kernel });
  return new Uint8Array(createHash('sha256').update('leeward plan 1\n').update(text).digest());
}

/** 64 hexadecimal digits. */
export function digestText(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What is written of a value. */
export interface TextForm {
  /** Members of objects that are left out, at any depth. The keys of a Map are data: all of them are written. */
  readonly omitted: ReadonlySet<string>;
  /** Whether a Map is written, as an object with its keys. */
  readonly maps: boolean;
}

const WHOLE: TextForm = { omitted: new Set(), maps: false };

/** A value whose canonical text is at hand. It stands for the value wherever one may be. */
export class WrittenValue {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static of(value: unknown, form?: TextForm): WrittenValue {
    return new WrittenValue(canonicalText(value, form));
  }

  /** As `of`, without the detour: a filter is half of what there is to be written. */
  static ofFilter(filter: readonly BpfInstruction[]): WrittenValue {
    const instructions = filter.map(({ code, jt, jf, k }) => `{"code":${code},"jf":${jf},"jt":${jt},"k":${k}}`);
    return new WrittenValue(`[${instructions.join(',')}]`);
  }

  /** The digest of its text in place of it: what many plans have in common need not be read for each of them. */
  digested(): WrittenValue {
    return WrittenValue.of(`sha256:${createHash('sha256').update(this.text).digest('hex')}`);
  }
}

/**
 * JSON with sorted members; a bigint is `5n`, so that it differs from the number 5.
 *
 * @throws TypeError for what is not plain data
 */
export function canonicalText(value: unknown, form = WHOLE): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (Number.isFinite(value)) return String(value);
      break;
    case 'object':
      if (value === null) return 'null';
      if (value instanceof WrittenValue) return value.text;
      if (Array.isArray(value)) return listText(value, form);
      if (isPlainObject(value)) return membersText(value, form);
      if (form.maps && value instanceof Map) return mapText(value, form);
      break;
    default:
  }
  throw new TypeError(`not plain data: ${Object.prototype.toString.call(value)} ${String(value)}`);
}

// Loops: a plan has thousands of members, and each policy that is loaded is written out once.
function membersText(value: Readonly<Record<string, unknown>>, form: TextForm): string {
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined || form.omitted.has(name)) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalText(member, form)}`;
  }
  return `{${text}}`;
}

function mapText(value: ReadonlyMap<unknown, unknown>, form: TextForm): string {
  const members = [...value].map(([key, member]) => `${canonicalText(key)}:${canonicalText(member, form)}`);
  return `{${members.sort().join(',')}}`;
}

function listText(values: readonly unknown[], form: TextForm): string {
  let text = '';
  for (const [index, value] of values.entries()) text += `${index === 0 ? '' : ','}${canonicalText(value, form)}`;
  return `[${text}]`;
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
