import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cruiseLayers } from './cruise-layers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// Each file breaks at most the one rule that is named beside it.
const FILES = {
  'src/errors/base.ts': 'export const base = 1;',
  'src/kernel/good.ts':
    "import { createHash } from 'node:crypto';\nimport { base } from '../errors/base.js';\nexport const good = [createHash, base];",
  'src/plan/good.ts': "export { good } from '../kernel/good.js';",
  'src/policy/uses-daemon.ts': "export type { Daemon } from '../daemon/index.js';", // layer-policy, though only a type
  'src/protocol/uses-kernel.ts': "export { good } from '../kernel/good.js';", // layer-protocol
  'src/kernel/reads.ts': "export { readFileSync } from 'node:fs';", // pure
  'src/kernel/reads.test.ts': "export { readFileSync } from 'node:fs';",
  'src/errors/environment.ts': "export { env } from 'node:process';", // pure
  'src/daemon/index.ts': "import './inner.js';\nexport class Daemon {}",
  'src/daemon/inner.ts': "import { connect } from 'node:net';\nexport const inner = connect;",
  'src/daemon/uses-client.ts': "export { client } from '../client/client.js';", // layer-daemon
  'src/client/client.ts': "export { base as client } from '../errors/base.js';",
  'src/cli/main.ts': "export { Daemon } from '../daemon/index.js';",
  'src/cli/inner.ts': "export { inner } from '../daemon/inner.js';", // daemon-entry
  'src/plan/a.ts': "import { b } from './b.js';\nexport const a = () => b;",
  'src/plan/b.ts': "import { a } from './a.js';\nexport const b = () => a;", // no-cycle, named once, at its first module
  'src/utils/any.ts': "export { base } from '../errors/base.js';", // layer-unknown
  'src/native/dev.ts': "export { describe } from 'vitest';", // no-dev-dependency
  'src/native/missing.ts': "export { nothing } from './nothing.js';", // resolvable
};

let dir = '';
let result = { modules: 0, violations: [''] };

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'leeward-layers-'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), `${text}\n`);
  }
  for (const name of ['node_modules', 'package.json', 'tsconfig.json']) symlinkSync(join(root, name), join(dir, name));
  result = cruiseLayers(dir);
}, 60_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('sees every module', () => {
  expect(result.modules).toBe(Object.keys(FILES).length);
});

it('reports exactly the imports that break a rule', () => {
  const found = result.violations.map((line) => line.replace(/^(\S+): imports \S+: ([\w-]+): .*$/, '$1: $2'));
  expect(found.sort()).toEqual([
    'src/cli/inner.ts: daemon-entry',
    'src/daemon/uses-client.ts: layer-daemon',
    'src/errors/environment.ts: pure',
    'src/kernel/reads.ts: pure',
    'src/native/dev.ts: no-dev-dependency',
    'src/native/missing.ts: resolvable',
    'src/plan/a.ts: no-cycle',
    'src/policy/uses-daemon.ts: layer-policy',
    'src/protocol/uses-kernel.ts: layer-protocol',
    'src/utils/any.ts: layer-unknown',
  ]);
});
