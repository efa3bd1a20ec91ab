import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsCancelRequest,
  acceptsExecuteRequest,
  acceptsJobKillRequest,
  acceptsJobListRequest,
  acceptsLogReadRequest,
  acceptsPingRequest,
  acceptsPolicyHistoryRequest,
  acceptsStatusRequest,
  acceptsWorkerListRequest,
} from './accept.gen.js';
import { violationOf } from './request-schema.js';

const ACCEPTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ExecuteRequest: acceptsExecuteRequest,
  PingRequest: acceptsPingRequest,
  StatusRequest: acceptsStatusRequest,
  CancelRequest: acceptsCancelRequest,
  JobListRequest: acceptsJobListRequest,
  JobKillRequest: acceptsJobKillRequest,
  PolicyHistoryRequest: acceptsPolicyHistoryRequest,
  WorkerListRequest: acceptsWorkerListRequest,
  LogReadRequest: acceptsLogReadRequest,
};

const url = new URL('../../test/vectors/protocol/requests.json', import.meta.url);
const vectors = (JSON.parse(readFileSync(url, 'utf8')) as { value: { type: string } }[]).map(({ value }) => value);

/** Values that some field wants and others do not. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    0.5,
    1e300,
    2 ** 53,
    '',
    '.',
    '..',
    'a',
    '/a',
    '/a\u0000',
    '💥'.repeat(128),
  ),
  fc.constantFrom<unknown>([], {}, ['/x'], { A: 'b' }, { '': '' }, new Uint8Array(2), [{ host: '/a', sandbox: '/b' }]),
);

describe('the functions that accept requests', () => {
  it('say the same as the schema', () => {
    const field = fc.constantFrom(...new Set(vectors.flatMap(Object.keys)), 'id', 'ro', '__proto__');
    const changes = fc.array(fc.tuple(field, odd), { maxLength: 2 });
    fc.assert(
      fc.property(
        fc.constantFrom(...vectors),
        fc.constantFrom(...Object.keys(ACCEPTS)),
        changes,
        (vector, name, changed) => {
          const request = { ...vector, ...Object.fromEntries(changed) };
          expect(ACCEPTS[name]?.(request)).toBe(violationOf(name, request) === undefined);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
