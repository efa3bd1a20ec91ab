/** Output without end, without lines, and bytes that are no text. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const MIB = 1 << 20;
const [MOST_OUT, MOST_ERR] = [10 * MIB, MIB]; // limits of the policies' base

const cut =
  (stream: 'stdout' | 'stderr') =>
  (end: End): boolean =>
    end.status === 'output_limit' &&
    end.truncated?.[stream] === true &&
    end[stream]?.length === (stream === 'stdout' ? MOST_OUT : MOST_ERR);

/** Finite, for the control's sake: more than a job may write. */
const flood = (descriptor: number, block: string): string =>
  `import os\nblock = ${block}\nfor _ in range(${(4 * MOST_OUT) >> 16}):\n    os.write(${descriptor}, block)`;

const bytes = (text: string, ...expected: number[]): HostileJob => ({
  code: `import os\nos.write(1, ${text})`,
  holds: ({ status, stdout, binary }) =>
    status === 'ok' &&
    Buffer.from(stdout as string | Uint8Array).equals(Buffer.from(expected)) &&
    binary?.stdout === (typeof stdout !== 'string'),
});

const jobs: Record<string, HostileJob> = {
  'lines without end': { code: flood(1, 'b"0123456789abcde\\n" * 4096'), holds: cut('stdout') },
  'one line without end': { code: flood(1, 'b"x" * 65536'), holds: cut('stdout') },
  'NUL without end': { code: flood(1, 'bytes(65536)'), holds: cut('stdout') },
  'errors without end': { code: flood(2, 'b"x" * 65536'), holds: cut('stderr') },
  'both by turns': {
    code: `import os\nfor _ in range(512):\n    os.write(1, b"o" * 65536)\n    os.write(2, b"e" * 4096)`,
    holds: (end) => cut('stdout')(end) || cut('stderr')(end),
  },
  'single bytes': {
    code: 'import os\nfor _ in range(20000): os.write(1, b"x")',
    holds: ({ status, stdout }) => status === 'ok' && stdout === 'x'.repeat(20_000),
  },
  'a character of which half is there': {
    code: `import os\nos.write(1, b"x")\nblock = "\\u00e9".encode() * 32768\nfor _ in range(640): os.write(1, block)`,
    // The cut falls into the middle of a character, which is left out.
    holds: ({ status, stdout, truncated }) =>
      status === 'output_limit' && truncated?.stdout === true && typeof stdout === 'string' && stdout.endsWith('é'),
  },
  'bytes that are no UTF-8': bytes('b"\\xff\\xfe\\x80"', 0xff, 0xfe, 0x80),
  'an overlong NUL': bytes('b"\\xc0\\x80"', 0xc0, 0x80),
  'a surrogate': bytes('b"\\xed\\xa0\\x80"', 0xed, 0xa0, 0x80),
  'NUL among text': bytes('b"a\\0b"', 97, 0, 98),
  'orders for a terminal': bytes('b"\\x1b]0;t\\x07\\x1b[2J\\r\\x9b"', ...Buffer.from('\x1b]0;t\x07\x1b[2J\r'), 0x9b),
  'line ends of every kind': bytes('b"a\\r\\nb\\rc\\n"', ...Buffer.from('a\r\nb\rc\n')),
  'half a character at the end': bytes('b"a\\xc3"', 97, 0xc3),
};

export const probe = hostileJobsProbe(jobs);
