import { Buffer } from 'node:buffer';
import { INSTRUCTION_SIZE, isInstruction, writeInstruction } from './bpf/bytes.js';
import { SECTION_ALIGNMENT } from './decode.js';
import type { SectionPlace } from './field-codec.js';
import { PLAN_HEADER, PLAN_SECTIONS, type SectionName } from './layout.gen.js';
import type { BpfInstruction, Plan } from './plan.js';
import { RECORD_SECTIONS, recordsOf } from './records.js';
import { NotCanonical, planError } from './refusal.js';
import { StringTable } from './strings.js';
import { type StructValues, writeStruct } from './struct-codec.js';

/**
 * The bytes of a plan in canonical form, whatever they mean: `encodePlan` is this and the validation.
 *
 * @throws LeewardError LW_PLAN_INVALID for a value that does not fit its field
 */
export function writePlan(plan: Plan): Buffer {
  const place = { section: 'header' as 'header' | SectionName, index: 0 };
  try {
    return write(plan, place);
  } catch (error) {
    if (!(error instanceof NotCanonical)) throw error;
    const index = place.section === 'header' ? error.fieldOffset : place.index;
    throw planError({ place: place.section, index, reason: error.reason });
  }
}

function write(plan: Plan, place: { section: 'header' | SectionName; index: number }): Buffer {
  const records = recordsOf(plan);
  const places = new Map<SectionName, SectionPlace>();
  let end = PLAN_HEADER.size;
  for (const section of RECORD_SECTIONS) {
    const start = aligned(end);
    places.set(section, { offset: start, count: records[section].length });
    end = start + records[section].length * PLAN_SECTIONS[section].record.size;
  }
  const body = Buffer.alloc(aligned(end));
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const strings = new StringTable();
  const header = { ...records.header, totalSize: 0, sections: sectionTable(places, body.length, 0) };
  writeStruct(view, 0, PLAN_HEADER, header, strings);
  for (const section of RECORD_SECTIONS) {
    const { record: layout } = PLAN_SECTIONS[section];
    let at = (places.get(section) as SectionPlace).offset;
    place.section = section;
    place.index = 0;
    if (section === 'filter') {
      writeFilter(view, at, records.filter, place);
      continue;
    }
    for (const record of records[section]) {
      writeStruct(view, at, layout, record as unknown as StructValues, strings);
      at += layout.size;
      place.index += 1;
    }
  }
  return finish(view, header, places, strings);
}

/** As `writeStruct` for each, without its detours: a filter is most of a plan. */
function writeFilter(view: DataView, at: number, filter: readonly BpfInstruction[], place: { index: number }): void {
  for (const [index, instruction] of filter.entries()) {
    place.index = index;
    if (!isInstruction(instruction)) throw new NotCanonical('out_of_range');
    writeInstruction(view, at + INSTRUCTION_SIZE * index, instruction);
  }
}

/** Sizes are known only when all strings are: the header is written once more with them. */
function finish(
  view: DataView,
  header: StructValues,
  places: ReadonlyMap<SectionName, SectionPlace>,
  strings: StringTable,
): Buffer {
  const text = strings.bytes();
  const totalSize = view.byteLength + text.length;
  const sections = sectionTable(places, view.byteLength, text.length);
  writeStruct(view, 0, PLAN_HEADER, { ...header, totalSize, sections }, strings);
  return Buffer.concat([new Uint8Array(view.buffer, view.byteOffset, view.byteLength), text], totalSize);
}

function sectionTable(
  places: ReadonlyMap<SectionName, SectionPlace>,
  stringsOffset: number,
  stringsSize: number,
): SectionPlace[] {
  return [
    ...RECORD_SECTIONS.map((section) => places.get(section) as SectionPlace),
    { offset: stringsOffset, count: stringsSize },
  ];
}

function aligned(size: number): number {
  return Math.ceil(size / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;
}
