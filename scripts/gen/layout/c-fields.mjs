// lw_plan_fields_gen.h: how each field of a plan is printed.
import { BANNER } from './c-header.mjs';

const FORMATS = ['decimal32', 'decimal64', 'hex32', 'hex64', 'octal32', 'string', 'digest', 'enum', 'flags'];

export function cFields(model) {
  const records = model.sections.filter((section) => section.record);
  return `${BANNER}
#ifndef LW_PLAN_FIELDS_GEN_H
#define LW_PLAN_FIELDS_GEN_H

#include "lw_plan_gen.h"

enum lw_field_format {
${FORMATS.map((format, i) => `    LW_FORMAT_${format.toUpperCase()} = ${i},`).join('\n')}
};

struct lw_field_text {
    const char *name;
    const char *(*value_name)(uint32_t); /* of an enum's value, or of a single flag */
    uint32_t offset;
    uint32_t format;
};

struct lw_struct_text {
    const struct lw_field_text *fields;
    uint32_t count;
    uint32_t size; /* bytes of the struct */
};

${[model.planHeader, ...records.map((section) => section.record)].map(fieldsText).join('\n')}
static const struct lw_struct_text lw_plan_header_text = ${table(model.planHeader)};

/* By enum lw_plan_section_index; strings have none. */
static const struct lw_struct_text lw_section_text[LW_SECTION_COUNT] = {
${records.map((section) => `    [LW_SECTION_${section.name.toUpperCase()}] = ${table(section.record)},`).join('\n')}
};

#endif
`;
}

function printed(struct) {
  return struct.fields.filter((field) => !field.pad && field.type !== 'section');
}

function formatOf(field) {
  if (field.enum) return 'enum';
  if (field.flags) return 'flags';
  if (field.type === 'str') return 'string';
  if (field.type === 'bytes32') return 'digest';
  if (field.format) return `${field.format}${field.size * 8}`;
  return field.size === 8 ? 'decimal64' : 'decimal32';
}

function fieldText(field) {
  const names = field.enum ?? field.flags;
  const format = formatOf(field);
  if (!FORMATS.includes(format)) throw new Error(`${field.name}: no C format ${format}`);
  return `    {"${field.name}", ${names ? `lw_${names}_name` : 'NULL'}, ${field.offset}, LW_FORMAT_${format.toUpperCase()}},`;
}

// Instructions are printed as assembler, not field by field.
function fieldsText(struct) {
  if (struct.name === 'plan_instruction') return '';
  return `static const struct lw_field_text lw_${struct.name}_fields[] = {\n${printed(struct).map(fieldText).join('\n')}\n};\n`;
}

function table(struct) {
  if (struct.name === 'plan_instruction') return `{NULL, 0, ${struct.size}}`;
  return `{lw_${struct.name}_fields, ${printed(struct).length}, ${struct.size}}`;
}
