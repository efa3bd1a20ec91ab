// How much the largest request has that the schema allows: counted before a request is built, so that none can cost more.

/**
 * @param {object} schema schemas/protocol.schema.json
 * @returns {{members: number, elements: number, values: number}} of one map, of one array, of a whole request
 */
export function requestBounds(schema) {
  const sizes = Object.values(schema['x-requests']).map((name) => sizeOf(schema.$defs[name], schema.$defs));
  return sizes.reduce(larger);
}

function sizeOf(node, definitions) {
  if (node.$ref !== undefined) return sizeOf(definitions[node.$ref.replace('#/$defs/', '')], definitions);
  if (node.type === 'array') return arraySize(node, definitions);
  if (node.type === 'object') return mapSize(node, definitions);
  const choices = (node.anyOf ?? node.oneOf ?? []).map((choice) => sizeOf(choice, definitions));
  return choices.reduce(larger, { members: 0, elements: 0, values: 1 });
}

function arraySize({ maxItems, items }, definitions) {
  if (maxItems === undefined) throw new Error('an array of a request has no maxItems');
  const item = sizeOf(items, definitions);
  return { ...item, elements: Math.max(maxItems, item.elements), values: 1 + maxItems * item.values };
}

function mapSize(node, definitions) {
  const named = Object.values(node.properties ?? {}).map((member) => sizeOf(member, definitions));
  const others = node.additionalProperties;
  if (others !== false && node.maxProperties === undefined) throw new Error('a map of a request has no maxProperties');
  const sizes = others === false ? named : Array(node.maxProperties).fill(sizeOf(others, definitions));
  const most = sizes.reduce(larger, { members: 0, elements: 0 });
  const values = sizes.reduce((sum, size) => sum + 1 + size.values, 1);
  return { members: Math.max(sizes.length, most.members), elements: most.elements, values };
}

function larger(one, other) {
  const keys = Object.keys(one);
  return Object.fromEntries(keys.map((key) => [key, Math.max(one[key], other[key])]));
}
