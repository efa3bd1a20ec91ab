import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS, sampleLog } from '../../../test/audit-log/sample-log.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { findEnd } from './find-end.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-audit-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const WHOLE = Buffer.from(sampleLog(EVENTS).lines.join(''));
const COUNT = EVENTS.length;

/** The number of the last record, or the code of the error. */
function endOf(bytes: Uint8Array): number | string {
  writeFileSync(join(folder, 'audit.ndjson'), bytes);
  try {
    return findEnd(folder).head.sequence;
  } catch (error) {
    return error instanceof LeewardError ? error.code : String(error);
  }
}

describe('what a daemon finds', () => {
  it('in any bytes is an end or an error that says what to do', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => [0, 'LW_DAEMON_AUDIT_LOG'].includes(endOf(bytes))),
      { numRuns: 60 },
    );
  });

  it('after a log that was cut anywhere is the last whole record', () => {
    fc.assert(
      fc.property(fc.nat(WHOLE.length), (length) => {
        const cut = WHOLE.subarray(0, length);
        return endOf(cut) === cut.toString('latin1').split('\n').length - 1;
      }),
      { numRuns: 60 },
    );
  });

  it('after a log with anything but a newline behind it is the last whole record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const rest = bytes.filter((byte) => byte !== 0x0a);
        return endOf(Buffer.concat([WHOLE, rest])) === COUNT;
      }),
      { numRuns: 60 },
    );
  });

  it('where the last record was changed is an error', () => {
    expect(endOf(Buffer.from(WHOLE.toString().replace('"daemon_stopped"', '"daemon_stoppeD"')))).toBe(
      'LW_DAEMON_AUDIT_LOG',
    );
  });
});
