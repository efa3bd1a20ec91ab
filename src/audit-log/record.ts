import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JobStatus } from '../protocol/messages.gen.js';
import { PROTOCOL_SCHEMA } from '../protocol/schema.gen.js';
import { acceptsRecord } from './accept.gen.js';
import type { AuditEvent, Link } from './records.gen.js';
import { AUDIT_LOG, AUDIT_LOG_SCHEMA, KINDS, STATUSES } from './schema.gen.js';

/** One line of the log. */
export type AuditRecord = Link & AuditEvent;

export type AuditKind = AuditEvent['kind'];

export const AUDIT_KINDS = Object.keys(KINDS) as readonly AuditKind[];

export const JOB_STATUSES = STATUSES as readonly JobStatus[];

/** Version of the format that is written. */
export const FORMAT_VERSION = AUDIT_LOG.version;

let compiler: Ajv2020 | undefined;

/** What is wrong with the fields of a record, in words; undefined when nothing is. */
export function recordViolation(value: unknown): string | undefined {
  if (acceptsRecord(value)) return undefined;
  const { version, kind } = (value ?? {}) as { readonly version?: unknown; readonly kind?: unknown };
  if (version !== FORMAT_VERSION) return `version ${text(version)} is not known`;
  if (typeof kind !== 'string' || !isKind(kind)) return `kind ${text(kind)} is not known`;
  const [violation] = violationsOf(kind, value);
  if (violation === undefined) return `it is no record of kind ${kind}`;
  const { instancePath, keyword, message, params } = violation;
  const extra = keyword === 'unevaluatedProperties' || keyword === 'additionalProperties';
  const name: unknown = params['unevaluatedProperty'] ?? params['additionalProperty'];
  const field = [instancePath.slice(1).replaceAll('/', '.'), extra ? String(name) : ''].filter(Boolean).join('.');
  return `field ${text(field)} ${extra ? 'is not known' : message}`;
}

function isKind(kind: string): kind is AuditKind {
  return Object.hasOwn(KINDS, kind);
}

function violationsOf(kind: AuditKind, value: unknown) {
  const validate = validatorOf(kind);
  return validate(value) ? [] : (validate.errors ?? []);
}

function validatorOf(kind: AuditKind): ValidateFunction {
  compiler ??= newCompiler();
  const validate = compiler.getSchema(`${AUDIT_LOG_SCHEMA.$id}#/$defs/${KINDS[kind]}`);
  if (validate === undefined) throw new Error(`the schema has no definition ${KINDS[kind]}`);
  return validate;
}

function newCompiler(): Ajv2020 {
  const made = new Ajv2020({ strict: true, allowUnionTypes: true, ownProperties: true });
  made.addVocabulary(['x-expects', 'x-responses', 'x-msgpack']);
  // Records hold the receipt and the status as answers have them.
  made.addSchema(PROTOCOL_SCHEMA);
  return made.addSchema(AUDIT_LOG_SCHEMA);
}

/** A value of a file, short: a message is no place for what somebody has put there. */
function text(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 64);
}
