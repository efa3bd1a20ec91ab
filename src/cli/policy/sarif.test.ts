import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { loaderWith } from '../../../test/policy/shipped.js';
import { LeewardError } from '../../errors/leeward-error.js';
import { LINT_CATALOG } from '../../policy/index.js';
import { lintFiles } from './lint.js';
import { lintSarif } from './sarif.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\nextends: [builtin:python@1]\n';
const PLACE = { directory: '/work dir', packageDirectory: '/opt/leeward', version: '1.2.3' };

function sarif(files: Readonly<Record<string, string>>, ...asked: string[]) {
  const library = {
    file(file: string) {
      const text = files[file];
      return text === undefined ? undefined : { file, text };
    },
    source(name: string) {
      throw new LeewardError('LW_REQUEST_UNKNOWN_POLICY', `there is no policy '${name}'`);
    },
    extended: loaderWith(),
  };
  const log = lintSarif(lintFiles(asked.length > 0 ? asked : Object.keys(files), library), PLACE);
  expect(violationsOf(log)).toEqual([]);
  return JSON.parse(JSON.stringify(log)).runs[0];
}

const schema = JSON.parse(
  readFileSync(new URL('../../../test/vectors/sarif/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8'),
);
// Of draft 4, which differs from the drafts that ajv knows in the name of `id`; one of its patterns is none with the flag u.
const { id: _, $schema: __, ...definition } = schema;
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false }).compile(
  definition,
);

function violationsOf(log: object): unknown[] {
  return validate(JSON.parse(JSON.stringify(log))) ? [] : (validate.errors ?? []);
}

describe('lint as SARIF', () => {
  it('is checked against a schema that refuses what it does not know', () => {
    expect(violationsOf({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, resultz: [] }] })).toHaveLength(
      1,
    );
    expect(violationsOf({ version: '2.1.0', runs: [{}] })).toHaveLength(1);
  });

  it('has every rule of the catalogue, also without findings', () => {
    const { tool, results, columnKind } = sarif({ 'test.yaml': HEAD });
    expect(tool.driver).toMatchObject({ name: 'leeward', semanticVersion: '1.2.3' });
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(Object.keys(LINT_CATALOG));
    expect(new Set(tool.driver.rules.map(({ name }: { name: string }) => name)).size).toBe(tool.driver.rules.length);
    expect(tool.driver.rules[0]).toMatchObject({ name: 'YAMLSyntax', defaultConfiguration: { level: 'error' } });
    expect(results).toEqual([]);
    expect(columnKind).toBe('utf16CodeUnits');
  });

  it('gives each finding its rule, level, place and other places', () => {
    const text = `${HEAD}syscalls: {allow: [{syscall: read, args: {fd: 0}}]}\nlimits: {pids: 65}\n`;
    const { results, tool } = sarif({ 'test.yaml': text });
    const [filter] = results;
    const raised = results.find(({ ruleId }: { ruleId: string }) => ruleId === 'LW-L402');
    expect(filter).toMatchObject({ ruleId: 'LW-S101', level: 'error' });
    expect(tool.driver.rules[filter.ruleIndex].id).toBe('LW-S101');
    expect(filter.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'test.yaml', uriBaseId: '%SRCROOT%' },
          region: { startLine: 5, startColumn: 20, endLine: 5, endColumn: 50 },
        },
      },
    ]);
    expect(filter.relatedLocations[0].physicalLocation.artifactLocation).toEqual({
      uri: 'policies/builtin/groups.yaml',
      uriBaseId: 'LEEWARD',
    });
    expect(raised).toMatchObject({ level: 'note' });
  });

  it('keeps suppressed findings, with the reason and the place of the comment', () => {
    const text = `${HEAD}syscalls:\n  allow:\n    - personality # leeward-allow LW-S120: old code\n`;
    expect(sarif({ 'test.yaml': text }).results).toMatchObject([
      {
        ruleId: 'LW-S120',
        suppressions: [
          {
            kind: 'inSource',
            status: 'accepted',
            justification: 'old code',
            location: { physicalLocation: { region: { startLine: 7, startColumn: 19 } } },
          },
        ],
      },
    ]);
  });

  it('has fixes as replacements of regions', () => {
    const text = `${HEAD}mode: enforce # leeward-allow LW-S120: gone\n`;
    expect(sarif({ 'test.yaml': text }).results[0].fixes).toEqual([
      {
        description: { text: 'delete the comment' },
        artifactChanges: [
          {
            artifactLocation: { uri: 'test.yaml', uriBaseId: '%SRCROOT%' },
            replacements: [
              {
                deletedRegion: { startLine: 5, startColumn: 14, endLine: 5, endColumn: 44 },
                insertedContent: { text: '' },
              },
            ],
          },
        ],
      },
    ]);
  });

  it('names files relative to the current directory, others absolutely, all as URIs', () => {
    const { artifacts, originalUriBaseIds } = sarif({
      'a b/ü#.yaml': HEAD,
      '../other.yaml': HEAD,
      '/work dir/c.yaml': HEAD,
    });
    expect(originalUriBaseIds['%SRCROOT%'].uri).toBe('file:///work%20dir/');
    const uris = artifacts.map(({ location }: { location: { uri: string } }) => location.uri);
    expect(uris).toEqual(expect.arrayContaining(['a%20b/%C3%BC%23.yaml', 'file:///other.yaml', 'c.yaml']));
  });

  it('escapes what messages of SARIF have a meaning for', () => {
    const { results } = sarif({ 'test.yaml': `${HEAD}requestMounts: {allowedPaths: ["/x/\${user}"]}\n` });
    expect(results[0].message.text).toContain('there is no placeholder `${{user}}`');
    const link = sarif({ 'test.yaml': `${HEAD}"[a](b)": 1\n` });
    expect(link.results[0].message.text).toContain('unknown key `[a\\](b)`');
  });

  it('recognises a finding when lines were added above it, and tells two in a file apart', () => {
    const of = (text: string): string[] =>
      sarif({ 'test.yaml': text }).results.map((one: { partialFingerprints: object }) => {
        return Object.values(one.partialFingerprints)[0];
      });
    const rest =
      'syscalls:\n  rules:\n    - {names: [reed], action: kill_process}\n    - {names: [reed], action: kill_process}\n';
    const before = of(HEAD + rest);
    expect(of(`# new\n${HEAD}${rest}`)).toEqual(before);
    expect(new Set(before).size).toBe(2);
  });

  it('says that a file was not looked at', () => {
    const { invocations } = sarif({ 'test.yaml': HEAD }, 'test.yaml', 'missing.yaml');
    expect(invocations).toEqual([
      {
        executionSuccessful: false,
        exitCode: 2,
        toolExecutionNotifications: [
          {
            level: 'error',
            descriptor: { id: 'LW_POLICY_NOT_FOUND' },
            message: { text: 'there is no file missing.yaml' },
          },
        ],
      },
    ]);
  });
});
