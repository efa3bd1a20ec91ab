import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLibrary } from '../../daemon/index.js';
import { lintFiles } from './lint.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-lint-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `version: 1\n${text}`, { mode: 0o644 });
  return path;
}

function findings(...paths: string[]) {
  const library = openLibrary({ stateDirectory: join(folder, 'state') });
  return lintFiles(paths, library).diagnostics.map(({ code, hint }) => [code, hint]);
}

const policy = (runtime: string) =>
  write('mine.yaml', `kind: Policy\nname: mine\nextends: [builtin:python@1]\nruntime: ${runtime}\n`);

it('a runtime that is nowhere is an error, with the nearest name', () => {
  expect(findings(policy('pyton'))).toEqual([['LW-R804', 'did you mean `python`?']]);
});

it('a runtime that is shipped, beside the policy or among the files is there', () => {
  expect(findings(policy('python-data'))).toEqual([]);
  const own = 'kind: Runtime\nname: own\n';
  const [mine, beside] = [policy('own'), write('own.yaml', own)];
  expect(findings(mine).map(([code]) => code)).toEqual(['LW-R804']);
  expect(findings(mine, beside)).toEqual([]);
  mkdirSync(join(folder, 'runtimes'));
  write('runtimes/own.yaml', own);
  expect(findings(mine)).toEqual([]);
});
