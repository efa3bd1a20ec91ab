/** The schemas of `schemas/` as validators, with the formats that JSON Schema does not have. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { acceptsPolicy, acceptsProfile, acceptsRuntime, acceptsTenant } from './accept.gen.js';
import { FORMATS } from './formats.js';
import { POLICY_SCHEMA, PROFILE_SCHEMA, RUNTIME_SCHEMA, TENANT_SCHEMA } from './schema.gen.js';

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

const SCHEMAS = {
  Policy: POLICY_SCHEMA,
  Runtime: RUNTIME_SCHEMA,
  Tenant: TENANT_SCHEMA,
  Profile: PROFILE_SCHEMA,
} as const;

export type Kind = keyof typeof SCHEMAS;

/** The same schemas as plain functions: a file without errors, the usual one, needs no validator to be compiled. */
const ACCEPTS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  Policy: acceptsPolicy,
  Runtime: acceptsRuntime,
  Tenant: acceptsTenant,
  Profile: acceptsProfile,
};

let compiler: Ajv2020 | undefined;

function ajv(): Ajv2020 {
  compiler ??= newCompiler();
  return compiler;
}

function newCompiler(): Ajv2020 {
  const made = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    ownProperties: true,
  });
  made.addVocabulary(['x-expects']);
  for (const [name, validate] of Object.entries(FORMATS)) made.addFormat(name, { type: 'string', validate });
  for (const schema of Object.values(SCHEMAS)) made.addSchema(schema);
  return made;
}

const inline = new WeakMap<SchemaNode, ValidateFunction>();

/** All violations of a kind's schema. */
export function violations(kind: Kind, value: unknown): readonly ErrorObject[] {
  return ACCEPTS[kind](value) ? [] : allViolations(kind, value);
}

/** As `violations`, by ajv in any case. */
export function allViolations(kind: Kind, value: unknown): readonly ErrorObject[] {
  return run(validatorOf(SCHEMAS[kind].$id), value);
}

/** All violations of one part of a kind's schema, a reference or a node without references. */
export function partViolations(kind: Kind, node: SchemaNode, value: unknown): readonly ErrorObject[] {
  if (node.$ref !== undefined) return run(validatorOf(`${SCHEMAS[kind].$id}${node.$ref}`), value);
  let validate = inline.get(node);
  if (validate === undefined) {
    validate = ajv().compile(node);
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
  const validate = ajv().getSchema(id);
  if (validate === undefined) throw new Error(`there is no schema ${id}`);
  return validate;
}
