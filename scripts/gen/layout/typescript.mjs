// layout.gen.ts: enums and flags both ways, offsets of every field, the typed messages.
import { camel, pascal, SOURCE } from './model.mjs';

export function typescript(model) {
  return `// Generated from ${SOURCE} by scripts/gen/layout.mjs. Do not edit: run \`npm run gen\`.

/** "${model.magicText}" in memory, as a little-endian number. */
export const PLAN_MAGIC = 0x${model.magic.toString(16)}n;
export const PLAN_VERSION = ${model.version};
/** Differs whenever the two sides of a channel were generated from different layouts. */
export const LAYOUT_FINGERPRINT = 0x${model.fingerprint.toString(16).padStart(16, '0')}n;
/** Longest message, bytes. */
export const MESSAGE_MAX = ${model.messageMax};
/** Longest string, bytes without its NUL. */
export const STRING_MAX = ${model.stringMax};
/** Longest path that is part of a job mount, bytes. */
export const JOB_PATH_MAX = ${model.jobPathMax};

${FIXED_TYPES}
${Object.entries({ ...model.enums, ...model.flags })
  .map(([name, values]) => valuesText(name, values))
  .join('\n')}
export const PLAN_HEADER: StructLayout = ${structText(model.planHeader)};

/** The sections of a plan, in their order. */
export const PLAN_SECTIONS = {
${model.sections.map((section, i) => sectionText(section, i)).join('\n')}
} as const satisfies Readonly<Record<string, SectionLayout>>;

export type SectionName = keyof typeof PLAN_SECTIONS;

export const MESSAGE_HEADER: StructLayout = ${structText(model.messageHeader)};

${model.messages.map(messageInterface).join('\n')}
/** Any message between daemon and supervisor. */
export type Message =
${model.messages.map((message) => `  | ${pascal(message.name)}Message`).join('\n')};

export const MESSAGES: Readonly<Record<MessageName, MessageLayout>> = {
${model.messages.map(messageLayout).join('\n')}
};
`;
}

const FIXED_TYPES = `export type FieldType = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'str' | 'bytes32' | 'section';

export interface FieldLayout {
  readonly name: string;
  readonly type: FieldType;
  /** Bytes from the start of the struct (of a message: from its header). */
  readonly offset: number;
  readonly count?: number;
  /** Names of the only values allowed. */
  readonly names?: ReadonlyMap<number, string>;
  /** Names of the only bits allowed. */
  readonly flags?: Readonly<Record<string, number>>;
  /** How people write it; decimal otherwise. */
  readonly format?: 'hex' | 'octal';
  readonly min?: number;
  readonly max?: number;
  readonly pad?: true;
  /** The tail whose records this field counts. */
  readonly countOf?: string;
}

export interface StructLayout {
  readonly size: number;
  readonly fields: readonly FieldLayout[];
}

export interface SectionLayout {
  readonly index: number;
  readonly bound: number;
  /** undefined for the bytes of the strings section. */
  readonly record: StructLayout | undefined;
}

export interface TailLayout {
  readonly name: string;
  readonly bound: number;
  /** undefined for plain bytes. */
  readonly record: StructLayout | undefined;
}

export interface MessageLayout {
  readonly struct: StructLayout;
  readonly tails: readonly TailLayout[];
  readonly hasStrings: boolean;
}

function namesOf<Name extends string>(values: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map(Object.entries<number>(values).map(([name, value]) => [value, name as Name]));
}
`;

function valuesText(name, values) {
  const upper = name.toUpperCase();
  const entries = Object.entries(values).map(([key, value]) => `  ${key}: ${value},`);
  return `export const ${upper} = {
${entries.join('\n')}
} as const;
export type ${pascal(name)}Name = keyof typeof ${upper};
export const ${upper}_NAMES = namesOf<${pascal(name)}Name>(${upper});
`;
}

function fieldText(field) {
  const parts = [`name: '${camel(field.name)}'`, `type: '${field.type}'`, `offset: ${field.offset}`];
  if (field.count > 1) parts.push(`count: ${field.count}`);
  if (field.enum) parts.push(`names: ${field.enum.toUpperCase()}_NAMES`);
  if (field.flags) parts.push(`flags: ${field.flags.toUpperCase()}`);
  if (field.format) parts.push(`format: '${field.format}'`);
  if (field.min !== undefined) parts.push(`min: ${field.min}`);
  if (field.max !== undefined) parts.push(`max: ${field.max}`);
  if (field.pad) parts.push('pad: true');
  if (field.count_of) parts.push(`countOf: '${field.count_of}'`);
  return `{ ${parts.join(', ')} }`;
}

function structText(struct, indent = '') {
  const fields = struct.fields.map((field) => `${indent}    ${fieldText(field)},`).join('\n');
  const list = fields === '' ? '[]' : `[\n${fields}\n${indent}  ]`;
  return `{\n${indent}  size: ${struct.size},\n${indent}  fields: ${list},\n${indent}}`;
}

function sectionText(section, index) {
  const record = section.record ? structText(section.record, '    ') : 'undefined';
  return `  ${section.name}: {\n    index: ${index},\n    bound: ${section.bound},\n    record: ${record},\n  },`;
}

function memberType(field) {
  const single = field.enum
    ? `${pascal(field.enum)}Name`
    : field.flags
      ? `readonly ${pascal(field.flags)}Name[]`
      : ({ u64: 'bigint', str: 'string', bytes32: 'Uint8Array' }[field.type] ?? 'number');
  return field.count > 1 ? `readonly ${single}[]` : single;
}

function membersText(struct, indent) {
  const visible = struct.fields.filter((field) => !field.pad && !field.count_of);
  return visible.map((field) => {
    const comment = field.comment ? `${indent}/** ${field.comment} */\n` : '';
    return `${comment}${indent}readonly ${camel(field.name)}: ${memberType(field)};`;
  });
}

function messageInterface(message) {
  const tails = message.tails.map((tail) => {
    if (!tail.record) return `  readonly ${camel(tail.name)}: Uint8Array;`;
    if (tail.record.fields.length === 1) {
      const [field] = tail.record.fields;
      return `  /** ${field.name} of each */\n  readonly ${camel(tail.name)}: readonly ${memberType(field)}[];`;
    }
    return `  readonly ${camel(tail.name)}: readonly {\n${membersText(tail.record, '    ').join('\n')}\n  }[];`;
  });
  const id = '  /** Pool or job, chosen by the daemon. */\n  readonly id: bigint;';
  return `export interface ${pascal(message.name)}Message {
  readonly type: '${message.name}';
${[id, ...membersText(message.struct, '  '), ...tails].join('\n')}
}
`;
}

function messageLayout(message) {
  const tail = ({ name, bound, record }) =>
    `      { name: '${camel(name)}', bound: ${bound}, record: ${record ? structText(record, '      ') : 'undefined'} },`;
  const tails = message.tails.length === 0 ? '[]' : `[\n${message.tails.map(tail).join('\n')}\n    ]`;
  return `  ${message.name}: {
    struct: ${structText(message.struct, '    ')},
    tails: ${tails},
    hasStrings: ${message.hasStrings},
  },`;
}
