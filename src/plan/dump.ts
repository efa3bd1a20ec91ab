import { Buffer } from 'node:buffer';
import { instructionText } from './bpf/disassemble.js';
import { decodeRecords } from './decode.js';
import { digestText } from './digest.js';
import {
  type FieldLayout,
  PLAN_HEADER,
  PLAN_MAGIC,
  PLAN_SECTIONS,
  PLAN_VERSION,
  type StructLayout,
} from './layout.gen.js';
import { UNLIMITED } from './plan.js';
import { type PlanRecords, RECORD_SECTIONS } from './records.js';

/**
 * A plan as text, for people and golden files: every field in the order of the layout. `lw_plan_dump` prints the same bytes.
 *
 * @param bytes the binary form
 * @throws LeewardError LW_PLAN_INVALID when it is not a plan
 */
export function dumpPlan(bytes: Uint8Array): string {
  const records = decodeRecords(bytes);
  const header = { ...records.header, magic: PLAN_MAGIC, version: PLAN_VERSION, totalSize: bytes.length };
  const lines = printed(PLAN_HEADER).map(
    (field) => `${snakeCase(field.name)} ${valueText(field, memberOf(header, field))}`,
  );
  for (const section of RECORD_SECTIONS) {
    lines.push(`${section} ${records[section].length}`, ...recordLines(records, section));
  }
  return `${lines.join('\n')}\n`;
}

function printed(layout: StructLayout): readonly FieldLayout[] {
  return layout.fields.filter(({ pad, type }) => !pad && type !== 'section');
}

function memberOf(record: object, { name }: FieldLayout): unknown {
  return (record as Record<string, unknown>)[name];
}

function recordLines(records: PlanRecords, section: (typeof RECORD_SECTIONS)[number]): string[] {
  // Instructions are printed as assembler, not field by field.
  if (section === 'filter') return records.filter.map((at, index) => `  ${instructionText(at, index)}`);
  const fields = printed(PLAN_SECTIONS[section].record);
  return records[section].map((record: object, index: number) => {
    const values = fields.map((field) => ` ${snakeCase(field.name)}=${valueText(field, memberOf(record, field))}`);
    return `  [${index}]${values.join('')}`;
  });
}

function valueText(field: FieldLayout, value: unknown): string {
  if (field.type === 'str') return quoted(value as string);
  if (field.type === 'bytes32') return digestText(value as Uint8Array);
  if (field.flags !== undefined) return flagsText(value as readonly string[]);
  if (field.names !== undefined) return value as string;
  if (field.format === 'hex') return `0x${(value as bigint | number).toString(16)}`;
  if (field.format === 'octal') return (value as number).toString(8).padStart(4, '0');
  return value === UNLIMITED ? 'unlimited' : String(value);
}

function flagsText(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.join(',');
}

/** Everything but printable ASCII as \xNN, so that a dump is safe on a terminal and equal in every locale. */
function quoted(text: string): string {
  const escaped = Array.from(Buffer.from(text), (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte <= 0x7e) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
