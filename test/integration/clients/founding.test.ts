import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../src/protocol/encode.js';
import type { ExecuteRequest, ExecuteResponse } from '../../../src/protocol/messages.gen.js';
import { type Account, isRoot, root, user } from '../../harness/account.js';
import { PACKAGE_ROOT } from '../../harness/checkout.js';
import { testHost } from '../../harness/host.js';
import { pythonOf } from '../../harness/runtimes.js';
import { withDaemon } from '../harness/fixture.js';

const VECTORS = join(PACKAGE_ROOT, 'test/vectors/protocol');
const REQUEST = Buffer.from(readFileSync(join(VECTORS, 'founding-request.hex'), 'utf8').trim(), 'hex');
const ANSWER = JSON.parse(readFileSync(join(VECTORS, 'founding-answer.json'), 'utf8')) as {
  values: object;
  resultValues: object;
  resultIntegers: string[];
};

/** What the founding job computes, computed on the host without any sandbox; and what it wrote. */
const COMPARE = `
import sys, pandas as pd
expected = pd.read_excel(sys.argv[1]).groupby("region").sum(numeric_only=True)
pd.testing.assert_frame_equal(pd.read_parquet(sys.argv[2]), expected)
print(len(expected))
`;

/** Makes input and output of the founding job. */
function prepare(folder: string, { uid, gid }: Account): void {
  const python = pythonOf(testHost(), 'python-data');
  execFileSync(python, ['-I', join(PACKAGE_ROOT, 'examples/founding-job/make_input.py'), join(folder, 'input')]);
  mkdirSync(join(folder, 'output'), { recursive: true });
  for (const path of [folder, join(folder, 'input'), join(folder, 'output')]) {
    if (isRoot) chownSync(path, uid, gid);
  }
}

function expectFoundingAnswer(answer: ExecuteResponse | undefined, folder: string): void {
  expect(answer).toMatchObject({ ...ANSWER.values, result: ANSWER.resultValues });
  const result = answer?.result as unknown as Record<string, unknown>;
  for (const name of ANSWER.resultIntegers) expect(result[name], name).toSatisfy(Number.isSafeInteger);
  const python = pythonOf(testHost(), 'python-data');
  const files = [join(folder, 'input/vendas.xlsx'), join(folder, 'output/result.parquet')];
  expect(execFileSync(python, ['-I', '-c', COMPARE, ...files], { encoding: 'utf8' })).toBe('5\n');
}

describe.skipIf(!isRoot)('the founding request, byte by byte, as root (needs root)', () => {
  const folder = '/data/jobs/abc';
  const aside = `${folder}.leeward-test-${process.pid}`;
  let made: string | undefined;
  const at = withDaemon(root);

  beforeAll(() => {
    if (existsSync(folder)) renameSync(folder, aside);
    made = mkdirSync(folder, { recursive: true });
    prepare(folder, root);
  });
  afterAll(() => {
    if (made !== undefined) rmSync(made, { recursive: true });
    if (existsSync(aside)) renameSync(aside, folder);
  });

  it('gets the founding answer, and the host has the result', async () => {
    const connection = await at.daemon.connect();
    connection.send(REQUEST);
    expectFoundingAnswer((await connection.receive()) as ExecuteResponse, folder);
    connection.close();
  });

  it('is under 400 bytes', () => {
    expect(REQUEST.length).toBeLessThan(400);
  });
});

describe('the founding request of an ordinary user, with paths of his own', () => {
  const at = withDaemon(user);

  it('gets the founding answer, and the host has the result', async () => {
    const folder = at.daemon.place.directory('jobs/abc', 0o755);
    prepare(folder, user);
    const [founding] = JSON.parse(readFileSync(join(VECTORS, 'requests.json'), 'utf8')) as { value: ExecuteRequest }[];
    const mounts = founding?.value.mounts?.map((mount) => ({
      ...mount,
      host: mount.host.replace('/data/jobs/abc', folder),
    }));
    at.client.send(encodeFrame({ ...founding?.value, mounts, allow_paths: [dirname(folder)] }));
    const answer = (await at.client.receive()) as ExecuteResponse;
    // Peak and processor time are the control group's to tell; without a delegated one they are not known, and null.
    const { memory_peak = 0, cpu_time_us = 0 } = answer.result ?? {};
    expect([memory_peak, cpu_time_us].every((value) => value === null || value > 0)).toBe(true);
    const known = { memory_peak: memory_peak ?? 0, cpu_time_us: cpu_time_us ?? 0 };
    expectFoundingAnswer({ ...answer, result: { ...answer.result, ...known } } as ExecuteResponse, folder);
  });
});
