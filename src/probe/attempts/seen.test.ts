import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from './seen.js';

const line = (said: object): string => `\x1e${JSON.stringify(said)}\n`;

describe('readReport', () => {
  it('reads attempts with their last call, and that the snippet is through', () => {
    const output = [
      line({ begin: 'a' }),
      line({ call: 1, args: ['0x1'] }),
      line({ call: 435, args: ['0xffffffffffffffff', '0x58'] }),
      line({ end: 'a', seen: { errno: 'ENOSYS' } }),
      'something else\n',
      line({ begin: 'b' }),
      line({ end: 'b', seen: { value: '3' } }),
      line({ done: true }),
    ].join('');
    expect(readReport(output)).toEqual({
      attempts: [
        {
          name: 'a',
          seen: { kind: 'errno', errno: 'ENOSYS' },
          call: { nr: 435, args: [0xffff_ffff_ffff_ffffn, 0x58n] },
        },
        { name: 'b', seen: { kind: 'value', value: '3' }, call: undefined },
      ],
      open: undefined,
      done: 'all',
      rest: 'something else',
    });
  });

  it('tells the attempt in which the job went away, with the call that it made', () => {
    const output = line({ begin: 'a' }) + line({ call: 101, args: ['0x0'] });
    expect(readReport(output)).toMatchObject({ open: { name: 'a', call: { nr: 101, args: [0n] } }, done: undefined });
  });

  it('tells that attempts are left for another job', () => {
    expect(readReport(line({ done: false })).done).toBe('some');
  });

  it.each([
    { end: 'a', seen: { errno: 13 } },
    { end: 'a', seen: {} },
    { end: 'a' },
    { end: 'a', seen: { blocked: 'yes' } },
  ])('takes %o for a broken attempt', (said) => {
    expect(readReport(line(said)).attempts[0]?.seen.kind).toBe('broken');
  });

  it('survives whatever a job prints, and never says that it was through', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.json().map((text) => `\x1e${text}\n`),
          ),
        ),
        (parts) => {
          const { attempts, done } = readReport(parts.join(''));
          expect(done).toBeUndefined();
          expect(attempts).toEqual([]);
        },
      ),
    );
  });
});
