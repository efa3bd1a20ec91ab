// lw_plan_gen.h: structs with their sizes and offsets asserted, enums, flags, name tables, accessors.
import { SOURCE } from './model.mjs';

const TYPES = {
  u8: 'uint8_t',
  u16: 'uint16_t',
  u32: 'uint32_t',
  i32: 'int32_t',
  u64: 'uint64_t',
  str: 'uint32_t',
  bytes32: 'uint8_t',
  section: 'struct lw_plan_section',
};

export const BANNER = `/* Generated from ${SOURCE} by scripts/gen/layout.mjs. Do not edit: run \`npm run gen\`. */`;

/** The member's name in C: `errno` is a macro there. */
export function member(field) {
  return field.name === 'errno' ? 'errno_' : field.name;
}

/** The range of a field's values, undefined when any value is allowed. */
function rangeText(field) {
  if (field.min === undefined && field.max === undefined) return undefined;
  return `${field.min ?? 0}..${field.max ?? ''}`;
}

export function cHeader(model) {
  return `${BANNER}
#ifndef LW_PLAN_GEN_H
#define LW_PLAN_GEN_H

#include <stddef.h>
#include <stdint.h>

/* "${model.magicText}" in memory */
#define LW_PLAN_MAGIC 0x${model.magic.toString(16)}ull
#define LW_PLAN_VERSION ${model.version}u
/* Differs whenever the two sides of a channel were generated from different layouts. */
#define LW_LAYOUT_FINGERPRINT 0x${model.fingerprint.toString(16).padStart(16, '0')}ull
/* Longest message, bytes. */
#define LW_MESSAGE_MAX ${model.messageMax}u
/* Longest string, bytes without its NUL; longest path that is part of a job mount. */
#define LW_STRING_MAX ${model.stringMax}u
#define LW_JOB_PATH_MAX ${model.jobPathMax}u

${Object.entries(model.enums)
  .map(([name, values]) => enumText(name, values))
  .join('\n')}
${Object.entries(model.flags)
  .map(([name, values]) => flagsText(name, values))
  .join('\n')}
${sectionsText(model)}
${structText({ name: 'plan_section', size: 8, fields: sectionFields() })}
${structText(model.planHeader)}
${model.sections
  .filter((s) => s.record)
  .map((s) => structText(s.record))
  .join('\n')}
${fieldNames(model)}
${model.sections.map(sectionAccessor).join('\n')}
${structText(model.messageHeader)}
${model.messages.map((message) => messageText(message, model)).join('\n')}
${stringsOffset(model)}
#endif
`;
}

function sectionFields() {
  return [
    { name: 'offset', type: 'u32', offset: 0, count: 1, comment: 'bytes from the start of the plan' },
    { name: 'count', type: 'u32', offset: 4, count: 1, comment: 'records; of strings: bytes' },
  ];
}

function enumText(name, values) {
  const prefix = `LW_${name.toUpperCase()}_`;
  const entries = Object.entries(values);
  return `enum lw_${name} {
${entries.map(([key, value]) => `    ${prefix}${key.toUpperCase()} = ${value},`).join('\n')}
};

static inline const char *lw_${name}_name(uint32_t value)
{
    switch (value) {
${entries.map(([key, value]) => `    case ${value}: return "${key}";`).join('\n')}
    default: return "unknown";
    }
}
`;
}

// Macros, not an enum: an enum's constants are signed, and masks of them are not.
function flagsText(name, values) {
  const prefix = `LW_${name.toUpperCase()}_`;
  const entries = Object.entries(values);
  const known = entries.reduce((mask, [, value]) => mask + value, 0);
  const hex = (value) => `0x${value.toString(16)}u`;
  return `${entries.map(([key, value]) => `#define ${prefix}${key.toUpperCase()} ${hex(value)}`).join('\n')}
#define ${prefix}KNOWN ${hex(known)}

/* The name of a single bit. */
static inline const char *lw_${name}_name(uint32_t bit)
{
    switch (bit) {
${entries.map(([key, value]) => `    case ${hex(value)}: return "${key}";`).join('\n')}
    default: return "unknown";
    }
}
`;
}

function sectionsText({ sections }) {
  const upper = (section) => section.name.toUpperCase();
  return `enum lw_plan_section_index {
${sections.map((section, i) => `    LW_SECTION_${upper(section)} = ${i},`).join('\n')}
    LW_SECTION_COUNT = ${sections.length},
};

/* Most records (of strings: bytes) that a section may have. */
${sections.map((section) => `#define LW_PLAN_MAX_${upper(section)} ${section.bound}u`).join('\n')}

static inline const char *lw_plan_section_name(uint32_t section)
{
    switch (section) {
${sections.map((section, i) => `    case ${i}: return "${section.name}";`).join('\n')}
    default: return "unknown";
    }
}
`;
}

function memberText(field) {
  const array = field.type === 'bytes32' ? '[32]' : field.count > 1 ? `[${field.count}]` : '';
  const notes = [field.enum && `enum lw_${field.enum}`, field.flags && `LW_${field.flags.toUpperCase()}_*`];
  const about = [...notes, field.type === 'str' ? 'string' : undefined, rangeText(field), field.comment]
    .filter(Boolean)
    .join('; ');
  return `    ${TYPES[field.type]} ${member(field)}${array};${about ? ` /* ${about} */` : ''}`;
}

function structText(struct, embedded) {
  const first = embedded ? [`    struct lw_${embedded.name} header;`] : [];
  const assertOffset = (field) =>
    `_Static_assert(offsetof(struct lw_${struct.name}, ${member(field)}) == ${field.offset}, "offset of ${struct.name}.${field.name}");`;
  return `struct lw_${struct.name} {
${[...first, ...struct.fields.map(memberText)].join('\n')}
};
_Static_assert(sizeof(struct lw_${struct.name}) == ${struct.size}, "size of ${struct.name}");
${struct.fields.map(assertOffset).join('\n')}
`;
}

function fieldNames({ planHeader }) {
  return `/* The header field at a byte offset, for messages. */
static inline const char *lw_plan_field_name(uint32_t offset)
{
    switch (offset) {
${planHeader.fields.map((field) => `    case ${field.offset}: return "${field.name}";`).join('\n')}
    default: return "unknown";
    }
}

/* Accessors of a plan that lw_plan_validate has accepted. */
static inline const struct lw_plan_header *lw_plan_header(const void *plan)
{
    return (const struct lw_plan_header *)plan;
}
`;
}

function sectionAccessor(section) {
  const record = section.record ? `struct lw_${section.record.name}` : 'char';
  return `static inline const ${record} *lw_plan_${section.name}(const void *plan, uint32_t *count)
{
    const struct lw_plan_section *section = &lw_plan_header(plan)->sections[LW_SECTION_${section.name.toUpperCase()}];
    *count = section->count;
    return (const ${record} *)((const char *)plan + section->offset);
}
`;
}

function messageText(message, { messageHeader }) {
  const tails = message.tails.filter((tail) => tail.record);
  return [
    ...tails.map((tail) => structText(tail.record)),
    structText(message.struct, messageHeader),
    ...message.tails.map((tail) => tailAccessor(message, tail)),
  ].join('\n');
}

function tailAccessor(message, tail) {
  const record = tail.record ? `struct lw_${tail.record.name}` : 'char';
  const before = message.tails.slice(0, message.tails.indexOf(tail));
  const skip = before.map((t) => ` + (size_t)message->${t.countField} * ${t.record?.size ?? 1}`).join('');
  return `#define LW_MESSAGE_MAX_${`${message.name}_${tail.name}`.toUpperCase()} ${tail.bound}u
/* The first of message->${tail.countField}; only of a validated message. */
static inline const ${record} *lw_${message.struct.name}_${tail.name}(const struct lw_${message.struct.name} *message)
{
    return (const ${record} *)((const char *)message + sizeof(*message)${skip});
}
`;
}

function stringsOffset({ messages }) {
  const line = (message) => {
    const struct = `struct lw_${message.struct.name}`;
    const tails = message.tails.map((tail) => {
      const count = `(size_t)((const ${struct} *)message)->${tail.countField}`;
      return ` + ${count} * ${tail.record?.size ?? 1}`;
    });
    return `    case ${message.value}: return sizeof(${struct})${tails.join('')};`;
  };
  return `/* Bytes of the struct and its tails: where the strings of a message stand, or its end when it has none. */
static inline size_t lw_message_body_size(const void *message)
{
    switch (((const struct lw_message_header *)message)->type) {
${messages.map(line).join('\n')}
    default: return 0;
    }
}
`;
}
