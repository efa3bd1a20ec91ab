import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from './commands.js';
import { PACKAGE_ROOT, packageJson } from './package.js';

// What is tested here is the command that users type: bin/leeward and the built files behind it.
const LEEWARD = join(PACKAGE_ROOT, 'bin/leeward');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-cli-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function leeward(...args: string[]): Promise<Ended> {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LEEWARD_STATE_DIR: join(folder, 'state'),
    LEEWARD_SOCKET: join(folder, 'none.sock'),
  };
  const child = spawn(process.execPath, [LEEWARD, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status, stdout, stderr };
}

describe('help', () => {
  it('prints the version', async () => {
    expect(await leeward('--version')).toEqual({ status: 0, stdout: `leeward ${packageJson().version}\n`, stderr: '' });
  });

  it('lists commands and topics', async () => {
    const { status, stdout } = await leeward('--help');
    expect(status).toBe(0);
    for (const word of ['exec', 'daemon', 'doctor', 'status', 'policy', 'runtime']) expect(stdout).toContain(word);
  });

  it('of a command is also what `help` gives', async () => {
    const { status, stdout } = await leeward('help', 'policy', 'lint');
    expect(status).toBe(0);
    expect(stdout).toContain('EXAMPLES');
    expect(stdout).toBe((await leeward('policy', 'lint', '--help')).stdout);
  });

  it.each(Object.entries(COMMANDS))('%s has a summary, a description and an example', (_id, command) => {
    expect(command.summary).toMatch(/\.$/);
    expect(command.description).toBeTruthy();
    expect(command.examples.length).toBeGreaterThan(0);
  });
});

describe('a wrong command line', () => {
  it.each([
    [['exce'], 2, 'unknown command exce', 'did you mean `leeward exec`?'],
    [['policy', 'lint'], 2, 'missing FILE', 'leeward policy lint --help'],
    [['policy', 'lint', '--fromat', 'json', 'x'], 2, 'unknown flag --fromat', 'did you mean --format?'],
    [['policy', 'lint', '--format', 'xml', 'x'], 2, '--format=xml', 'text, json'],
    [['policy', 'probe'], 2, 'missing POLICY', 'leeward policy probe --help'],
    [['policy', 'probe', '--only', 'nothing', 'x'], 2, '--only=nothing', 'syscalls, paths, limits, posture'],
    [['policy', 'probe', 'pythn'], 2, "there is no policy 'pythn'", 'did you mean python?'],
    [['exec', '--polcy', 'x', '-c', '1'], 125, 'unknown flag --polcy', 'did you mean --policy?'],
    [['exec'], 125, 'no code to run', "leeward exec -c 'print(1)'"],
    [['exec', '-c', '1', 'file.py'], 125, 'both -c and the file file.py', 'after --'],
    [['exec', 'a.py', 'b'], 125, 'unexpected argument', 'after --'],
    [['exec', 'nothing.py'], 125, 'cannot read nothing.py: ENOENT', ''],
    [['exec', '-c', '1', '--timeout', '3x'], 125, '--timeout 3x: unknown unit x', 'ms, s, m, h'],
    [['exec', '-c', '1', '--status-fd', '77'], 125, '--status-fd 77: EBADF', ''],
    [['exec', '-c', '1', '--embedded', '--socket', '/s'], 125, '--embedded', ''],
    [['status', '--json', '--jsn'], 2, 'unknown flag --jsn', '--json'],
  ])('%j ends with %d and says what is wrong', async (args, status, message, hint) => {
    const ended = await leeward(...args);
    expect(ended.status).toBe(status);
    expect(ended.stderr).toMatch(/^leeward: /);
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain(hint);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it('is JSON on standard output for who asked for JSON', async () => {
    const { status, stdout } = await leeward('exec', '--json', '-c', '1', '--memory', 'lots');
    expect(status).toBe(125);
    expect(JSON.parse(stdout)).toEqual({
      success: false,
      error: { message: '--memory lots: not a size such as 512M or 2G' },
    });
  });
});

describe('a daemon that does not answer', () => {
  let server: Server;
  const path = () => join(folder, 'silent.sock');
  beforeAll(async () => {
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(path(), resolve));
  });
  afterAll(() => server.close());

  it('is an error for exec and status when there is no socket where one is configured', async () => {
    for (const args of [['exec', '-c', '1'], ['status']]) {
      const { status, stderr } = await leeward(...args);
      expect(status).toBe(125);
      expect(stderr).toContain('LW_DAEMON_UNREACHABLE');
    }
  });

  it('is an error also when its socket exists', async () => {
    const { status, stderr } = await leeward('exec', '--socket', path(), '-c', '1');
    expect(status).toBe(125);
    expect(stderr).toMatch(/LW_JOB_LOST|LW_DAEMON_UNREACHABLE/);
  });
});

describe('policy commands', () => {
  it('lint: a shipped policy is clean', async () => {
    const { status, stdout, stderr } = await leeward('policy', 'lint', join(PACKAGE_ROOT, 'policies/python-data.yaml'));
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '1 file: 0 errors, 0 warnings\n' });
  });

  it('lint: JSON for programs', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'version: 1\nkind: Policy\nname: bad\nextends: [python]\nlimits: {memory: 100M}\n', {
      mode: 0o644,
    });
    const { status, stdout } = await leeward('policy', 'lint', '--format', 'json', file);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ code: 'LW-P016', file, line: 5 }], errors: [] });
  });

  it('compile: the plan, also of another architecture, and the program alone', async () => {
    const { status, stdout } = await leeward('policy', 'compile', '--json', 'strict');
    expect(status).toBe(0);
    const { name, plan } = JSON.parse(stdout) as { name: string; plan: { filter: unknown[]; digest: string } };
    expect(name).toBe('strict');
    expect(plan.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(plan.filter.length).toBeGreaterThan(10);
    expect((await leeward('policy', 'compile', '--bpf', 'strict')).stdout).toMatch(/strict\.yaml:\d+:\d+/);
    expect((await leeward('policy', 'compile', '--arch', 'arm64', 'strict')).stdout).toContain(
      'plan of strict for arm64',
    );
  });

  it('prove: the proof, also of another architecture, as text and as JSON', async () => {
    const text = await leeward('policy', 'prove', 'strict');
    expect(text.status).toBe(0);
    expect(text.stdout).toMatch(
      /^strict on \w+: proven equal to its policy for every system call\n {2}instructions +\d+\n/,
    );
    const { stdout } = await leeward('policy', 'prove', '--json', '--arch', 'arm64', '--arch', 'x86_64', 'strict');
    const proofs = JSON.parse(stdout) as { arch: string; proven: boolean; longest_path: number }[];
    expect(proofs.map(({ arch, proven }) => [arch, proven])).toEqual([
      ['arm64', true],
      ['x86_64', true],
    ]);
    expect(proofs[0]?.longest_path).toBeGreaterThan(10);
  });

  it('compile: an unknown name is an error with the nearest one', async () => {
    const { status, stderr } = await leeward('policy', 'compile', 'pythn');
    expect(status).not.toBe(0);
    expect(stderr).toContain('did you mean python?');
  });

  it('list and schema', async () => {
    const { stdout } = await leeward('policy', 'list', '--json');
    const { policies } = JSON.parse(stdout) as { policies: { name: string; error: unknown }[] };
    expect(policies.map(({ name, error }) => [name, error])).toEqual(
      ['python', 'python-data', 'python-ml', 'strict'].map((name) => [name, null]),
    );
    expect(JSON.parse((await leeward('policy', 'schema')).stdout)).toMatchObject({ title: 'PolicyDocument' });
  });
});

describe('runtime list and doctor', () => {
  it('say that a runtime is not built, and how to build it', async () => {
    const { runtimes } = JSON.parse((await leeward('runtime', 'list', '--json')).stdout) as { runtimes: object[] };
    expect(runtimes).toContainEqual(expect.objectContaining({ name: 'python-data', state: 'not_built', error: null }));
    const { stdout } = await leeward('doctor', '--json');
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; remedy?: string }[] };
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'runtime python-data', remedy: 'leeward runtime build python-data' }),
    );
    for (const { status, remedy } of findings) expect(status === 'ok').toBe(remedy === undefined);
  }, 60_000);
});
