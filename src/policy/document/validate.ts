/** The schemas of `schemas/` as validators, with the formats that JSON Schema does not have. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { hasControlCharacter, isNormalPath, placeholdersOf } from './paths.js';
import { POLICY_SCHEMA, RUNTIME_SCHEMA } from './schema.gen.js';
import { parseDuration, parseSize } from './units.js';

/** One node of a schema, as far as error messages look at it. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly SchemaNode[];
  readonly format?: string;
  /** What a `pattern` or `format` means, in words. */
  readonly 'x-expects'?: string;
}

const WORD_PART = '(-?(0x[0-9a-fA-F]+|0o[0-7]+|[0-9]+)|[A-Za-z_][A-Za-z0-9_]*)';
const WORD = new RegExp(`^${WORD_PART}( *\\| *${WORD_PART})*$`);

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  size: (text) => parseSize(text) !== undefined,
  duration: (text) => parseDuration(text) !== undefined,
  word: (text) => WORD.test(text),
  'absolute-path': isNormalPath,
  // A placeholder stands for one part of a path.
  'path-template': (text) => isNormalPath(text) && placeholdersOf(text).every((name) => !name.includes('/')),
  'path-text': (text) => !hasControlCharacter(text),
};

const SCHEMAS = { Policy: POLICY_SCHEMA, Runtime: RUNTIME_SCHEMA } as const;

export type Kind = keyof typeof SCHEMAS;

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, verbose: true, ownProperties: true });
ajv.addVocabulary(['x-expects']);
for (const [name, validate] of Object.entries(FORMATS)) ajv.addFormat(name, { type: 'string', validate });
for (const schema of Object.values(SCHEMAS)) ajv.addSchema(schema);

const inline = new WeakMap<SchemaNode, ValidateFunction>();

/** All violations of a kind's schema. */
export function violations(kind: Kind, value: unknown): readonly ErrorObject[] {
  return run(validatorOf(SCHEMAS[kind].$id), value);
}

/** All violations of one part of a kind's schema, a reference or a node without references. */
export function partViolations(kind: Kind, node: SchemaNode, value: unknown): readonly ErrorObject[] {
  if (node.$ref !== undefined) return run(validatorOf(`${SCHEMAS[kind].$id}${node.$ref}`), value);
  let validate = inline.get(node);
  if (validate === undefined) {
    validate = ajv.compile(node);
    inline.set(node, validate);
  }
  return run(validate, value);
}

/** The node that a reference leads to, or the node itself. */
export function follow(kind: Kind, node: SchemaNode): SchemaNode {
  const definitions = SCHEMAS[kind]['$defs'] as Readonly<Record<string, SchemaNode>>;
  return node.$ref === undefined ? node : (definitions[node.$ref.replace('#/$defs/', '')] ?? node);
}

function run(validate: ValidateFunction, value: unknown): readonly ErrorObject[] {
  return validate(value) ? [] : (validate.errors ?? []);
}

function validatorOf(id: string): ValidateFunction {
  const validate = ajv.getSchema(id);
  if (validate === undefined) throw new Error(`there is no schema ${id}`);
  return validate;
}
