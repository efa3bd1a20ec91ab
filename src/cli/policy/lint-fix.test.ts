import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loaderWith } from '../../../test/policy/shipped.js';
import { fixFiles, fixLines, fixSummary } from './lint-fix.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-fix-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const library = {
  file: (file: string) => ({ file, text: readFileSync(file, 'utf8') }),
  source: () => ({ file: 'policies/python.yaml', text: `${HEAD}devices: [zero, zero]\n` }),
  extended: loaderWith(),
};

function write(name: string, rest: string): string {
  const path = join(directory, name);
  writeFileSync(path, HEAD + rest);
  return path;
}

describe('policy lint --fix', () => {
  it('writes the corrected text, and says what was corrected', () => {
    const path = write('test.yaml', 'devices: [zero, zero] # two\n');
    chmodSync(path, 0o640);
    const report = fixFiles([path], library);
    expect(readFileSync(path, 'utf8')).toBe(`${HEAD}devices: [zero] # two\n`);
    expect(statSync(path).mode & 0o7777).toBe(0o640);
    expect(fixLines(report)).toEqual([`${path}:5:17: fixed LW-P015: delete the entry`]);
    expect(fixSummary(report)).toBe('1 finding fixed');
    expect(readdirSync(directory)).toEqual(['test.yaml']);
  });

  it('leaves a file alone that has nothing to correct', () => {
    const path = write('test.yaml', 'limits: {pids: many}\n');
    const { ino } = statSync(path);
    expect(fixFiles([path, path], library)).toEqual({ fixed: [], unwritten: [], stopped: [] });
    expect(statSync(path).ino).toBe(ino);
  });

  it('says that it stops where more is found than is kept', () => {
    const zeros = (count: number) => `devices: [${Array.from({ length: count }, () => 'zero').join(', ')}]\n`;
    const path = write('test.yaml', zeros(1_200));
    const before = readFileSync(path, 'utf8');
    const { fixed, unwritten, stopped } = fixFiles([path], library);
    expect({ fixed: fixed.length, unwritten }).toEqual({ fixed: 0, unwritten: [] });
    expect(stopped).toEqual([
      expect.stringMatching(/test\.yaml was not corrected to the end: it has so many findings/),
    ]);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(fixFiles([write('few.yaml', zeros(20))], library).stopped).toEqual([]);
  });

  it('follows a link to the file that it leads to', () => {
    const path = write('test.yaml', 'devices: [zero, zero]\n');
    const link = join(directory, 'link.yaml');
    symlinkSync('test.yaml', link);
    fixFiles([link], library);
    expect(readFileSync(path, 'utf8')).toBe(`${HEAD}devices: [zero]\n`);
    expect(readdirSync(directory).sort()).toEqual(['link.yaml', 'test.yaml']);
  });

  it('does not write over a change that somebody made meanwhile', () => {
    const path = write('test.yaml', 'devices: [zero, zero]\n');
    const stale = { ...library, file: (file: string) => ({ file, text: `${HEAD}devices: [full, full]\n` }) };
    expect(fixFiles([path], stale)).toEqual({
      fixed: [],
      stopped: [],
      unwritten: [`${path} was not corrected: it is not what was checked any more`],
    });
    expect(readFileSync(path, 'utf8')).toBe(`${HEAD}devices: [zero, zero]\n`);
    expect(readdirSync(directory)).toEqual(['test.yaml']);
  });

  it('never changes a shipped policy that was asked for by its name', () => {
    expect(fixFiles(['python'], library)).toEqual({ fixed: [], unwritten: [], stopped: [] });
  });
});
