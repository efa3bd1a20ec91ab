import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeewardError } from '../../errors/leeward-error.js';
import { applicationOf, writePlan } from './apply.js';
import { generationOf } from './generation-argument.js';
import { type PolicyPlan, parsePlan, planText } from './plan-file.js';
import { givenFiles } from './policy-set.js';
import { UserPlaces } from './user-places.js';

let folder: string;
const texts = new Map<string, string>();
const library = {
  file: (path: string) => {
    const text = texts.get(path);
    return text === undefined ? undefined : { file: path, text };
  },
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leeward-apply-'));
  texts.clear();
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text = `text of ${name}`): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  texts.set(path, text);
  return path;
}

const namesOf = (...paths: string[]) => givenFiles(paths, library).map(({ name }) => name);

describe('the files that are applied', () => {
  it('are those of a folder that a daemon would read', () => {
    for (const name of ['mine.yaml', '.mine.yaml.swp', 'mine.yaml~', 'README.md', 'MANIFEST']) write(name);
    for (const name of ['runtimes/slow.yaml', 'runtimes/slow.lock', 'runtimes/.x', 'tenants/acme.yaml']) write(name);
    write('builtin/base.yaml');
    expect(namesOf(folder)).toEqual(['mine.yaml', 'tenants/acme.yaml', 'runtimes/slow.lock', 'runtimes/slow.yaml']);
  });

  it('have the folder of their kind where they are given by themselves', () => {
    const paths = [
      write('mine.yaml', 'version: 1\nkind: Policy\n'),
      write('acme.yaml', 'version: 1\nkind: Tenant\n'),
      write('slow.yaml', 'kind: "Runtime"\n'),
      write('runtimes/slow.lock'),
    ];
    expect(namesOf(...paths)).toEqual(['mine.yaml', 'tenants/acme.yaml', 'runtimes/slow.yaml', 'runtimes/slow.lock']);
  });

  it('are refused when two have one name, and when a store could not have them', () => {
    const both = [write('a/mine.yaml'), write('b/mine.yaml')];
    expect(() => givenFiles(both, library)).toThrowError(/a\/mine.yaml and .*b\/mine.yaml are both mine.yaml/);
    expect(() => givenFiles([write('My.yaml')], library)).toThrowError(/My.yaml cannot be a file of a store/);
    expect(() => givenFiles([write('notes.txt')], library)).toThrowError(/notes.txt cannot be a file of a store/);
    expect(() => givenFiles([join(folder, 'gone.yaml')], library)).toThrowError(/there is no file .*gone.yaml/);
  });
});

describe('a plan', () => {
  const base_digest = `sha256:${'0a'.repeat(32)}`;
  const result = {
    base: 4,
    base_digest,
    generation: null,
    digest: '',
    files: [],
    policies: [],
    findings: [],
    more_findings: 0,
  };

  it('asks for what was looked at, for the generation that served then', () => {
    const mine = write('mine.yaml', 'one');
    const looked = applicationOf([mine], { prune: true, dry_run: true, running: 'kill', message: 'why' }, library);
    const plan = join(folder, 'plan.json');
    writePlan(plan, looked, result);
    write('mine.yaml', 'two');
    expect(applicationOf([plan], { dry_run: false }, library).request).toEqual({
      files: { 'mine.yaml': 'one' },
      prune: true,
      dry_run: false,
      running: 'kill',
      message: 'why',
      expect_generation: 4,
      expect_digest: base_digest,
    });
    expect(() => applicationOf([plan, mine], {}, library)).toThrowError(/is a plan, which has all its files/);
    expect(() => applicationOf([plan], { expect_generation: 5 }, library)).toThrowError(/a plan says itself/);
  });

  it('is a file of its own, and one that others may have written is not read', () => {
    const looked = applicationOf([write('mine.yaml')], {}, library);
    const plan = join(folder, 'plan.json');
    const other = write('other', 'as it was');
    symlinkSync(other, plan);
    expect(() => applicationOf([plan], {}, library)).toThrowError(
      expect.objectContaining({
        message: expect.stringContaining('plan.json cannot be read: ELOOP'),
        hint: expect.stringContaining('symbolic link'),
      }),
    );
    const none = join(folder, 'none', 'plan.json');
    expect(() => applicationOf([none], {}, library)).toThrowError(
      expect.objectContaining({ code: 'LW_POLICY_NOT_FOUND', message: expect.stringContaining(none) }),
    );
    expect(() => writePlan(none, looked, result)).toThrowError(
      expect.objectContaining({ code: 'LW_POLICY_PLAN_FILE', message: `the plan ${none} cannot be written: ENOENT` }),
    );
    mkdirSync(join(folder, 'folder.json'));
    expect(() => writePlan(join(folder, 'folder.json'), looked, result)).toThrowError(
      expect.objectContaining({
        code: 'LW_POLICY_PLAN_FILE',
        message: expect.stringMatching(/folder.json cannot be written: E/),
      }),
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('folder.json.'))).toEqual([]);
    writePlan(plan, looked, result);
    expect(readFileSync(other, 'utf8')).toBe('as it was');
    expect(lstatSync(plan).mode).toBe(0o100600);
    chmodSync(plan, 0o666);
    expect(() => applicationOf([plan], {}, library)).toThrowError(/plan.json is writable by others/);
    // Whoever could open it before has another file.
    writePlan(plan, looked, result);
    expect(applicationOf([plan], {}, library).request.expect_generation).toBe(4);
    expect(() => writePlan(folder, looked, result)).toThrowError(/cannot be written: E/);
    expect(readdirSync(join(folder, '..')).filter((name) => name.startsWith(`${basename(folder)}.`))).toEqual([]);
  });

  it('is not written for a daemon that does not say what it was held against', () => {
    const looked = applicationOf([write('mine.yaml')], {}, library);
    const { base_digest: _, ...older } = result;
    const plan = join(folder, 'plan.json');
    expect(() => writePlan(plan, looked, older as typeof result)).toThrowError(/too old for a plan/);
    expect(readdirSync(folder)).toEqual(['mine.yaml']);
  });

  it('is read as it was written, and nothing else is taken for one', () => {
    const file = fc.record({ path: fc.string(), name: fc.string(), text: fc.string({ unit: 'binary' }) });
    const plans: fc.Arbitrary<PolicyPlan> = fc.record(
      {
        version: fc.constant(2 as const),
        kind: fc.constant('PolicyPlan' as const),
        base: fc.integer({ min: 1 }),
        base_digest: fc.constant(base_digest),
        files: fc.uniqueArray(file, { selector: ({ name }) => name }),
        prune: fc.boolean(),
        running: fc.constantFrom('finish' as const, 'deadline' as const, 'kill' as const),
        message: fc.string(),
      },
      { requiredKeys: ['version', 'kind', 'base', 'base_digest', 'files', 'prune'] },
    );
    fc.assert(
      fc.property(plans, (plan) => {
        expect(parsePlan(planText(plan), 'p')).toEqual(plan);
      }),
    );
    const refuse = (text: string) => {
      try {
        parsePlan(text, 'p');
      } catch (error) {
        expect(error).toMatchObject({ code: 'LW_POLICY_INVALID', place: { file: 'p' } });
        return;
      }
      throw new Error(`taken: ${text}`);
    };
    fc.assert(fc.property(fc.json(), (text) => refuse(text)));
    fc.assert(fc.property(fc.string(), (text) => refuse(text)));
    const good: PolicyPlan = { version: 2, kind: 'PolicyPlan', base: 1, base_digest, files: [], prune: false };
    const twice = [1, 2].map(() => ({ path: 'a', name: 'a', text: '' }));
    const wrong = [
      { base: 0 },
      { base_digest: undefined },
      { base_digest: 'sha256:0' },
      { version: 1 },
      { files: twice },
      { files: [{ name: 'a' }] },
      { running: 'x' },
      { other: 1 },
      { prune: 1 },
    ];
    for (const part of wrong) refuse(JSON.stringify({ ...good, ...part }));
  });
});

it('a generation is named by its number', () => {
  expect(generationOf('12')).toBe(12);
  for (const text of ['', '0', '-1', '1.5', '1e3', 'latest', '9'.repeat(16)]) {
    expect(() => generationOf(text)).toThrowError(/is no number of a generation/);
  }
});

it('places in the daemon’s store are shown as the user’s files', () => {
  const files = ['mine.yaml', 'tenants/mine.yaml'].map((name) => ({ name, path: `./set/${name}`, text: '' }));
  const places = new UserPlaces('/s/store', files);
  const message =
    '/s/store/mine.yaml:6:1: error\n   6 | x\n  /s/store/tenants/mine.yaml:1:1: (/s/store/mine.yaml) /s/store/mine.yaml.x';
  const error = new LeewardError('LW_POLICY_INVALID', message, {
    place: { file: '/s/store/mine.yaml', line: 6, col: 1 },
  });
  expect(places.error(error)).toMatchObject({
    place: { file: './set/mine.yaml', line: 6, col: 1 },
    message:
      './set/mine.yaml:6:1: error\n   6 | x\n  ./set/tenants/mine.yaml:1:1: (./set/mine.yaml) /s/store/mine.yaml.x',
  });
});
