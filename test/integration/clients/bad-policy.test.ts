import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isRoot } from '../../harness/account.js';
import { leeward } from '../../harness/command.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import { asEachAccount } from '../harness/account.js';

const GOOD = `version: 1
kind: Policy
name: mine
extends: [python]
`;

/** A file with one mistake: what is added, the place and code of the finding, and words that must be in it. */
const MISTAKES: readonly [name: string, text: string, place: string, code: string, words: string][] = [
  ['an unknown key', `${GOOD}limitss: {pids: 3}\n`, '5:1', 'LW-P010', 'limits'],
  ['an unknown key below', `${GOOD}limits: {pidz: 3}\n`, '5:10', 'LW-P010', 'pids'],
  ['a wrong type', `${GOOD}limits: {pids: many}\n`, '5:16', 'LW-P012', 'integer'],
  ['an unknown unit', `${GOOD}limits: {memory: 100M}\n`, '5:18', 'LW-P016', 'MiB'],
  ['an unknown unit of time', `${GOOD}limits: {timeout: 5 minutes}\n`, '5:19', 'LW-P016', 'ms, s, m or h'],
  ['an unknown system call', `${GOOD}syscalls: {allow: [opennat]}\n`, '5:20', 'LW-S100', 'openat'],
  ['a key written twice', `${GOOD}name: other\n`, '5:1', 'LW-P002', 'name'],
  ['YAML that ends early', `${GOOD}limits: {pids: 3\n`, '', 'LW-P001', ''],
  ['a tab as indentation', `${GOOD}limits:\n\tpids: 3\n`, '6:1', 'LW-P001', ''],
  ['an extended policy that is missing', GOOD.replace('[python]', '[pyton]'), '4:11', 'LW-P020', 'python'],
];

asEachAccount((account) => {
  let place: Place;
  beforeAll(() => {
    place = new Place(account);
    place.directory('policies', 0o755);
  });

  describe('leeward policy lint', () => {
    it('has nothing to say about a good file', async () => {
      const file = place.file('policies/mine.yaml', GOOD);
      const { exitCode, stdout, stderr } = await leeward(place, ['policy', 'lint', file]);
      expect({ exitCode, findings: /LW-/.test(stdout + stderr) }).toEqual({ exitCode: 0, findings: false });
    });

    // What is found does not depend on who looks: one in four is enough the second time.
    const rows = isRoot && account.name === 'user' ? MISTAKES.filter((_, index) => index % 4 === 0) : MISTAKES;

    it.each(rows)('%s', async (_, text, at, code, words) => {
      const file = place.file('policies/mine.yaml', text);
      const { exitCode, stdout, stderr } = await leeward(place, ['policy', 'lint', file]);
      const output = stdout + stderr;
      expect(exitCode).toBe(1);
      expect(output).toContain(`${file}:${at}`);
      expect(output).toContain(`error ${code}`);
      expect(output).toContain(words);
    });

    it('a file that others may write is refused, with the command that mends it', async () => {
      const file = place.file('policies/mine.yaml', GOOD, 0o666);
      const { exitCode, stdout, stderr } = await leeward(place, ['policy', 'lint', file]);
      expect(exitCode).toBe(1);
      expect(stdout + stderr).toContain('LW_POLICY_UNSAFE_FILE');
      expect(stdout + stderr).toContain(`chmod go-w ${file}`);
    });

    it('a file that is not there', async () => {
      const { exitCode, stdout, stderr } = await leeward(place, ['policy', 'lint', join(place.root, 'nothing.yaml')]);
      expect(exitCode).not.toBe(0);
      expect(stdout + stderr).toContain('nothing.yaml');
    });
  });

  describe('leeward exec with such a file', () => {
    it.each([
      ['a mistake', `${GOOD}limits: {memory: 100M}\n`, 0o644, 'LW-P016'],
      ['others may write', GOOD, 0o666, 'LW_POLICY_UNSAFE_FILE'],
    ])('%s: place and code, exit code 1, and nothing runs', async (_, text, mode, code) => {
      const file = place.file('policies/mine.yaml', text, mode);
      const args = ['exec', '--embedded', '--policies', join(place.root, 'policies'), '--policy', 'mine'];
      const { exitCode, stdout, stderr } = await leeward(place, [...args, '-c', 'print("must not run")']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain(code);
      expect(stderr).toContain(`${file}:`);
    });
  });

  describe('a daemon with a bad file among its policies', () => {
    it.each([
      ['a mistake', `${GOOD}limits: {memory: 100M}\n`, 0o644, /mine\.yaml:5:18.*LW-P016/],
      ['others may write', GOOD, 0o666, /mine\.yaml.*LW_POLICY_UNSAFE_FILE/],
    ])('%s: the file is not loaded and status says why; the others serve', async (_, text, mode, message) => {
      const own = new Place(account);
      own.directory('policies', 0o755);
      own.file('policies/mine.yaml', text, mode);
      const daemon = await TestDaemon.startIn(own, { args: ['--policies', join(own.root, 'policies')] });
      const client = await daemon.connect();
      try {
        expect(await client.refused('print("must not run")', { policy: 'mine' })).toMatchObject({
          code: expect.stringMatching(/^LW_(POLICY_INVALID|POLICY_UNSAFE_FILE|REQUEST_UNKNOWN_POLICY)$/),
        });
        const { policy_errors, policies } = await client.status();
        expect(policy_errors).toEqual([expect.stringMatching(message)]);
        expect(policies.map(({ name }) => name)).not.toContain('mine');
        expect((await client.run('print("served")')).stdout).toBe('served\n');
      } finally {
        client.close();
        await daemon.stop();
      }
    });

    it('nothing is loaded once others may write to the folder', async () => {
      const own = new Place(account);
      own.directory('policies', 0o755);
      own.file('policies/mine.yaml', GOOD);
      chmodSync(join(own.root, 'policies'), 0o777);
      const daemon = await TestDaemon.startIn(own, { args: ['--policies', join(own.root, 'policies')] });
      const client = await daemon.connect();
      try {
        for (const policy of ['mine', 'strict']) {
          const refused = await client.refused('print("must not run")', { policy });
          expect(refused).toMatchObject({ code: 'LW_POLICY_UNSAFE_FILE', hint: expect.stringContaining('chmod go-w') });
        }
      } finally {
        client.close();
        await daemon.stop();
      }
    });
  });
});
