import { describe, expect, it } from 'vitest';
import { asLeewardError, errorCodeOfNumber, isErrorCode, LeewardError, placeText } from './leeward-error.js';

describe('LeewardError', () => {
  it('takes retryable and the exit code from the catalogue', () => {
    const busy = new LeewardError('LW_DAEMON_BUSY', 'queue of tenant acme is full (64 waiting)');
    expect(busy).toBeInstanceOf(Error);
    expect([busy.retryable, busy.exitCode, busy.name]).toEqual([true, 125, 'LeewardError']);
    expect(new LeewardError('LW_JOB_TIMED_OUT', 'ran longer than 30s').exitCode).toBe(124);
  });

  it('lets one case differ from the catalogue', () => {
    expect(new LeewardError('LW_SANDBOX_ERROR', 'clone3: EAGAIN', { retryable: true }).retryable).toBe(true);
    expect(new LeewardError('LW_DAEMON_BUSY', 'never again', { retryable: false }).retryable).toBe(false);
  });

  it('shows clients code, message, place and hint, but neither cause nor stack', () => {
    const error = new LeewardError('LW_REQUEST_MOUNT_SYMLINK', 'mount /data/jobs/a/link is a symbolic link', {
      place: { field: 'mounts[0].host' },
      hint: 'pass /data/jobs/a/real',
      cause: new Error('secret path'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'LW_REQUEST_MOUNT_SYMLINK',
      message: 'mount /data/jobs/a/link is a symbolic link',
      retryable: false,
      place: { field: 'mounts[0].host' },
      hint: 'pass /data/jobs/a/real',
    });
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('leaves out what is not known', () => {
    const plain = new LeewardError('LW_INTERNAL', 'no slot');
    expect(Object.keys(plain.toJSON())).toEqual(['code', 'message', 'retryable']);
    expect('cause' in plain).toBe(false);
  });
});

describe('codes', () => {
  it('are found by the number that C reports', () => {
    expect(errorCodeOfNumber(601)).toBe('LW_SANDBOX_ERROR');
    expect(errorCodeOfNumber(0)).toBeUndefined();
    expect(errorCodeOfNumber(60_000)).toBeUndefined();
  });

  it('are told from anything else', () => {
    expect(isErrorCode('LW_JOB_LOST')).toBe(true);
    for (const other of ['LW_NEWER', 'toString', '', 7, null, undefined]) expect(isErrorCode(other)).toBe(false);
  });
});

describe('asLeewardError', () => {
  it('keeps a LeewardError and wraps everything else as internal', () => {
    const known = new LeewardError('LW_JOB_LOST', 'the supervisor died');
    expect(asLeewardError(known)).toBe(known);
    const cause = new TypeError('x is not a function');
    expect(asLeewardError(cause)).toMatchObject({ code: 'LW_INTERNAL', message: 'x is not a function', cause });
    expect(asLeewardError('text')).toMatchObject({ code: 'LW_INTERNAL', message: 'text' });
  });
});

describe('placeText', () => {
  it('prints a file place as editors read it, and a field as it is', () => {
    expect(placeText({ file: 'policies/a.yaml', line: 7, col: 5 })).toBe('policies/a.yaml:7:5');
    expect(placeText({ field: 'mounts[0].host' })).toBe('mounts[0].host');
  });
});
