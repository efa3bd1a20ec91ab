// Policy, runtime and tenant files, and profiles that are imported: schemas/KIND.schema.json -> TypeScript types, the schemas as a module,
// the reference page (of our own files alone).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _ } from 'ajv';
import { compile } from 'json-schema-to-typescript';
import { acceptModule } from './accept.mjs';

const KINDS = ['policy', 'runtime', 'tenant', 'profile'];
const SOURCES = 'schemas/{policy,runtime,tenant,profile}.schema.json';
const NOTICE = `Generated from ${SOURCES} by scripts/gen/policy-types.mjs. Do not edit: run \`npm run gen\`.`;

/**
 * @param {string} root repository root
 * @returns {Promise<{path: string, text: string}[]>} every generated file, relative to the root
 */
export async function generate(root) {
  const read = async (kind) => JSON.parse(await readFile(join(root, `schemas/${kind}.schema.json`), 'utf8'));
  const schemas = await Promise.all(KINDS.map(read));
  const [policy, runtime, tenant, profile] = schemas;
  return [
    { path: 'src/policy/document/document.gen.ts', text: await types(policy) },
    { path: 'src/policy/document/runtime.gen.ts', text: await types(runtime) },
    { path: 'src/policy/document/tenant.gen.ts', text: await types(tenant) },
    { path: 'src/policy/document/profile.gen.ts', text: await types(profile) },
    { path: 'src/policy/document/schema.gen.ts', text: schemaModule(schemas) },
    { path: 'src/policy/document/accept.gen.ts', text: acceptText(schemas) },
    { path: 'docs/reference/policy.md', text: reference(policy, runtime, tenant) },
  ];
}

async function types(schema) {
  const { $id: _, ...source } = forTypes(schema);
  return await compile({ ...source, title: schema.title }, schema.title, {
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    bannerComment: `// ${NOTICE}`,
    style: { singleQuote: true, printWidth: 120 },
  });
}

/** The type generator copies a type for each reference that has words beside `$ref`, and names types by title. */
function forTypes(node, name) {
  if (Array.isArray(node)) return node.map((item) => forTypes(item));
  if (node === null || typeof node !== 'object') return node;
  if (typeof node.$ref === 'string') return { $ref: node.$ref };
  const entries = Object.entries(node)
    .filter(([key]) => !key.startsWith('x-') && (key !== 'title' || name !== undefined))
    .map(([key, value]) => [key, key === '$defs' ? definitionsOf(value) : forTypes(value)]);
  return Object.fromEntries(entries);
}

function definitionsOf(definitions) {
  return Object.fromEntries(Object.entries(definitions).map(([name, value]) => [name, forTypes(value, name)]));
}

function schemaModule(schemas) {
  const type = '{ readonly $id: string; readonly [key: string]: unknown }';
  const constants = schemas.map((schema, index) => {
    return `export const ${KINDS[index].toUpperCase()}_SCHEMA: ${type} = ${JSON.stringify(schema, null, 2)};\n`;
  });
  return `// ${NOTICE}\n\n${constants.join('\n')}`;
}

function acceptText(schemas) {
  const capitalized = (kind) => kind[0].toUpperCase() + kind.slice(1);
  return acceptModule({
    banner: `// ${NOTICE}`,
    imports: "import { FORMATS } from './formats.js';\n",
    schemas,
    functions: Object.fromEntries(schemas.map(({ $id }, index) => [`accepts${capitalized(KINDS[index])}`, $id])),
    extend: (ajv) => {
      for (const name of Object.keys(FORMATS)) ajv.addFormat(name, () => true);
    },
    code: { formats: _`FORMATS` },
  });
}

function reference(policy, runtime, tenant) {
  return `<!-- ${NOTICE} -->
# Policy reference

A policy is a YAML 1.2 file of at most 256 KiB. Keys that are not listed here are errors. Sizes have binary units (B, KiB, MiB, GiB,
TiB), durations have units (ms, s, m, h); file modes are quoted octal numbers. What the keys are for and how policies are put together:
[the guide](../guide/policies.md). Rule codes: [lint](lint.md).

## Policy

${body(policy, policy)}
${partsOf(policy)}
## Runtime

${body(runtime, runtime)}
${partsOf(runtime)}
## Tenant

${body(tenant, tenant)}
${partsOf(tenant)}`;
}

function partsOf(schema) {
  const names = Object.keys(schema.$defs).filter((name) => schema.$defs[name].properties || schema.$defs[name].oneOf);
  return names.map((name) => `### ${name}\n\n${body(schema.$defs[name], schema)}`).join('\n');
}

function body(node, schema) {
  const lines = node.description ? [node.description, ''] : [];
  if (node.properties) return [...lines, ...table(node, schema), ''].join('\n');
  return [...lines, `${typeText(node, schema)}.`, ''].join('\n');
}

function table(node, schema) {
  const rows = Object.entries(node.properties).map(([name, value]) => {
    const required = (node.required ?? []).includes(name) ? 'yes' : 'no';
    const cells = [
      `\`${name}\``,
      typeText(value, schema),
      required,
      value.description ?? target(value, schema)?.description ?? '',
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | type | required | meaning |', '|---|---|---|---|', ...rows];
}

function target(node, schema) {
  return node.$ref ? schema.$defs[node.$ref.replace('#/$defs/', '')] : undefined;
}

const FORMATS = {
  size: 'size',
  duration: 'duration',
  word: 'integer or constants',
  uint64: 'integer',
  'absolute-path': 'absolute path',
  'path-template': 'absolute path with placeholders',
  'path-text': 'path',
};

function typeText(node, schema) {
  const named = target(node, schema);
  if (named?.properties || named?.oneOf) return linkTo(node.$ref.replace('#/$defs/', ''));
  if (named) return typeText(named, schema);
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.oneOf) return node.oneOf.map((branch) => typeText(branch, schema)).join(' or ');
  if (node.format) return FORMATS[node.format];
  if (node.type === 'array') return `list of ${typeText(node.items, schema)}`;
  if (node.properties) return 'map';
  if (typeof node.additionalProperties === 'object') return `map of ${typeText(node.additionalProperties, schema)}`;
  if (node.pattern) return `text, \`${node.pattern}\``;
  return `${node.type}${bounds(node)}`;
}

function linkTo(name) {
  return `[${name}](#${name.toLowerCase()})`;
}

function bounds({ minimum, exclusiveMinimum, maximum }) {
  const words = [];
  if (minimum !== undefined) words.push(`at least ${minimum}`);
  if (exclusiveMinimum !== undefined) words.push(`above ${exclusiveMinimum}`);
  if (maximum !== undefined) words.push(`at most ${maximum}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
