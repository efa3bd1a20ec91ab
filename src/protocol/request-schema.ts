import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import {
  acceptsCancelRequest,
  acceptsExecuteRequest,
  acceptsJobKillRequest,
  acceptsJobListRequest,
  acceptsLogReadRequest,
  acceptsPingRequest,
  acceptsPolicyApplyRequest,
  acceptsPolicyHistoryRequest,
  acceptsPolicyPinRequest,
  acceptsPolicyRollbackRequest,
  acceptsPolicyUnpinRequest,
  acceptsStatusRequest,
  acceptsWorkerListRequest,
} from './accept.gen.js';
import { PROTOCOL_SCHEMA, REQUESTS } from './schema.gen.js';

export type RequestType = keyof typeof REQUESTS;

export const REQUEST_TYPES = Object.keys(REQUESTS) as readonly RequestType[];

/** One definition of the schema, as far as error messages look at it. */
export interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>;
  /** What a `pattern` means, in words. */
  readonly 'x-expects'?: string;
}

/** The schema as plain functions: to accept a request, no validator has to be compiled. */
const ACCEPTS: Readonly<Record<RequestType, (request: unknown) => boolean>> = {
  Execute: acceptsExecuteRequest,
  Ping: acceptsPingRequest,
  Status: acceptsStatusRequest,
  Cancel: acceptsCancelRequest,
  PolicyHistory: acceptsPolicyHistoryRequest,
  JobList: acceptsJobListRequest,
  JobKill: acceptsJobKillRequest,
  WorkerList: acceptsWorkerListRequest,
  PolicyApply: acceptsPolicyApplyRequest,
  PolicyRollback: acceptsPolicyRollbackRequest,
  LogRead: acceptsLogReadRequest,
  PolicyPin: acceptsPolicyPinRequest,
  PolicyUnpin: acceptsPolicyUnpinRequest,
};

let compiler: Ajv2020 | undefined;

function ajv(): Ajv2020 {
  compiler ??= newCompiler();
  return compiler;
}

function newCompiler(): Ajv2020 {
  const made = new Ajv2020({ strict: true, allowUnionTypes: true, verbose: true, ownProperties: true });
  made.addVocabulary(['x-expects', 'x-responses']);
  made.addKeyword({ keyword: 'x-msgpack', schemaType: 'string', validate: isBytes });
  made.addSchema(PROTOCOL_SCHEMA);
  return made;
}

function isBytes(kind: string, value: unknown): boolean {
  return kind === 'bin' && value instanceof Uint8Array;
}

/** True when `type` is a request of this version. */
export function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(REQUESTS, type);
}

/** The first thing that is wrong with a request of this type, or undefined. */
export function requestViolation(type: RequestType, request: unknown): ErrorObject | undefined {
  return ACCEPTS[type](request) ? undefined : violationOf(REQUESTS[type], request);
}

/** Checks a value against a definition of the schema by its name; the first violation, or undefined. */
export function violationOf(definition: string, value: unknown): ErrorObject | undefined {
  const validate = validatorOf(definition);
  if (validate(value)) return undefined;
  // Of alternatives that all failed, what each of them wanted comes first and says too little.
  const last = validate.errors?.at(-1);
  return last?.keyword === 'anyOf' ? last : validate.errors?.[0];
}

function validatorOf(definition: string): ValidateFunction {
  const validate = ajv().getSchema(`${PROTOCOL_SCHEMA['$id']}#/$defs/${definition}`);
  if (validate === undefined) throw new Error(`the protocol schema has no definition ${definition}`);
  return validate;
}
