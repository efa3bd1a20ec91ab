// lw_plan_rules_gen.h: what must hold for single fields of every struct, as tables that the validators walk.
import { BANNER } from './c-header.mjs';

const KINDS = ['padding', 'enum', 'flags', 'string', 'range32', 'range64'];

export function cRules(model) {
  const records = model.sections.filter((section) => section.record);
  const tails = model.messages.flatMap((message) => message.tails.filter((tail) => tail.record));
  const structs = [
    model.planHeader,
    ...records.map((section) => section.record),
    ...tails.map((tail) => tail.record),
    ...model.messages.map((message) => message.struct),
  ];
  return `${BANNER}
#ifndef LW_PLAN_RULES_GEN_H
#define LW_PLAN_RULES_GEN_H

#include "lw_plan_gen.h"

enum lw_rule_kind {
${KINDS.map((kind, i) => `    LW_RULE_${kind.toUpperCase()} = ${i},`).join('\n')}
};

/* A rule for one number of a struct. enum, range: low..high; flags: no bit outside high; padding: zero; string: an offset. */
struct lw_field_rule {
    uint16_t offset;
    uint16_t kind;
    uint64_t low;
    uint64_t high;
};

struct lw_struct_rules {
    const struct lw_field_rule *rules; /* in the order of the fields */
    uint32_t count;
    uint32_t size; /* bytes of the struct */
};

${structs.map((struct) => rulesText(struct, model)).join('\n')}
/* By enum lw_plan_section_index; strings have none. */
static const struct lw_struct_rules lw_section_rules[LW_SECTION_COUNT] = {
${records.map((section) => `    [LW_SECTION_${section.name.toUpperCase()}] = ${table(section.record, model)},`).join('\n')}
};

static const uint32_t lw_section_bounds[LW_SECTION_COUNT] = {
${model.sections.map((section) => `    [LW_SECTION_${section.name.toUpperCase()}] = ${section.bound},`).join('\n')}
};

struct lw_tail_rules {
    struct lw_struct_rules record; /* rules NULL and size 1: plain bytes */
    uint32_t count_offset;         /* of the u32 that counts them */
    uint32_t bound;
};

struct lw_message_rules {
    struct lw_struct_rules body;
    struct lw_tail_rules tails[3];
    uint32_t tail_count;
    uint32_t has_strings;
};

/* By enum lw_message; 0 is none. */
static const struct lw_message_rules lw_message_rules[] = {
${model.messages.map((message) => messageRules(message, model)).join('\n')}
};

#endif
`;
}

function rulesOf(struct, model) {
  return struct.fields.map((field) => ruleOf(field, model)).filter(Boolean);
}

function ruleOf(field, model) {
  if (field.min !== undefined || field.max !== undefined) return rangeRule(field);
  if (field.pad) return rule(field, 'padding', 0, 0);
  if (field.type === 'str') return rule(field, 'string', 0, 0);
  if (field.enum) {
    const values = Object.values(model.enums[field.enum]);
    return rule(field, 'enum', values[0], values.at(-1));
  }
  if (field.flags)
    return rule(
      field,
      'flags',
      0,
      Object.values(model.flags[field.flags]).reduce((a, b) => a + b),
    );
  return undefined;
}

function rangeRule(field) {
  if (field.type === 'u64') return ruleLine(field, 'range64', field.min ?? 0, field.max ?? 0xffff_ffff_ffff_ffffn);
  return rule(field, 'range32', field.min ?? 0, field.max ?? 0xffff_ffff);
}

function rule(field, kind, low, high) {
  if (field.size !== 4) throw new Error(`${field.name}: a rule needs a u32`);
  return ruleLine(field, kind, low, high);
}

function ruleLine(field, kind, low, high) {
  return `    {${field.offset}, LW_RULE_${kind.toUpperCase()}, ${low}u, 0x${high.toString(16)}u}, /* ${field.name} */`;
}

function rulesText(struct, model) {
  const rules = rulesOf(struct, model);
  if (rules.length === 0) return '';
  return `static const struct lw_field_rule lw_${struct.name}_rules[] = {\n${rules.join('\n')}\n};\n`;
}

function table(struct, model) {
  const count = rulesOf(struct, model).length;
  return `{${count === 0 ? 'NULL' : `lw_${struct.name}_rules`}, ${count}, ${struct.size}}`;
}

function messageRules(message, model) {
  const tail = ({ record, countField, bound }) => {
    const counter = message.struct.fields.find((field) => field.name === countField);
    return `{${record ? table(record, model) : '{NULL, 0, 1}'}, ${counter.offset}, ${bound}}`;
  };
  const tails = message.tails.length === 0 ? '{{{NULL, 0, 0}, 0, 0}}' : `{${message.tails.map(tail).join(', ')}}`;
  const body = table(message.struct, model);
  return `    [${message.value}] = {${body}, ${tails}, ${message.tails.length}, ${message.hasStrings ? 1 : 0}}, /* ${message.name} */`;
}
