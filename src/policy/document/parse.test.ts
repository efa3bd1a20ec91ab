import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../test/policy/shipped.js';
import { parsePolicy, parseRuntime } from './parse.js';

const HEAD = 'version: 1\nkind: Policy\nname: test\n';

function placesIn(text: string): string[] {
  return placesOf(parsePolicy({ file: 'test.yaml', text }).diagnostics);
}

function messagesIn(text: string): string {
  return parsePolicy({ file: 'test.yaml', text })
    .diagnostics.map(({ message, hint }) => `${message} (${hint})`)
    .join('\n');
}

describe('a policy file', () => {
  it('is read with the place of every value', () => {
    const { value, diagnostics } = parsePolicy({ file: 'test.yaml', text: `${HEAD}limits:\n  pids: 3\n` });
    expect(diagnostics).toEqual([]);
    expect(value?.document.limits?.pids).toBe(3);
    const { range } = value?.places.value('/limits/pids') ?? {};
    expect(range?.start).toEqual({ line: 5, col: 9, offset: 51 });
    expect(range?.end.col).toBe(10);
    expect(value?.places.key('/limits/pids').range.start.col).toBe(3);
  });

  it('gives the place of the nearest value around one that is missing', () => {
    const { value } = parsePolicy({ file: 'test.yaml', text: `${HEAD}limits:\n  pids: 3\n` });
    expect(value?.places.value('/limits/memory/max').range.start.line).toBe(5);
  });

  it('may use anchors and aliases in moderation', () => {
    const text = `${HEAD}landlock:\n  read: &r [/a, /b]\n  execute: *r\n`;
    const { value } = parsePolicy({ file: 'test.yaml', text });
    expect(value?.document.landlock?.execute).toEqual(['/a', '/b']);
    expect(value?.places.value('/landlock/execute').range.start).toMatchObject({ line: 6, col: 12 });
    expect(value?.places.value('/landlock/execute/1').range.start).toMatchObject({ line: 5, col: 17 });
  });
});

describe('what is not a policy', () => {
  it.each([
    ['nothing at all', '', ['LW-P012 1:1']],
    ['only a comment', '# nothing\n', ['LW-P012 1:1']],
    ['a list', '- a\n', ['LW-P012 1:1']],
    ['a key without a value', `${HEAD}limits:\n`, ['LW-P012 4:8']],
    ['a tab as indentation', `${HEAD}limits:\n\tpids: 3\n`, ['LW-P001 5:1']],
    ['a kind that is a map', HEAD.replace('kind: Policy', 'kind: {a: [b]}'), ['LW-P026 2:7']],
    ['an open quote', `${HEAD}hostname: "x\n`, ['LW-P001 5:1']],
    ['a second document', `${HEAD}---\n${HEAD}`, ['LW-P004 4:1']],
    ['a directive', `%YAML 1.1\n---\n${HEAD}`, ['LW-P004 1:1']],
    ['a custom tag', `${HEAD}hostname: !env HOST\n`, ['LW-P004 4:11']],
    ['a core tag', `${HEAD}hostname: !!str host\n`, ['LW-P004 4:17']],
    ['a binary', `${HEAD}hostname: !!binary aG9zdA==\n`, ['LW-P004 4:11']],
    ['a merge key', `${HEAD}root: &r {size: 1MiB, inodes: 99}\nlimits: {<<: *r}\n`, ['LW-P004 5:10']],
    ['an alias without an anchor', `${HEAD}limits: *x\n`, ['LW-P001 4:9']],
    ['an alias to what surrounds it', `${HEAD}tests: &t [*t]\n`, ['LW-P003 4:11']],
    ['a key that is a list', `${HEAD}? [a]\n: b\n`, ['LW-P001 4:3']],
    ['keys of the prototype', `${HEAD}__proto__: {}\nconstructor: 1\n`, ['LW-P010 4:1', 'LW-P010 5:1']],
    [
      'several mistakes at once',
      `${HEAD}mode: 1\nlimits: {pids: x, memory: 3G}\n`,
      ['LW-P013 4:7', 'LW-P012 5:16', 'LW-P016 5:27'],
    ],
    ['maps for words', `${HEAD}mode: {a: 1}\ndescription: {a: 1}\n`, ['LW-P013 4:7', 'LW-P012 5:14']],
    ['a key twice and another mistake', `${HEAD}mode: audit\nmode: off\n`, ['LW-P002 5:1', 'LW-P013 5:7']],
    ['a number that no value may have', `${HEAD}root: {size: 1MiB, inodes: -1}\n`, ['LW-P015 4:28']],
    [
      'sizes without a unit',
      `${HEAD}root: {size: -1, inodes: 99}\nlimits: {memory: 100}\n`,
      ['LW-P016 4:14', 'LW-P016 5:18'],
    ],
    ['a size without a unit in a map', `${HEAD}limits: {memory: {default: 100, max: 1GiB}}\n`, ['LW-P016 4:28']],
    ['a tag of a key', `${HEAD}!!str hostname: host\n`, ['LW-P004 4:7']],
    ['a NUL in a comment', `${HEAD}# a\0b\n`, ['LW-P007 4:4']],
    ['an escape sequence of terminals', `${HEAD}description: a\u001b[2Jb\n`, ['LW-P007 4:15']],
    ['text that is written backwards', `${HEAD}description: a\u202eb\n`, ['LW-P007 4:15']],
    ['half of a pair', `${HEAD}description: "\\ud800"\n`, ['LW-P007 4:14']],
    ['an escaped NUL in a key', `${HEAD}environment: {"A\\0": x}\n`, ['LW-P007 4:15', 'LW-P014 4:15']],
    ['an escaped NUL in a value', `${HEAD}environment: {A: "\\0"}\n`, ['LW-P007 4:18']],
    ['a second byte order mark', `\ufeff\ufeff${HEAD}`, ['LW-P007 1:2']],
    ['a placeholder without its end', `${HEAD}mounts: [{source: "/data/\${job.id", target: /x}]\n`, ['LW-P014 4:19']],
    ['a number too large for a number', `${HEAD}limits: {pids: 99999999999999999999}\n`, ['LW-P012 4:16']],
    ['an infinite number', `${HEAD}limits: {cpus: .inf}\n`, ['LW-P012 4:16']],
    ['a list with an entry twice', `${HEAD}devices: [zero, full, zero]\n`, ['LW-P015 4:23']],
    ['a path with `..`', `${HEAD}landlock: {read: [/usr/../etc]}\n`, ['LW-P014 4:19']],
    ['a path with NUL', `${HEAD}landlock: {read: ["/a\\0b"]}\n`, ['LW-P007 4:19', 'LW-P014 4:19']],
    ['a mount of no kind', `${HEAD}mounts: [{target: /x}]\n`, ['LW-P011 4:10']],
    ['a mount of two kinds', `${HEAD}mounts: [{tmpfs: /x, size: 1MiB, inodes: 9, source: /y}]\n`, ['LW-P010 4:45']],
    ['a condition of two forms', `${HEAD}syscalls: {restrict: {read: {fd: {oneOf: [1], min: 2}}}}\n`, ['LW-P010 4:47']],
    ['an allow entry of no type', `${HEAD}syscalls: {allow: [3]}\n`, ['LW-P012 4:20']],
  ])('%s', (_, text, places) => {
    expect(placesIn(text)).toEqual(places);
  });

  it('is found wrong within its text, also where something is missing at its end', () => {
    const text = `${HEAD}hostname: "x`;
    const { diagnostics } = parsePolicy({ file: 'test.yaml', text });
    expect(diagnostics.map(({ range }) => range.end.offset)).toEqual([text.length]);
  });

  it('is refused when it is larger than 256 KiB', () => {
    expect(placesIn(`${HEAD}# ${'x'.repeat(256 * 1024)}\n`)).toEqual(['LW-P003 1:1']);
  });

  it('is refused in bounded time whatever nests or repeats in it', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, n) => `a${n}: &a${n} [${Array(9).fill(n === 0 ? 'x' : `*a${n - 1}`)}]\n`,
    ).join('');
    for (const text of [
      '['.repeat(200_000),
      'a: '.repeat(80_000),
      '- '.repeat(100_000),
      '{a: '.repeat(60_000),
      laughs,
      ','.repeat(250_000),
      `[${','.repeat(250_000)}]`,
    ]) {
      expect(placesIn(text).length).toBeGreaterThan(0);
    }
    const repeated = ['#\n', '\n', ' \n', '&a ', '!a ', '"', '[', ']', '%A\n', '---\n', '- a\n', '*a ', '? ', 'a:\n'];
    for (const text of repeated) {
      expect(placesIn(text.repeat(Math.floor(250_000 / text.length))), JSON.stringify(text)).toContain('LW-P003 1:1');
    }
    expect(placesIn(`${HEAD}mounts: [{source: "/${'${'.repeat(120_000)}", target: /x}]\n`)).toContain('LW-P014 4:19');
    const keys = Array.from({ length: 20_000 }, (_, n) => `k${n}: 1\n`).join('');
    expect(placesIn(keys).length).toBeLessThanOrEqual(500);
  }, 30_000);

  it('is told what was meant', () => {
    expect(messagesIn(`${HEAD}limitss: {}\n`)).toContain('did you mean `limits`?');
    expect(messagesIn(`${HEAD}limits: {memory: 100MB}\n`)).toContain('write `100MiB` if that is meant');
    expect(messagesIn(`${HEAD}limits: {timeout: 5 minutes}\n`)).toContain('write `5m` if that is meant');
    expect(messagesIn(`${HEAD}limits: {timeout: 5msec}\n`)).toContain('write `5ms` if that is meant');
    expect(messagesIn(`${HEAD}limits: {timeout: 30}\n`)).toContain('units: ms, s, m, h');
    expect(messagesIn(`${HEAD}limits: {memory: 100}\n`)).toContain('units: B, KiB, MiB, GiB, TiB');
    expect(messagesIn(`${HEAD}limits: {memory: 8193TiB}\n`)).toContain('at most 8192TiB');
    expect(messagesIn(`${HEAD}limits: {pids: 99999999999999999999}\n`)).toContain('an integer, not one beyond 2^53');
    expect(messagesIn(`${HEAD}limits: {cpus: .nan}\n`)).toContain('a number, not NaN');
    expect(messagesIn(`${HEAD}environment: {THREADS: 1}\n`)).toContain('put it in quotes: "1"');
    expect(messagesIn(`${HEAD}environment: {THREADS: 1.0, A: &a 1, B: *a}\n`)).toContain('put it in quotes: "1.0"');
    expect(messagesIn(`${HEAD}identity: {umask: 0077}\n`)).toContain('put it in quotes: "0077"');
    expect(messagesIn(`${HEAD}syscalls: {rules: [{names: [x], action: kill}]}\n`)).toContain('`errno`, `kill_process`');
  });

  it('never throws, whatever the text', () => {
    const unit = fc.constantFrom(...'abk:-[]{}&*!|>%#"\',? \n\t01é\0'.split(''));
    const yamlish = fc.string({ unit, maxLength: 80 });
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string()), (text) => {
        const { value, diagnostics } = parsePolicy({ file: 'test.yaml', text: `${HEAD}${text}` });
        if (value === undefined) expect(diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a runtime file', () => {
  it('has defaults', () => {
    const { value } = parseRuntime({ file: 'r.yaml', text: 'version: 1\nkind: Runtime\nname: r\n' });
    expect(value).toMatchObject({
      name: 'r',
      interpreter: '/usr/bin/python3',
      requirements: null,
      preload: [],
      globals: {},
      warmup: null,
      pool: { standby: 1, max: 16 },
      share: 'tenant',
    });
  });

  it.each([
    ['requirements: ../x.lock', 'LW-P014 4:15'],
    ['requirements: x.txt', 'LW-P014 4:15'],
    ['preload: [os; rm]', 'LW-P014 4:11'],
    ['globals: {"a b": os}', 'LW-P014 4:11'],
    ['pool: {standby: 4}', 'LW-P011 4:1'],
    ['pools: {}', 'LW-P010 4:1'],
    ['kind: Policy', 'LW-P002 4:1'],
  ])('%s', (line, place) => {
    const { diagnostics } = parseRuntime({ file: 'test.yaml', text: `version: 1\nkind: Runtime\nname: r\n${line}\n` });
    expect(placesOf(diagnostics)).toContain(place);
  });
});
