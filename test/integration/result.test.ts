import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/protocol/encode.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

asEachAccount((account) => {
  const at = withDaemon(account);

  describe('a result', () => {
    it('has output, exit code and what the kernel measured', async () => {
      const answer = await at.client.execute('import sys; print("hi"); print("oops", file=sys.stderr)');
      expect(answer).toMatchObject({ type: 'Execute', success: true });
      expect(answer).not.toHaveProperty('error');
      expect(answer.result).toMatchObject({
        exit_code: 0,
        stdout: 'hi\n',
        stderr: 'oops\n',
        status: 'ok',
        signal: null,
        timed_out: false,
        oom_killed: false,
        truncated: { stdout: false, stderr: false },
        error: null,
        denials: [],
      });
      expect(answer.result?.timing.run_us).toBeGreaterThan(0);
    });

    it.each([
      ['sys.exit(7)', 7, ''],
      ['sys.exit("no luck")', 1, 'no luck\n'],
      ['sys.exit()', 0, ''],
      ['import os; os._exit(9)', 9, ''],
    ])('%s ends with exit code %i', async (code, exitCode, stderr) => {
      const answer = await at.client.execute(`import sys; ${code}`);
      expect(answer.success).toBe(true);
      expect(answer.result).toMatchObject({
        exit_code: exitCode,
        stderr,
        status: exitCode === 0 ? 'ok' : 'error',
        error: null,
      });
    });

    it('names the exception that ended the job, with its source lines', async () => {
      const code = 'def half(n):\n    if n % 2: raise ValueError(f"odd: {n}")\n    return n // 2\n\nhalf(7)\n';
      const answer = await at.client.execute(code);
      expect(answer.success).toBe(true);
      const result = answer.result;
      expect(result).toMatchObject({ status: 'error', exit_code: 1, error: { name: 'ValueError', value: 'odd: 7' } });
      expect(result?.error?.traceback).toMatch(/line 5, in <module>\n\s+half\(7\)/);
      expect(result?.error?.traceback).toMatch(/line 2, in half\n\s+if n % 2: raise ValueError/);
      expect(result?.error?.traceback).not.toContain('zygote');
      expect(result?.stderr).toBe(result?.error?.traceback);
    });

    it('names a syntax error and its place', async () => {
      const { error, status } = await at.client.run('x = 1\ny = = 2\n');
      expect(status).toBe('error');
      expect(error?.name).toBe('SyntaxError');
      expect(error?.traceback).toMatch(/line 2\n\s+y = = 2/);
    });

    it('has what threads and atexit wrote after the last line', async () => {
      const code = `
import atexit, threading, time
atexit.register(lambda: print("atexit"))
threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
print("main", end=" ")
`;
      expect(await at.client.run(code)).toMatchObject({ status: 'ok', stdout: 'main thread\natexit\n' });
    });
  });

  describe('input', () => {
    it('argv comes through as it is', async () => {
      const argv = ['--flag', '', 'a b', 'ação', 'quote\'"', '\n'];
      const { stdout } = await at.client.run('import json, sys; print(json.dumps(sys.argv[1:]))', { argv });
      expect(JSON.parse(String(stdout))).toEqual(argv);
    });

    it('stdin comes through as text and as bytes, and ends', async () => {
      const text = await at.client.run('import sys; print(sys.stdin.read().upper(), end="")', { stdin: 'linha\num\n' });
      expect(text.stdout).toBe('LINHA\nUM\n');
      const bytes = new Uint8Array(1 << 20).map((_, index) => index % 251);
      const code = 'import sys; data = sys.stdin.buffer.read(); print(len(data), sum(data), sys.stdin.buffer.read())';
      const sum = bytes.reduce((total, byte) => total + byte, 0);
      expect((await at.client.run(code, { stdin: bytes })).stdout).toBe(`${bytes.length} ${sum} b''\n`);
    });

    it('without stdin there is an empty one, not that of the daemon', async () => {
      expect((await at.client.run('import sys; print(repr(sys.stdin.read()))')).stdout).toBe("''\n");
    });

    it('the environment is the policy’s alone', async () => {
      const { stdout } = await at.client.run('import json, os; print(json.dumps(dict(os.environ)))');
      const environment = JSON.parse(String(stdout)) as Record<string, string>;
      expect(environment['LANG']).toBe('C.UTF-8');
      for (const name of Object.keys(at.daemon.place.environment)) {
        if (name !== 'PATH' && name !== 'HOME') expect(environment).not.toHaveProperty(name);
      }
      expect(environment).not.toHaveProperty('LD_PRELOAD');
      expect(JSON.stringify(environment)).not.toContain(at.daemon.place.root);
    });
  });

  describe('output', () => {
    it('that is not UTF-8 is given as bytes and flagged', async () => {
      const { stdout, binary } = await at.client.run('import sys; sys.stdout.buffer.write(b"\\xff\\x00\\xfe")');
      expect(binary).toEqual({ stdout: true, stderr: false });
      expect(Array.from(stdout as Uint8Array)).toEqual([0xff, 0x00, 0xfe]);
    });

    it('of five megabytes comes back whole', async () => {
      const code = 'import sys; sys.stdout.write("0123456789abcde\\n" * 327680)';
      const { stdout, truncated } = await at.client.run(code);
      expect(truncated.stdout).toBe(false);
      expect(stdout).toBe('0123456789abcde\n'.repeat(327_680));
    });
  });

  describe('one connection', () => {
    it('has many jobs in flight, and each answer is its own', async () => {
      const numbers = Array.from({ length: 24 }, (_, number) => number);
      const results = await Promise.all(numbers.map((number) => at.client.run(`print(${number})`)));
      expect(results.map(({ stdout }) => stdout)).toEqual(numbers.map((number) => `${number}\n`));
    });

    it('answers requests without id in the order sent', async () => {
      const connection = await at.daemon.connect();
      const code = (seconds: number): string => `import time; time.sleep(${seconds}); print(${seconds})`;
      for (const seconds of [0.4, 0]) {
        connection.send(encodeFrame({ type: 'Execute', code: code(seconds), policy: 'python' }));
      }
      const answers = [await connection.receive(), await connection.receive()];
      expect(answers).toMatchObject([{ result: { stdout: '0.4\n' } }, { result: { stdout: '0\n' } }]);
      connection.close();
    });
  });
});
