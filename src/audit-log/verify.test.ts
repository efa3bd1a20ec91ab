import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENTS, JOB, sampleLog } from '../../test/audit-log/sample-log.js';
import { fullFileName } from './files.js';
import { LineSplitter } from './lines.js';
import type { AuditEvent } from './records.gen.js';
import { ChainVerifier, type Verdict, type VerifyOptions } from './verify.js';

interface File {
  readonly name: string;
  readonly bytes: Buffer;
}

function verify(files: readonly File[], options: Partial<VerifyOptions> = {}): Verdict {
  const verifier = new ChainVerifier({ whole: true, ...options });
  for (const { name, bytes } of files) {
    const splitter = new LineSplitter();
    verifier.beginFile(name, name);
    for (const line of splitter.push(bytes)) verifier.line(line);
    verifier.endFile(splitter.rest);
  }
  return verifier.end();
}

const file = (lines: readonly string[], name = 'audit.ndjson'): File => ({ name, bytes: Buffer.from(lines.join('')) });
const problems = ({ findings }: Verdict) => findings.map(({ file, line, problem }) => `${file}:${line}: ${problem}`);
const JOBS = (count: number): AuditEvent[] =>
  Array.from({ length: count }, (_, index) => ({ ...JOB, job_id: `j${index}` }));

const { lines, head } = sampleLog([EVENTS[0] as AuditEvent, ...JOBS(4)]);

describe('a log that nobody has changed', () => {
  it('has no finding', () => {
    expect(verify([file(lines)])).toMatchObject({ findings: [], records: 5, unfinished: 0, newer: 0, last: head });
  });

  it('goes on over files', () => {
    const next = sampleLog([{ kind: 'log_rotated', file: fullFileName(1) }, ...JOBS(2)], head);
    expect(verify([file(lines, fullFileName(1)), file(next.lines)])).toMatchObject({ findings: [], records: 8 });
  });

  it('may end in the middle of a record, and says so', () => {
    const cut = { name: 'audit.ndjson', bytes: Buffer.from(lines.join('')).subarray(0, -10) };
    expect(verify([cut])).toMatchObject({
      findings: [],
      records: 4,
      unfinished: Buffer.byteLength(lines[4] ?? '') - 10,
    });
  });
});

describe('a log whose beginning is not there', () => {
  const [first, second] = [sampleLog(JOBS(3)), sampleLog(JOBS(2), sampleLog(JOBS(3)).head)];
  const removed = (hash: string | null, through = 3): AuditEvent => {
    return { kind: 'log_removed', files: [fullFileName(1)], through, through_hash: String(hash) };
  };
  const rest = (event: AuditEvent) => file([...second.lines, ...sampleLog([event], second.head).lines]);

  it('is whole where a record says that it was removed', () => {
    expect(problems(verify([rest(removed(first.head.hash))]))).toEqual([]);
  });

  it('is whole where the removal was interrupted', () => {
    expect(problems(verify([rest(removed(second.head.hash, 4))]))).toEqual([]);
    expect(problems(verify([file(first.lines, fullFileName(1)), rest(removed(first.head.hash))]))).toEqual([]);
  });

  it.each([
    ['no record says so', { kind: 'daemon_stopped' } as AuditEvent],
    ['a record says so of less', removed(first.head.hash, 2)],
    ['a record says so of another one', removed(`sha256:${'0'.repeat(64)}`)],
  ])('is not whole where %s', (_name, event) => {
    const missing = 'audit.ndjson:0: records before 4 are missing, and no record says that they were removed';
    expect(problems(verify([rest(event)]))).toEqual([missing]);
    expect(verify([rest(event)], { whole: false }).findings).toEqual([]);
  });
});

describe('a log that somebody has changed', () => {
  it.each<[string, readonly File[], readonly string[]]>([
    [
      'a field',
      [file(lines.with(2, lines[2]?.replace('"bytes":11', '"bytes":12') ?? ''))],
      ['audit.ndjson:3: its hash is not that of its bytes: the line was changed'],
    ],
    ['a line that is gone', [file(lines.toSpliced(2, 1))], ['audit.ndjson:3: record 4 comes after record 2']],
    [
      'a line that stands twice',
      [file(lines.toSpliced(2, 0, lines[2] ?? ''))],
      ['audit.ndjson:4: record 3 comes after record 3'],
    ],
    ['no JSON', [file(lines.with(2, 'gone\n'))], ['audit.ndjson:3: it is not a JSON object']],
    ['an empty line', [file(lines.toSpliced(2, 0, '\n'))], ['audit.ndjson:3: it is not a JSON object']],
    [
      'a file that is gone',
      [file(lines.slice(0, 2), fullFileName(1)), file(lines.slice(4))],
      ['audit.ndjson:1: record 5 comes after record 2'],
    ],
    [
      'a file by another name',
      [file(lines.slice(0, 2), fullFileName(2)), file(lines.slice(2))],
      [`${fullFileName(2)}:1: it is record 1, and the file's name says 2`],
    ],
    [
      'a full file that is cut',
      [
        { ...file(lines, fullFileName(1)), bytes: Buffer.from(lines.join('')).subarray(0, -9) },
        file(sampleLog(JOBS(1), head).lines),
      ],
      [
        `${fullFileName(1)}:4: another file follows one that ends in the middle of a record`,
        'audit.ndjson:1: record 6 comes after record 4',
      ],
    ],
    ['nothing in it', [file([])], ['audit.ndjson:0: there is no record']],
  ])('%s', (_name, files, expected) => {
    expect(problems(verify(files))).toEqual(expected);
  });

  it('a record that was sealed anew, by the next one', () => {
    const forged = sampleLog([EVENTS[0] as AuditEvent, { ...JOB, exit_code: 1 }]).lines;
    expect(problems(verify([file([...forged, ...lines.slice(2)])]))).toEqual([
      'audit.ndjson:3: it does not follow the record 2 that stands before it',
    ]);
  });

  it('a chain that was made anew or cut at its end, by a hash that was noted elsewhere', () => {
    const anchors = [head.hash ?? ''];
    expect(problems(verify([file(lines)], { anchors }))).toEqual([]);
    expect(problems(verify([file(lines.slice(0, -1))], { anchors }))).toEqual([
      `audit.ndjson:0: no record has the hash ${head.hash}`,
    ]);
    expect(problems(verify([file(sampleLog(JOBS(5)).lines)], { anchors }))).toHaveLength(1);
  });

  it('a line that is longer than any record', () => {
    const long = `{"a":"${'x'.repeat(3 << 20)}"}\n`;
    expect(problems(verify([file(lines.toSpliced(2, 0, long))]))).toEqual([
      'audit.ndjson:3: it is longer than any record',
    ]);
  });
});

describe('any change', () => {
  const whole = Buffer.from(lines.join(''));
  const isNoticed = (bytes: Buffer) => {
    const verdict = verify([{ name: 'audit.ndjson', bytes }]);
    return verdict.findings.length > 0 || verdict.unfinished > 0;
  };

  it('of one byte is noticed', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(change, ([at, bits]) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ bits;
        return isNoticed(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('that takes bytes out, or puts some in, is noticed', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(2000), fc.uint8Array({ maxLength: 20 }));
    fc.assert(
      fc.property(change, ([at, length, added]) => {
        const bytes = Buffer.concat([whole.subarray(0, at), added, whole.subarray(at + length)]);
        // Lines that are missing at the end leave nothing behind: that is what anchors are for.
        const cutAtLine =
          whole.subarray(0, bytes.length).equals(bytes) && (bytes.length === 0 || bytes.at(-1) === 0x0a);
        fc.pre(!cutAtLine);
        return isNoticed(bytes);
      }),
    );
  });

  it('of the order of lines is noticed', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...lines], { minLength: 1 }), (some) => {
        fc.pre(some.some((line, index) => line !== lines[index]));
        return isNoticed(Buffer.from(some.join('')));
      }),
    );
  });

  it('up to anything at all is no crash, and no whole log', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => isNoticed(Buffer.from(bytes))));
    const json = fc.array(fc.json({ maxDepth: 3 }), { maxLength: 5 });
    fc.assert(fc.property(json, (values) => isNoticed(Buffer.from(values.map((value) => `${value}\n`).join('')))));
    const fields = fc.record({
      version: fc.anything(),
      sequence: fc.anything(),
      hash: fc.anything(),
      kind: fc.constantFrom('job', 'constructor', '__proto__'),
    });
    fc.assert(fc.property(fields, (value) => isNoticed(Buffer.from(`${safeJson(value)}\n`))));
  });
});

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? String(member) : member)) ?? 'null';
  } catch {
    return 'null';
  }
}

describe('lines', () => {
  it('are the same however their bytes come', () => {
    const cuts = fc.array(fc.nat(200), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\n', ' ')),
          { maxLength: 8 },
        ),
        cuts,
        (texts, at) => {
          const bytes = Buffer.from(texts.join('\n'));
          const splitter = new LineSplitter();
          const ends = [...at.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
          const found = ends.flatMap((end, index) => [...splitter.push(bytes.subarray(ends[index - 1] ?? 0, end))]);
          expect(found.map(String)).toEqual(texts.slice(0, -1));
          expect(splitter.rest).toBe(Buffer.byteLength(texts.at(-1) ?? ''));
        },
      ),
    );
  });
});
