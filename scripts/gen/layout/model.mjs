// Offsets and sizes of every struct, and the refusal of everything that C and TypeScript could see differently.
import { createHash } from 'node:crypto';

export const SOURCE = 'schemas/plan.layout.json';

const SIZES = { u8: 1, u16: 2, u32: 4, i32: 4, u64: 8, str: 4, bytes32: 32, section: 8 };
const ALIGNMENTS = { ...SIZES, bytes32: 1, section: 4 };

/** The layout with computed offsets; throws when a struct has implicit padding or names something that is not there. */
export function buildModel(layout) {
  const context = { enums: layout.enums, flags: layout.flags };
  const planHeader = buildStruct('plan_header', layout.plan.header, context);
  const sections = layout.plan.sections.map((name) => buildSection(name, layout.plan, context));
  const messageHeader = buildStruct('message_header', layout.messages.header, context);
  const messages = Object.keys(layout.enums.message).map((name) =>
    buildMessage(name, layout.messages, messageHeader, context),
  );
  checkEnums(layout.enums);
  if (planHeader.fields.find((field) => field.type === 'section').count !== sections.length) {
    throw new Error(`${SOURCE}: the header's section table does not have ${sections.length} entries`);
  }
  return {
    magic: magicValue(layout.magic),
    magicText: layout.magic,
    version: layout.version,
    comment: layout.comment,
    messageMax: layout.message_max,
    stringMax: layout.string_max,
    jobPathMax: layout.job_path_max,
    fingerprint: fingerprint(layout),
    enums: layout.enums,
    flags: layout.flags,
    planHeader,
    sections,
    messageHeader,
    messages,
  };
}

/** Fields with offsets, from `start` on (the size of what precedes them in the same struct). */
function buildStruct(name, fields, context, start = 0) {
  let offset = start;
  let alignment = start === 0 ? 1 : 8;
  const placed = fields.map((field) => {
    const where = `${SOURCE}: ${name}.${field.name}`;
    if (!(field.type in SIZES)) throw new Error(`${where}: unknown type "${field.type}"`);
    if (field.enum && !(field.enum in context.enums)) throw new Error(`${where}: unknown enum "${field.enum}"`);
    if (field.flags && !(field.flags in context.flags)) throw new Error(`${where}: unknown flags "${field.flags}"`);
    const missing = -offset & (ALIGNMENTS[field.type] - 1);
    if (missing !== 0) throw new Error(`${where}: needs ${missing} byte(s) of explicit padding before it`);
    const count = field.count ?? 1;
    const result = { ...field, offset, count, size: SIZES[field.type] * count, pad: /^pad\d*$/.test(field.name) };
    offset += result.size;
    alignment = Math.max(alignment, ALIGNMENTS[field.type]);
    return result;
  });
  const missing = -offset & (alignment - 1);
  if (missing !== 0) throw new Error(`${SOURCE}: ${name}: needs ${missing} byte(s) of explicit padding at its end`);
  return { name, fields: placed, size: offset, alignment };
}

function buildSection(name, plan, context) {
  const bound = plan.bounds[name];
  if (!Number.isInteger(bound)) throw new Error(`${SOURCE}: section ${name} has no bound`);
  if (plan.records[name] === 'bytes') return { name, bound, record: undefined };
  const record = buildStruct(`plan_${plan.structs[name]}`, plan.records[name], context);
  return { name, bound, record, sortedBy: plan.sorted_by[name] };
}

function buildMessage(name, messages, header, context) {
  const struct = buildStruct(`message_${name}`, messages[name], context, header.size);
  const tails = Object.entries(messages.tails[name] ?? {}).map(
    ([tail, { struct: tailStruct, fields, bound, bytes }]) => ({
      name: tail,
      bound,
      record: bytes ? undefined : buildStruct(`message_${tailStruct}`, fields, context),
      countField: struct.fields.find((field) => field.count_of === tail)?.name,
    }),
  );
  for (const tail of tails) {
    if (!tail.countField) throw new Error(`${SOURCE}: message ${name}: no field is the count of tail ${tail.name}`);
    // Tails follow each other without padding, and the strings are bytes.
    if (tail.record && tail.record.alignment > 4)
      throw new Error(`${SOURCE}: message ${name}: tail ${tail.name} needs 8`);
  }
  const hasStrings = [struct, ...tails.map((tail) => tail.record)].some((part) =>
    part?.fields.some((field) => field.type === 'str'),
  );
  return { name, value: context.enums.message[name], struct, tails, hasStrings };
}

// The validators compare an enum with its first and last value.
function checkEnums(enums) {
  for (const [name, values] of Object.entries(enums)) {
    const numbers = Object.values(values);
    numbers.forEach((value, i) => {
      if (value !== numbers[0] + i) throw new Error(`${SOURCE}: enum ${name} is not contiguous at ${value}`);
    });
  }
}

/** The eight ASCII characters as the little-endian u64 that they are in memory. */
function magicValue(text) {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length !== 8) throw new Error(`${SOURCE}: magic must have 8 characters`);
  return bytes.readBigUInt64LE();
}

/** Changes with everything that both sides must agree on, and with nothing that only people read. */
function fingerprint(layout) {
  const text = JSON.stringify(layout, (key, value) =>
    ['comment', 'title', 'format'].includes(key) ? undefined : value,
  );
  return createHash('sha256').update(text).digest().readBigUInt64LE();
}

/** snake_case -> camelCase. */
export function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** snake_case -> PascalCase. */
export function pascal(name) {
  return camel(`_${name}`);
}
