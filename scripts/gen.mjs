// `npm run gen`: writes every generated file; with --check it writes nothing and fails when one is not current.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// One generator a line. Each module exports `generate(root)`, which returns [{path, text}] with paths relative to the
// root and writes nothing itself. Order matters only where one reads what another wrote.
const GENERATORS = [
  './gen/errors.mjs', // schemas/errors.json -> TypeScript, C, docs
  './gen/protocol.mjs', // schemas/protocol.schema.json -> TypeScript, docs
  './gen/audit-log.mjs', // schemas/audit-log.schema.json -> TypeScript, docs
  './gen/protocol-vectors.mjs', // test/vectors/protocol/*
  './gen/layout.mjs', // schemas/plan.layout.json -> C structs, TypeScript tables, docs
  './gen/kernel.mjs', // kernel extract -> syscall tables, constants, syscall names for C
  './gen/landlock.mjs', // Landlock ABIs -> TypeScript
  './gen/systemd-groups.mjs', // systemd's syscall groups -> TypeScript
  './gen/lint.mjs', // schemas/lint.json -> TypeScript, docs
  './gen/metrics.mjs', // schemas/metrics.json -> TypeScript, docs
  './gen/policy-types.mjs', // schemas/{policy,runtime}.schema.json -> TypeScript, docs
  './gen/layers.mjs', // test/conformance/layers.json -> docs
];

async function current(path) {
  try {
    return await readFile(join(root, path), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function runGenerator(module, check) {
  const { generate } = await import(module);
  const stale = [];
  for (const { path, text } of await generate(root)) {
    if ((await current(path)) === text) continue;
    stale.push(path);
    if (check) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return stale;
}

const check = process.argv.includes('--check');
const stale = [];
for (const module of GENERATORS) stale.push(...(await runGenerator(module, check)));

for (const path of stale) console.log(check ? `not current: ${path}` : `wrote ${path}`);
if (check && stale.length > 0) {
  console.error(
    `${stale.length} generated file(s) differ from their sources: run \`npm run gen\` and commit the result`,
  );
  process.exit(1);
}
console.log(`${GENERATORS.length} generator(s), ${stale.length} file(s) ${check ? 'stale' : 'written'}`);
