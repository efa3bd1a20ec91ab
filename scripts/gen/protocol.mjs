// The protocol: schemas/protocol.schema.json -> TypeScript types, the schema as a module, and the reference page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _ } from 'ajv';
import { compile } from 'json-schema-to-typescript';
import { acceptModule } from './accept.mjs';
import { requestBounds } from './request-bounds.mjs';
import { definition } from './schema-reference.mjs';

const SOURCE = 'schemas/protocol.schema.json';
const BANNER = `// Generated from ${SOURCE} by scripts/gen/protocol.mjs. Do not edit: run \`npm run gen\`.`;

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const schema = JSON.parse(await readFile(join(root, SOURCE), 'utf8'));
  return [
    { path: 'src/protocol/messages.gen.ts', text: await types(schema) },
    { path: 'src/protocol/schema.gen.ts', text: schemaModule(schema) },
    { path: 'src/protocol/accept.gen.ts', text: acceptText(schema) },
    { path: 'docs/reference/protocol.md', text: reference(schema) },
  ];
}

async function types(schema) {
  const { $id: _, ...source } = forTypes(schema);
  return await compile(source, 'ProtocolMessage', {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    bannerComment: BANNER,
    style: { singleQuote: true, printWidth: 120 },
  });
}

/** What the type generator needs to see: bytes as Uint8Array, and no words beside `$ref` (it would copy the type for each). */
function forTypes(node) {
  if (Array.isArray(node)) return node.map(forTypes);
  if (node === null || typeof node !== 'object') return node;
  if (node['x-msgpack'] === 'bin') return { tsType: 'Uint8Array' };
  if (typeof node.$ref === 'string') return { $ref: node.$ref };
  const entries = Object.entries(node).filter(([key]) => key !== 'title' && !key.startsWith('x-'));
  return Object.fromEntries(entries.map(([key, value]) => [key, forTypes(value)]));
}

function schemaModule(schema) {
  const { 'x-protocol': protocol, 'x-requests': requests, 'x-reserved-types': reserved, ...rest } = schema;
  return `${BANNER}

export const PROTOCOL = ${JSON.stringify({ ...protocol, requestBounds: requestBounds(schema) }, null, 2)} as const;

/** Request types and the definitions that describe them. */
export const REQUESTS = ${JSON.stringify(requests, null, 2)} as const;

/** Types whose names are taken for later. */
export const RESERVED_TYPES: readonly string[] = ${JSON.stringify(reserved)};

/** So many generations of policies are kept by a daemon, and can be asked for. */
export const MAX_GENERATIONS = ${schema.$defs.PolicyHistoryRequest.properties.limit.maximum};

export const PROTOCOL_SCHEMA: { readonly [key: string]: unknown; readonly $defs: Readonly<Record<string, unknown>> } = ${JSON.stringify(rest, null, 2)};
`;
}

function acceptText({ 'x-protocol': _protocol, 'x-requests': requests, 'x-reserved-types': _reserved, ...schema }) {
  return acceptModule({
    banner: BANNER,
    schemas: [schema],
    functions: Object.fromEntries(
      Object.values(requests).map((name) => [`accepts${name}`, `${schema.$id}#/$defs/${name}`]),
    ),
    extend: (ajv) => {
      ajv.addVocabulary(['x-responses']);
      const code = (context) => context.fail(_`!(${context.data} instanceof Uint8Array)`);
      ajv.addKeyword({ keyword: 'x-msgpack', schemaType: 'string', code });
    },
  });
}

function reference(schema) {
  const protocol = schema['x-protocol'];
  const messages = [...Object.values(schema['x-requests']), ...Object.values(schema['x-responses'])];
  const parts = Object.keys(schema.$defs).filter((name) => !messages.includes(name));
  const section = (name) => definition(name, schema.$defs);
  const { members, elements, values } = requestBounds(schema);
  return `<!-- Generated from ${SOURCE} by scripts/gen/protocol.mjs. Do not edit: run \`npm run gen\`. -->
# Protocol reference

Version ${protocol.version}. A frame is a 4-byte big-endian length and one msgpack map; the length is at most ${protocol.maxFrame} bytes,
and values are nested at most ${protocol.maxDepth} deep. A map of a request has at most ${members} members, an array ${elements} elements,
and the whole request ${values} values (maps, arrays, keys and scalars): what the largest request below needs. Extension types are not used. A request with an \`id\` is answered with the same \`id\`, in any order; requests
without one are answered in the order sent. A field that a request type does not define is an error. Answers may get new fields: clients ignore what they do not know.

## Requests

${Object.values(schema['x-requests']).map(section).join('\n')}
## Answers

${Object.values(schema['x-responses']).map(section).join('\n')}
## Parts

${parts.map(section).join('\n')}
## Reserved

These request types are not supported yet: ${schema['x-reserved-types'].map((name) => `\`${name}\``).join(', ')}.
`;
}
