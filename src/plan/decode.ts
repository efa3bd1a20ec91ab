import type { Arch } from '../kernel/types.js';
import { INSTRUCTION_SIZE, readInstruction } from './bpf/bytes.js';
import type { SectionPlace } from './field-codec.js';
import { PLAN_HEADER, PLAN_MAGIC, PLAN_SECTIONS, PLAN_VERSION, type SectionName } from './layout.gen.js';
import { checkMeaning } from './meaning.js';
import type { Plan } from './plan.js';
import { type PlanRecords, planOf, RECORD_SECTIONS } from './records.js';
import { NotCanonical, type PlanRefusal, planError } from './refusal.js';
import { StringWalk } from './strings.js';
import { readStruct, type StructValues } from './struct-codec.js';

/** Sections start at multiples of this. */
export const SECTION_ALIGNMENT = 8;

/**
 * Reads the binary form of a plan, as strictly as `lw_plan_validate`.
 *
 * @param arch the only architecture accepted; without it any known one
 * @throws LeewardError LW_PLAN_INVALID that names the place and the reason
 */
export function decodePlan(bytes: Uint8Array, arch?: Arch): Plan {
  return planOf(decodeRecords(bytes, arch));
}

/** `decodePlan` without the last step, for those who want the plan as the layout has it. */
export function decodeRecords(bytes: Uint8Array, arch?: Arch): PlanRecords {
  const result = readRecords(bytes, arch);
  if ('reason' in result) throw planError(result);
  return result;
}

/** Why `bytes` are not a plan; undefined when they are one. */
export function validatePlan(bytes: Uint8Array, arch?: Arch): PlanRefusal | undefined {
  const result = readRecords(bytes, arch);
  return 'reason' in result ? result : undefined;
}

function readRecords(bytes: Uint8Array, arch: Arch | undefined): PlanRecords | PlanRefusal {
  const place: Place = { section: 'header', index: 0 };
  try {
    const records = readForm(bytes, arch, place);
    return checkMeaning(records) ?? records;
  } catch (error) {
    if (!(error instanceof NotCanonical)) throw error;
    const index = place.section === 'header' ? error.fieldOffset : place.index;
    return { place: place.section, index, reason: error.reason };
  }
}

/** Where reading is; kept beside it, because most of what can fail does not know. */
interface Place {
  section: 'header' | SectionName;
  index: number;
}

function headerOffset(field: string): number {
  return PLAN_HEADER.fields.find(({ name }) => name === field)?.offset ?? 0;
}

function readForm(bytes: Uint8Array, arch: Arch | undefined, place: Place): PlanRecords {
  if (bytes.length < PLAN_HEADER.size) throw new NotCanonical('too_short', headerOffset('totalSize'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  checkIdentity(view, arch);
  const places = readSections(view, place);
  Object.assign(place, { section: 'strings', index: 0 });
  const walk = new StringWalk(bytes.subarray(places.strings.offset));
  Object.assign(place, { section: 'header', index: 0 });
  const records: Record<string, unknown> = { header: readStruct(view, 0, PLAN_HEADER, walk) };
  for (const section of RECORD_SECTIONS) records[section] = readSection(view, section, places[section], walk, place);
  Object.assign(place, { section: 'strings', index: walk.next });
  walk.end();
  return records as unknown as PlanRecords;
}

function checkIdentity(view: DataView, arch: Arch | undefined): void {
  const mismatch = (field: string, reason: NotCanonical['reason']) => new NotCanonical(reason, headerOffset(field));
  const word = (field: string) => view.getUint32(headerOffset(field), true);
  if (view.getBigUint64(headerOffset('magic'), true) !== PLAN_MAGIC) throw mismatch('magic', 'magic');
  if (word('version') !== PLAN_VERSION) throw mismatch('version', 'version');
  if (word('totalSize') !== view.byteLength) throw mismatch('totalSize', 'size_mismatch');
  const found = PLAN_HEADER.fields.find(({ name }) => name === 'arch')?.names?.get(word('arch'));
  if (arch !== undefined && found !== arch) throw mismatch('arch', 'foreign_arch');
}

/** Sections in order, contiguous, aligned, zero-filled between, and the last one ends with the plan. */
function readSections(view: DataView, place: Place): Record<SectionName, SectionPlace> {
  const places = {} as Record<SectionName, SectionPlace>;
  let end = PLAN_HEADER.size;
  for (const [name, layout] of Object.entries(PLAN_SECTIONS)) {
    Object.assign(place, { section: name, index: 0 });
    const at = headerOffset('sections') + 8 * layout.index;
    const section = { offset: view.getUint32(at, true), count: view.getUint32(at + 4, true) };
    const start = Math.ceil(end / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;
    const size = section.count * (layout.record?.size ?? 1);
    if (section.count > layout.bound) throw new NotCanonical('too_many');
    if (section.offset !== start) throw new NotCanonical('section_offset');
    if (start + size > view.byteLength) throw new NotCanonical('size_mismatch');
    for (let i = end; i < start; i++) if (view.getUint8(i) !== 0) throw new NotCanonical('nonzero_padding');
    places[name as SectionName] = section;
    end = start + size;
  }
  Object.assign(place, { section: 'header', index: 0 });
  if (end !== view.byteLength) throw new NotCanonical('size_mismatch', headerOffset('totalSize'));
  return places;
}

function readSection(
  view: DataView,
  section: Exclude<SectionName, 'strings'>,
  { offset, count }: SectionPlace,
  walk: StringWalk,
  place: Place,
): readonly object[] {
  // As `readStruct` for each, without its detours: a filter is most of a plan, and its fields have no rules of their own.
  if (section === 'filter') {
    return Array.from({ length: count }, (_, index) => readInstruction(view, offset + INSTRUCTION_SIZE * index));
  }
  const { record } = PLAN_SECTIONS[section];
  const values: StructValues[] = [];
  place.section = section;
  for (let index = 0; index < count; index++) {
    place.index = index;
    values.push(readStruct(view, offset + index * record.size, record, walk));
  }
  return values;
}
