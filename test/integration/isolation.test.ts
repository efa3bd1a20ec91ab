import { describe, expect, it } from 'vitest';
import type { Connection } from '../harness/connection.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

/** What a job leaves behind, and what the next one must print when nothing of it is there. */
const TRACES: readonly [what: string, leave: string, look: string][] = [
  ['globals', 'secret = 1', 'print("secret" in globals())'],
  ['builtins', 'import builtins; builtins.secret = 1', 'import builtins; print(hasattr(builtins, "secret"))'],
  ['files in /tmp', 'open("/tmp/secret", "w").write("x")', 'import os; print(bool(os.listdir("/tmp")))'],
  ['the environment', 'import os; os.environ["SECRET"] = "x"', 'import os; print("SECRET" in os.environ)'],
  ['modules changed', 'import json; json.dumps = None', 'import json; print(json.dumps is None)'],
  ['modules added', 'import sys, types; sys.modules["secret"] = types', 'import sys; print("secret" in sys.modules)'],
  ['the import path', 'import sys; sys.path.insert(0, "/tmp")', 'import sys; print("/tmp" in sys.path)'],
  ['the current directory', 'import os; os.chdir("/usr")', 'import os; print(os.getcwd() == "/usr")'],
  [
    'signal handlers',
    'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)',
    'import signal; print(signal.getsignal(signal.SIGTERM) == signal.SIG_IGN)',
  ],
  ['the umask', 'import os; os.umask(0o123)', 'import os; print(os.umask(0) == 0o123)'],
  ['limits', 'import sys; sys.setrecursionlimit(77)', 'import sys; print(sys.getrecursionlimit() == 77)'],
];

/** Lines of random values by where they come from. */
const RANDOM = `
import os, random, secrets, tempfile, uuid
print("random", random.random())
print("urandom", os.urandom(16).hex())
print("secrets", secrets.token_hex(16))
print("uuid4", uuid.uuid4())
print("tempfile", next(tempfile._get_candidate_names()))
print("SystemRandom", random.SystemRandom().random())
`;

const NUMPY_RANDOM = `
import numpy
print("numpy legacy", numpy.random.rand())
print("numpy generator", numpy.random.default_rng().random())
`;

const MODEL_RANDOM = `
from scipy import stats
from sklearn.model_selection import train_test_split
print("scipy", stats.norm.rvs())
print("scikit-learn", train_test_split(range(1_000_000))[0][0])
`;

asEachAccount((account) => {
  const at = withDaemon(account);

  describe('two jobs share nothing', () => {
    it.each(TRACES)('%s', async (_, leave, look) => {
      // More jobs than wait in standby, so that every one of those, forked before or after, is looked into.
      expect((await at.client.run(`${leave}\n${look}`)).stdout, 'the trace can be seen at all').toBe('True\n');
      for (let round = 0; round < 6; round++) expect((await at.client.run(look)).stdout).toBe('False\n');
    });

    it('neither while both run', async () => {
      const write = 'import time; open("/tmp/shared", "w").write("x"); time.sleep(0.3)';
      const read = 'import os, time; time.sleep(0.1); print(os.path.exists("/tmp/shared"))';
      const [, { stdout }] = await Promise.all([at.client.run(write), at.client.run(read)]);
      expect(stdout).toBe('False\n');
    });

    it('random state: every source differs between jobs', async () => {
      expectAllDifferent(await runTimes(at.client, RANDOM, 'python'));
    });

    it('random state of numpy, which the zygote has loaded', async () => {
      expectAllDifferent(await runTimes(at.client, NUMPY_RANDOM, 'python-data'));
    });

    it('random state of scikit-learn and scipy, which a warm-up has trained with', async () => {
      expectAllDifferent(await runTimes(at.client, MODEL_RANDOM, 'python-ml'));
    });

    it('processes: a job sees itself and its init', async () => {
      const code = `
import os
print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()) == [1, os.getpid()], os.getpid() != 1)
`;
      expect((await at.client.run(code)).stdout).toBe('True True\n');
    });
  });
});

async function runTimes(client: Connection, code: string, policy: string): Promise<ReadonlyMap<string, Set<string>>> {
  const values = new Map<string, Set<string>>();
  for (let round = 0; round < JOBS; round++) {
    const { stdout, status } = await client.run(code, { policy });
    expect(status).toBe('ok');
    for (const line of String(stdout).trim().split('\n')) {
      const space = line.lastIndexOf(' ');
      const source = line.slice(0, space);
      values.set(source, (values.get(source) ?? new Set()).add(line.slice(space + 1)));
    }
  }
  return values;
}

const JOBS = 6;

function expectAllDifferent(values: ReadonlyMap<string, Set<string>>): void {
  const counts = Object.fromEntries([...values].map(([source, seen]) => [source, seen.size]));
  expect(counts).toEqual(Object.fromEntries([...values.keys()].map((source) => [source, JOBS])));
}
