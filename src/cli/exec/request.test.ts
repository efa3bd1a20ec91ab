import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../usage-error.js';
import { mountsOf } from './mount-flags.js';
import { type ExecFlags, requestOf } from './request.js';

let cwd: string;
const input = { code: 'print(1)', argv: [], stdin: undefined };

beforeAll(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'leeward-exec-')));
  mkdirSync(join(cwd, 'data'));
  symlinkSync('data', join(cwd, 'link'));
});

afterAll(() => rmSync(cwd, { recursive: true }));

describe('mountsOf', () => {
  it('puts --input read-only at /input and --output writable at /output', () => {
    expect(mountsOf({ input: 'data', output: 'out' }, cwd)).toEqual([
      { host: join(cwd, 'data'), sandbox: '/input', ro: true },
      { host: join(cwd, 'out'), sandbox: '/output', ro: false },
    ]);
  });

  it('sends real paths, also for what does not exist yet below a link', () => {
    expect(mountsOf({ input: 'link', output: 'link/new/deep' }, cwd).map(({ host }) => host)).toEqual([
      join(cwd, 'data'),
      join(cwd, 'data/new/deep'),
    ]);
  });

  it.each([
    ['data:/input/x', { host: 'data', sandbox: '/input/x', ro: true }],
    ['data:/input/x:ro', { host: 'data', sandbox: '/input/x', ro: true }],
    ['data:/output/x:rw', { host: 'data', sandbox: '/output/x', ro: false }],
    ['a:b:/input/x', { host: 'a:b', sandbox: '/input/x', ro: true }],
  ])('reads --mount %s', (text, { host, ...rest }) => {
    expect(mountsOf({ mount: [text] }, cwd)).toEqual([{ host: join(cwd, host), ...rest }]);
  });

  it.each(['data', 'data:input', ':/input', 'data:/x:rx'])('refuses --mount %s', (text) => {
    expect(() => mountsOf({ mount: [text] }, cwd)).toThrow(UsageError);
  });

  it('refuses two mounts at one target', () => {
    expect(() => mountsOf({ input: 'data', mount: ['data:/input'] }, cwd)).toThrow('two mounts at /input');
  });
});

describe('requestOf', () => {
  it('sends the python policy and the current directory when nothing else is said', () => {
    expect(requestOf({}, input, cwd)).toEqual({ code: 'print(1)', policy: 'python', allow_paths: [cwd] });
  });

  it('sends what the flags say, in the units of the protocol', () => {
    const flags: ExecFlags = {
      policy: 'python-data',
      timeout: '5m',
      memory: '4GiB',
      env: ['A=1', 'B=x=y', 'C='],
      param: ['region=south'],
      'job-id': 'abc',
      deadline: '1.5s',
      'allow-path': ['data', '.'],
    };
    const stdin = new TextEncoder().encode('in');
    expect(requestOf(flags, { code: 'c', argv: ['-v', 'x'], stdin }, cwd)).toEqual({
      code: 'c',
      policy: 'python-data',
      timeout_secs: 300,
      memory_limit: 4_294_967_296,
      job_id: 'abc',
      params: { region: 'south' },
      env: { A: '1', B: 'x=y', C: '' },
      argv: ['-v', 'x'],
      stdin,
      allow_paths: [cwd, join(cwd, 'data')],
      deadline_ms: 1500,
    });
  });

  it('sends no empty standard input', () => {
    expect(requestOf({}, { ...input, stdin: new Uint8Array() }, cwd)).not.toHaveProperty('stdin');
  });

  it.each([
    [{ env: ['A'] }, '--env A: not NAME=VALUE'],
    [{ env: ['A=1', 'A=2'] }, '--env A is given twice'],
    [{ timeout: '5 parsecs' }, '--timeout 5 parsecs: unknown unit parsecs'],
    [{ memory: '5MB' }, '--memory 5MB: unknown unit MB'],
  ])('refuses %j', (flags, message) => {
    expect(() => requestOf(flags, input, cwd)).toThrow(message);
  });
});
