// Definitions of a schema as sections of a reference page.

/** Definitions of the protocol, in schemas that name some of them. */
export const PROTOCOL = 'urn:leeward:protocol:1#/$defs/';

/**
 * The section of one definition: its description, and a table of its fields.
 *
 * @param {string} name
 * @param {Record<string, object>} defs the schema's definitions
 * @returns {string}
 */
export function definition(name, defs) {
  const node = defs[name];
  const lines = [`### ${name}`, ''];
  if (node.description) lines.push(node.description, '');
  if (node.properties) lines.push(...table(node, defs), '');
  else lines.push(`Type: ${typeText(node)}.`, '');
  return lines.join('\n');
}

function table(node, defs) {
  return ['| field | type | required | meaning |', '|---|---|---|---|', ...rowsOf(node, '', defs)];
}

function rowsOf(node, prefix, defs) {
  return Object.entries(node.properties).flatMap(([name, value]) => {
    const required = (node.required ?? []).includes(name) ? 'yes' : 'no';
    const cells = [`\`${prefix}${name}\``, typeText(value), required, value.description ?? meaningOf(value, defs)];
    const row = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    return value.properties ? [row, ...rowsOf(value, `${prefix}${name}.`, defs)] : [row];
  });
}

function meaningOf(node, defs) {
  return node.$ref ? (defs[nameOf(node.$ref)]?.description ?? '') : '';
}

function nameOf(ref) {
  return ref.replace(/^.*#\/\$defs\//, '');
}

function typeText(node) {
  if (node.$ref) return referenceText(node.$ref);
  if (node['x-msgpack'] === 'bin') return 'bytes';
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (node.anyOf) return node.anyOf.map(typeText).join(' or ');
  if (node.type === 'array') return `array of ${typeText(node.items)}${bounds(node)}`;
  if (node.type === 'object' && typeof node.additionalProperties === 'object') {
    return `map of ${typeText(node.additionalProperties)}${bounds(node)}`;
  }
  const type = Array.isArray(node.type) ? node.type.join(' or ') : node.type;
  return `${type}${bounds(node)}`;
}

function referenceText(ref) {
  const name = nameOf(ref);
  return `[${name}](${ref.startsWith(PROTOCOL) ? 'protocol.md' : ''}#${name.toLowerCase()})`;
}

function bounds(node) {
  const words = [];
  if (node['x-expects']) words.push(node['x-expects']);
  if (node.minimum !== undefined) words.push(`at least ${node.minimum}`);
  if (node.exclusiveMinimum !== undefined) words.push(`above ${node.exclusiveMinimum}`);
  if (node.maximum !== undefined && node.maximum !== Number.MAX_SAFE_INTEGER) words.push(`at most ${node.maximum}`);
  const most = node.maxItems ?? node.maxProperties;
  if (most !== undefined) words.push(`at most ${most}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
