import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runPart } from './run-part.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const SUITE = `
import { beforeAll, describe, expect, it } from 'vitest';
it('passes', () => {});
it('fails', () => expect(1).toBe(2));
it('is skipped with a note', (context) => context.skip('no cgroup is delegated'));
it.skip('is skipped without one', () => {});
it.todo('is not written');
describe.skipIf(true)('limits (needs root)', () => it('oom', () => {}));
describe('broken hook', () => {
  beforeAll(() => { throw new Error('hook'); });
  it('never runs', () => {});
});
`;

it('counts passes, failures, broken hooks and files, and skips with their reasons', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'leeward-vitest-counts-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    writeFileSync(join(dir, 'a.test.mjs'), SUITE);
    writeFileSync(join(dir, 'b.test.mjs'), "import './missing.mjs';\n");
    writeFileSync(
      join(dir, 'vitest.config.mjs'),
      "export default { test: { include: ['*.test.mjs'], exclude: [] } };\n",
    );
    const argv = [process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run'];
    argv.push(`--reporter=${join(root, 'scripts/vitest-counts.mjs')}`);
    const env = { ...process.env, LEEWARD_TEST_COUNTS: join(dir, 'counts.json') };
    const { exit } = await runPart(argv, { cwd: dir, env });
    expect(exit).toBe(1);
    const { skipped, failures, ...counts } = JSON.parse(readFileSync(env.LEEWARD_TEST_COUNTS, 'utf8'));
    expect(counts).toEqual({ passed: 1, failed: 3 });
    expect(failures).toEqual([
      'a.test.mjs broken hook: hook',
      'a.test.mjs fails: expected 1 to be 2 // Object.is equality',
      expect.stringMatching(/^b\.test\.mjs as a whole: .*missing\.mjs/),
    ]);
    expect(skipped).toEqual([
      { name: 'is skipped with a note', reason: 'no cgroup is delegated' },
      { name: 'is skipped without one' },
      { name: 'is not written' },
      { name: 'limits (needs root) > oom', reason: 'needs root' },
      { name: 'broken hook > never runs' },
    ]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 60_000);
