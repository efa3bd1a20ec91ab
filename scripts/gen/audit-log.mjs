// The audit log: schemas/audit-log.schema.json -> TypeScript types, the schema as a module, and the reference page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from 'json-schema-to-typescript';
import { acceptModule } from './accept.mjs';
import { definition, PROTOCOL } from './schema-reference.mjs';

const SOURCE = 'schemas/audit-log.schema.json';
const NOTICE = `Generated from ${SOURCE} by scripts/gen/audit-log.mjs. Do not edit: run \`npm run gen\`.`;

/** Definitions of the protocol that records hold. */
const FOREIGN = ['JobName', 'JobStatus', 'Receipt', 'Sha256'];

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const read = async (path) => JSON.parse(await readFile(join(root, path), 'utf8'));
  const schema = await read(SOURCE);
  const protocol = await read('schemas/protocol.schema.json');
  return [
    { path: 'src/audit-log/records.gen.ts', text: await types(schema) },
    { path: 'src/audit-log/schema.gen.ts', text: schemaModule(schema, foreign(protocol)) },
    { path: 'src/audit-log/accept.gen.ts', text: acceptText(schema, foreign(protocol)) },
    { path: 'docs/reference/audit-log.md', text: reference(schema) },
  ];
}

/** As much of the protocol as records need. */
function foreign({ $id, $defs }) {
  const needed = new Set(FOREIGN);
  // A set that is walked shows what is added meanwhile.
  for (const name of needed) {
    for (const [, used] of JSON.stringify($defs[name]).matchAll(/"#\/\$defs\/(\w+)"/g)) needed.add(used);
  }
  return { $id, $defs: Object.fromEntries(Object.entries($defs).filter(([name]) => needed.has(name))) };
}

/** Events are what a writer gives: what links them to a chain is added to each line. */
async function types({ 'x-kinds': kinds, $defs }) {
  const oneOf = Object.values(kinds).map((name) => ({ $ref: `#/$defs/${name}` }));
  const event = { description: 'What a record tells, without what links it to the one before.', oneOf };
  const parts = { oneOf: [{ $ref: '#/$defs/AuditEvent' }, { $ref: '#/$defs/Link' }] };
  return await compile({ ...parts, $defs: forTypes({ ...$defs, AuditEvent: event }) }, 'AuditLogPart', {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    bannerComment: `// ${NOTICE}\nimport type { ${FOREIGN.join(', ')} } from '../protocol/messages.gen.js';\n`,
    style: { singleQuote: true, printWidth: 120 },
  });
}

/** The type generator copies a type for each reference that has words beside `$ref`, and makes one of each branch. */
function forTypes(node) {
  if (Array.isArray(node)) return node.map(forTypes);
  if (node === null || typeof node !== 'object') return node;
  if (typeof node.$ref === 'string') {
    return node.$ref.startsWith(PROTOCOL) ? { tsType: node.$ref.slice(PROTOCOL.length) } : { $ref: node.$ref };
  }
  const kept = Object.entries(node).filter(([key]) => key !== 'allOf' && key !== 'unevaluatedProperties');
  return Object.fromEntries(kept.map(([key, value]) => [key, forTypes(value)]));
}

function schemaModule({ 'x-audit-log': facts, 'x-kinds': kinds, ...schema }, protocol) {
  const type = '{ readonly $id: string; readonly [key: string]: unknown }';
  return `// ${NOTICE}

export const AUDIT_LOG = ${JSON.stringify(facts)} as const;

/** Kinds of records and the definitions that describe them. */
export const KINDS = ${JSON.stringify(kinds, null, 2)} as const;

/** How jobs end. */
export const STATUSES = ${JSON.stringify(protocol.$defs.JobStatus.enum)} as const;

export const AUDIT_LOG_SCHEMA: ${type} = ${JSON.stringify(schema, null, 2)};
`;
}

function acceptText({ 'x-audit-log': _facts, 'x-kinds': _kinds, ...schema }, protocol) {
  return acceptModule({
    banner: `// ${NOTICE}`,
    schemas: [protocol, schema],
    functions: { acceptsRecord: schema.$id },
  });
}

function reference(schema) {
  const { $defs: defs, 'x-kinds': kinds, 'x-audit-log': facts } = schema;
  const names = Object.values(kinds);
  const parts = Object.keys(defs).filter((name) => name !== 'Link' && !names.includes(name));
  const section = (name) => definition(name, defs);
  return `<!-- ${NOTICE} -->
# Audit log reference

Version ${facts.version}. A record is one line of JSON in UTF-8, ended by a newline. What it is for, and what the chain proves: [the guide](../guide/audit-log.md).

## In every record

${section('Link')}
## Kinds

${names.map(section).join('\n')}
## Parts

${parts.map(section).join('\n')}`;
}
