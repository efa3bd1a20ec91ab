import type { ErrorObject } from 'ajv/dist/2020.js';
import { type ErrorCode, LeewardError } from '../errors/leeward-error.js';
import { nearestNames } from '../errors/nearest.js';
import { decodePayload, type WireMap } from './decode.js';
import type {
  CancelRequest,
  ExecuteRequest,
  JobKillRequest,
  JobListRequest,
  LogReadRequest,
  PingRequest,
  PolicyApplyRequest,
  PolicyHistoryRequest,
  PolicyPinRequest,
  PolicyRollbackRequest,
  PolicyUnpinRequest,
  StatusRequest,
  WorkerListRequest,
} from './messages.gen.js';
import { type Definition, isRequestType, REQUEST_TYPES, type RequestType, requestViolation } from './request-schema.js';
import { RESERVED_TYPES } from './schema.gen.js';
import { REQUEST_BOUNDS } from './structure.js';

/** Requests about what the daemon has under way, and what is to become of it. */
export type AdministrativeRequest =
  | JobListRequest
  | JobKillRequest
  | WorkerListRequest
  | LogReadRequest
  | PolicyHistoryRequest
  | PolicyApplyRequest
  | PolicyRollbackRequest
  | PolicyPinRequest
  | PolicyUnpinRequest;

export type Request = ExecuteRequest | PingRequest | StatusRequest | CancelRequest | AdministrativeRequest;

/** A request, or what is wrong with it and how the answer is addressed. */
export type ParsedRequest =
  | { readonly ok: true; readonly request: Request }
  | {
      readonly ok: false;
      /** Type of the answer: the request's, or `Error` when it has none that is known. */
      readonly type: RequestType | 'Error';
      readonly id: number | null;
      readonly error: LeewardError;
    };

/**
 * Reads the payload of a frame as a request, and checks it against `schemas/protocol.schema.json`.
 */
export function parseRequest(payload: Uint8Array): ParsedRequest {
  let message: WireMap;
  try {
    message = decodePayload(payload, REQUEST_BOUNDS);
  } catch (error) {
    if (!(error instanceof LeewardError)) throw error;
    return { ok: false, type: 'Error', id: null, error };
  }
  return checkRequest(message);
}

/** The second half of `parseRequest`, for a message that is decoded already (or never was encoded, as in embedded use). */
export function checkRequest(message: { readonly [key: string]: unknown }): ParsedRequest {
  const id = idOf(message);
  const type = message['type'];
  if (typeof type !== 'string' || !isRequestType(type)) {
    return { ok: false, type: 'Error', id, error: typeError(type) };
  }
  const violation = requestViolation(type, message);
  if (violation === undefined) return { ok: true, request: message as unknown as Request };
  return { ok: false, type, id, error: violationError(violation) };
}

function idOf(message: { readonly [key: string]: unknown }): number | null {
  const id = message['id'];
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

function typeError(type: unknown): LeewardError {
  if (type === undefined) return fieldError('LW_PROTO_MISSING_FIELD', 'type', 'type is missing');
  if (typeof type !== 'string') return fieldError('LW_PROTO_BAD_FIELD', 'type', `type is ${shown(type)}, not a string`);
  if (RESERVED_TYPES.includes(type)) {
    return fieldError('LW_PROTO_UNKNOWN_TYPE', 'type', `request type ${type} is not supported yet`);
  }
  const hint = meant(nearestNames(type, REQUEST_TYPES)) ?? `known types: ${REQUEST_TYPES.join(', ')}`;
  return fieldError('LW_PROTO_UNKNOWN_TYPE', 'type', `unknown request type ${shown(type)}`, hint);
}

function violationError(violation: ErrorObject): LeewardError {
  const parent = fieldPath(violation.instancePath);
  const params = violation.params as Readonly<Record<string, unknown>>;
  if (violation.keyword === 'additionalProperties') {
    return unknownField(parent, String(params['additionalProperty']), violation.parentSchema as Definition);
  }
  if (violation.keyword === 'required') {
    const field = joined(parent, String(params['missingProperty']));
    return fieldError('LW_PROTO_MISSING_FIELD', field, `${field} is missing`);
  }
  if (violation.propertyName !== undefined) return badName(parent, violation.propertyName, expected(violation));
  const value = isPrivate(violation) ? kindOf(violation.data) : shown(violation.data);
  return fieldError('LW_PROTO_BAD_FIELD', parent, `${parent} is ${value}, must be ${expected(violation)}`);
}

/** `KEY=value` may have become a name by mistake; a path of `files` is wanted where it is looked for. */
function badName(parent: string, name: string, wanted: string): LeewardError {
  if (parent !== 'files') return fieldError('LW_PROTO_BAD_FIELD', parent, `a name in ${parent} must be ${wanted}`);
  return fieldError('LW_PROTO_BAD_FIELD', joined(parent, name), `name ${shown(name)} in ${parent} must be ${wanted}`);
}

function unknownField(parent: string, name: string, definition: Definition): LeewardError {
  const field = joined(parent, name);
  const candidates = Object.keys(definition.properties ?? {});
  return fieldError(
    'LW_PROTO_UNKNOWN_FIELD',
    field,
    `unknown field ${shown(field)}`,
    meant(nearestNames(name, candidates)),
  );
}

function expected(violation: ErrorObject): string {
  const words = (violation.parentSchema as Definition | undefined)?.['x-expects'];
  if (words !== undefined && (violation.keyword === 'pattern' || violation.keyword === 'maxLength')) return words;
  const params = violation.params as Readonly<Record<string, unknown>>;
  switch (violation.keyword) {
    case 'type':
      return `of type ${String(params['type']).replaceAll(',', ' or ')}`;
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
      return `${params['comparison']} ${params['limit']}`;
    case 'maxItems':
    case 'maxProperties':
      return `of at most ${params['limit']} entries`;
    case 'minItems':
    case 'minProperties':
      return `of at least ${params['limit'] === 1 ? 'one entry' : `${params['limit']} entries`}`;
    case 'minLength':
      return `of at least ${params['limit'] === 1 ? 'one character' : `${params['limit']} characters`}`;
    case 'anyOf':
    case 'x-msgpack':
      return 'text or bytes';
    default:
      return (violation.message ?? 'valid').replace(/^must be /, '');
  }
}

function fieldError(code: ErrorCode, field: string, message: string, hint?: string): LeewardError {
  return new LeewardError(code, message, { place: { field }, hint });
}

function meant(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`;
}

/** `/mounts/0/host` (RFC 6901) as `mounts[0].host`. */
function fieldPath(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).reduce(joined, '');
}

function joined(parent: string, name: string): string {
  if (/^\d+$/.test(name)) return `${parent}[${name}]`;
  if (name.startsWith('/')) return `${parent}["${printable(name)}"]`;
  return parent === '' ? printable(name) : `${parent}.${printable(name)}`;
}

/** What is somebody's code or data: of these no value is repeated, as errors are logged and shown. */
const PRIVATE_FIELDS: ReadonlySet<string> = new Set(['argv', 'code', 'env', 'files', 'params', 'stdin']);

function isPrivate({ instancePath }: ErrorObject): boolean {
  return PRIVATE_FIELDS.has(instancePath.split('/')[1] ?? '');
}

/** A value, without what it says. */
function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? shown(value) : `a ${typeof value}`;
}

const SHOWN_LENGTH = 64;

/** A value of the peer, short and on one line. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'string') return `'${printable(value)}'`;
  return typeof value === 'object' && value !== null ? 'a map' : String(value);
}

function printable(text: string): string {
  const short = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
  return short.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
