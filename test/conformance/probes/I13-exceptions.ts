/** Exceptions that lie about themselves or cannot be written down: the only values of a job that are encoded. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const MOST = 4 << 20;

const told =
  (name: string) =>
  ({ status, exit_code, error, stderr }: End): boolean =>
    status === 'error' && exit_code === 1 && error?.name === name && sizeOf(error) + (stderr?.length ?? 0) < MOST;

const ends = ({ status, error }: End): boolean => status !== 'ok' && status !== 'refused' && sizeOf(error) < MOST;

function sizeOf(error: End['error']): number {
  return error ? error.name.length + error.value.length + error.traceback.length : 0;
}

/** What comes before is what makes a trusting worker fail in the telling. */
const raised = (body: string, more = ''): string => `${more}\nclass Own(Exception):\n${body}\nraise Own("value")`;

const jobs: Record<string, HostileJob> = {
  'a text that raises': { code: raised('    def __str__(self): raise SystemExit(0)'), holds: told('Own') },
  'a text that ends the process': {
    code: raised('    def __str__(self):\n        import os; os._exit(0)'),
    // Its own code, called when it is asked for its text: an exit like any other.
    holds: ({ status, exit_code }) => status === 'ok' && exit_code === 0,
  },
  'a text without end': {
    code: raised('    def __str__(self):\n        while True: pass'),
    fields: { timeout_secs: 1 },
    holds: ({ status }) => status === 'timed_out',
  },
  'a text that is none': { code: raised('    def __str__(self): return 7'), holds: told('Own') },
  'a text of surrogates': {
    code: raised('    def __str__(self): return "\\ud800" * 100'),
    holds: ends,
    next: pristine(),
  },
  'a text of NUL': {
    code: raised('    def __str__(self): return "a\\0b\\0c\\0d"'),
    // The claim's three texts end with NUL: none of its own can end one.
    holds: ({ error }) => error?.value === 'a\\0b\\0c\\0d',
  },
  'a text of 64 MiB': { code: 'raise ValueError("x" * (64 << 20))', holds: ends },
  'a name of 16 MiB': { code: 'raise type("N" * (16 << 20), (Exception,), {})("value")', holds: ends },
  'a name with NUL and line ends': {
    code: 'kind = type("Own", (Exception,), {})\nkind.__name__ = "A\\x1b[2J\\nB"\nraise kind("value")',
    holds: (end) => ends(end) && end.error?.name === 'A\x1b[2J\nB' && end.error.value === 'value',
    next: pristine(),
  },
  'a traceback of many': { code: chain(5000), holds: told('ValueError'), next: pristine() },
  'a traceback without end': {
    code: chain(100_000), // the interpreter's time for it grows with the square
    fields: { timeout_secs: 2 },
    holds: ({ status }) => status === 'timed_out',
  },
  'causes in a circle': {
    code: 'first, second = ValueError(1), ValueError(2)\nfirst.__cause__, second.__cause__ = second, first\nraise first',
    holds: told('ValueError'),
    next: pristine(),
  },
  'a group of groups': {
    code: 'group = ExceptionGroup("g", [ValueError(1)])\nfor _ in range(5000): group = ExceptionGroup("g", [group])\nraise group',
    holds: ends,
    next: pristine(),
  },
  'a class whose attributes raise': {
    code: 'class Meta(type):\n    def __getattribute__(cls, name): raise SystemExit(0)\nclass Own(Exception, metaclass=Meta): pass\nraise Own("value")',
    holds: ends,
  },
  'a hook that says something else': {
    code: 'import sys, os\nsys.excepthook = lambda *_: os._exit(0)\n1 / 0',
    // A hook is the job's to call, and what it does is its end.
    holds: ({ status, error }) => status === 'ok' && (error === null || error?.name === 'ZeroDivisionError'),
  },
  'keys of prototypes': {
    code: 'kind = type("__proto__", (Exception,), {})\nraise kind("constructor")',
    holds: ({ error }) => error?.name === '__proto__' && error.value === 'constructor',
    next: pristine(),
  },
};

/** An exception that was raised while another was handled, and so on. */
function chain(length: number): string {
  return `raised = None\nfor depth in range(${length}):\n    error = ValueError(depth); error.__context__ = raised; raised = error\nraise raised`;
}

/** The trusting worker tells these as well; what it cannot is to forget the class. */
function pristine(): { code: string; prints: string } {
  return {
    code: 'print([name for name in ("Own", "group", "kind", "first", "second", "raised") if name in globals()])',
    prints: '[]\n',
  };
}

export const probe = hostileJobsProbe(jobs);
