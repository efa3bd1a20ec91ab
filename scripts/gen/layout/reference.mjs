// docs/reference/plan.md.
import { SOURCE } from './model.mjs';

export function reference(model) {
  return `<!-- Generated from ${SOURCE} by scripts/gen/layout.mjs. Do not edit: run \`npm run gen\`. -->
# The plan and the messages, byte by byte

A plan is what the policy compiler hands to the native side; messages are what daemon and supervisor say to each other.
Version ${model.version}; magic \`${model.magicText}\`; a message has at most ${model.messageMax} bytes.

${model.comment.map((line) => `- ${line}`).join('\n')}

## Plan header

${fieldTable(model.planHeader)}

## Plan sections

${model.sections.map(sectionText).join('\n\n')}

## Message header

${fieldTable(model.messageHeader)}

## Messages

Offsets count from the message header, which every message starts with.

${model.messages.map(messageText).join('\n\n')}

## Values

${Object.entries(model.enums)
  .map(([name, values]) => valueTable(name, values, String))
  .join('\n\n')}

## Flags

${Object.entries(model.flags)
  .map(([name, values]) => valueTable(name, values, (value) => `0x${value.toString(16)}`))
  .join('\n\n')}
`;
}

function typeText(field) {
  return field.count > 1 ? `${field.type} × ${field.count}` : field.type;
}

function meaning(field) {
  const parts = [field.enum && `one of *${field.enum}*`, field.flags && `bits of *${field.flags}*`];
  if (field.count_of) parts.push(`how many ${field.count_of} follow`);
  if (field.min !== undefined || field.max !== undefined)
    parts.push(`${field.min ?? 0} to ${field.max ?? 'the largest'}`);
  if (field.pad) parts.push('zero');
  return [...parts, field.comment?.replaceAll('|', '\\|')].filter(Boolean).join('; ');
}

function fieldTable(struct) {
  if (struct.fields.length === 0) return `${struct.size} bytes: the message header alone.`;
  const rows = struct.fields.map((f) => `| ${f.offset} | ${typeText(f)} | \`${f.name}\` | ${meaning(f)} |`);
  return `${struct.size} bytes.\n\n| offset | type | name | meaning |\n|---|---|---|---|\n${rows.join('\n')}`;
}

function sectionText(section) {
  if (!section.record) return `### ${section.name}\n\nBytes, at most ${section.bound}.`;
  const order = section.sortedBy ? ` Sorted by \`${section.sortedBy}\`, each once.` : '';
  return `### ${section.name}\n\nAt most ${section.bound} records.${order}\n\n${fieldTable(section.record)}`;
}

function messageText(message) {
  const tails = message.tails.map((tail) => {
    const body = tail.record ? fieldTable(tail.record) : 'Bytes.';
    return `Tail \`${tail.name}\`, as many as \`${tail.countField}\` says, at most ${tail.bound}: ${body}`;
  });
  return [`### ${message.name} (${message.value})`, fieldTable(message.struct), ...tails].join('\n\n');
}

function valueTable(name, values, text) {
  const items = Object.entries(values).map(([key, value]) => `\`${key}\` ${text(value)}`);
  return `**${name}**: ${items.join(', ')}`;
}
