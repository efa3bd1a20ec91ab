/** `mode: audit` in real sandboxes. */
import { describe, expect, it } from 'vitest';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

const POLICY = { policy: 'it-audit' };

asEachAccount((account) => {
  describe('mode: audit', () => {
    const at = withDaemon(account, { args: ['--allow-audit'] });

    it('lets through what nothing allows, names it, and says so in the receipt', async () => {
      const code = 'import os, socket\nsocket.socket()\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint(pid > 0)';
      const { stdout, status, enforced, denials } = await at.client.run(code, POLICY);
      expect({ status, stdout, mode: enforced.mode }).toMatchObject({ status: 'ok', mode: 'audit' });
      expect(stdout).toContain('True\n');
      const seen = new Map(denials.map((denial) => [denial.syscall, denial]));
      expect([...seen.keys()].sort()).toEqual(['clone', 'socket', 'wait4']);
      expect(seen.get('socket')).toMatchObject({
        count: 1,
        errno: null,
        rule: null,
        hint: expect.stringMatching(/^let through in audit mode: no rule allows it/),
      });
      expect(seen.get('clone')?.hint).toMatch(/^let through in audit mode: allowed only with other arguments: /);
    });

    it('keeps rules, setuid bits, Landlock and mounts', async () => {
      const code = `
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def answer(call):
    try: call()
    except OSError as error: print(errno.errorcode[error.errno])
    else: print("done")
open("/tmp/own", "w").close()
print(libc.syscall(153), errno.errorcode[ctypes.get_errno()])
answer(lambda: os.chmod("/tmp/own", 0o4755))
answer(lambda: os.chmod("/tmp/own", 0o755))
answer(lambda: open("/etc/shadow"))
answer(lambda: open("/usr/new", "w"))
`;
      const { stdout, denials } = await at.client.run(code, POLICY);
      const answers = String(stdout).split('\n');
      expect(answers.slice(0, 4)).toEqual(['-1 EPERM', 'EACCES', 'done', 'ENOENT']);
      expect(['EROFS', 'EACCES']).toContain(answers[4]);
      expect(denials).toEqual([expect.objectContaining({ syscall: 'vhangup', errno: 'EPERM' })]);
    });

    it('still ends a job for a call that a rule kills for', async () => {
      const { error, result } = await at.client.execute('import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)', POLICY);
      expect(error?.code).toBe('LW_JOB_DENIED');
      expect(result?.denials.map(({ syscall }) => syscall)).toContain('ptrace');
    });
  });

  describe('a daemon that was not told to', () => {
    const at = withDaemon(account);

    it('serves no policy in audit mode, and names the place', async () => {
      const { error, result } = await at.client.execute('print(1)', POLICY);
      expect(result).toBeUndefined();
      expect(error).toMatchObject({ code: 'LW_POLICY_AUDIT', hint: expect.stringContaining('--allow-audit') });
      expect(error?.place).toMatchObject({ file: expect.stringMatching(/it-audit\.yaml$/), line: 8 });
    });
  });
});
