/** Stacks of Python and of C without a bottom. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const SIGSEGV = 11;

/** Refused by the interpreter, or ended by the kernel: the one or the other is said, never a success. */
const isStopped = ({ status, signal, error }: End): boolean =>
  status === 'oom_killed' ||
  status === 'timed_out' ||
  (status === 'signaled' && signal === SIGSEGV) ||
  (status === 'error' && ['RecursionError', 'MemoryError'].includes(error?.name ?? ''));

const fields = { timeout_secs: 3, memory_limit: 256 << 20 };
const UNBOUND = 'import sys\nsys.setrecursionlimit(10**9)\n';
const next = { code: 'import sys; print(sys.getrecursionlimit())', prints: '1000\n' };

const codes = {
  'frames of Python': `${UNBOUND}def f(): f()\nf()`,
  'frames of C': `${UNBOUND}class Own:\n    def __repr__(self): return repr([self])\nrepr(Own())`,
  'frames of C by sorting': `${UNBOUND}class Own:\n    def __lt__(self, other): return sorted([self, other])\nsorted([Own(), Own()])`,
  'a list in a list': `${UNBOUND}held = []\nfor _ in range(10**6): held = [held]\nrepr(held)`,
  'a comparison without bottom': `${UNBOUND}first, second = [], []\nfirst.append(first); second.append(second)\nfirst == second`,
  'a hook that calls itself': `${UNBOUND}def trace(*_):\n    sys.settrace(trace); f()\ndef f(): f()\nsys.settrace(trace)\nf()`,
  'an attribute of itself': `${UNBOUND}class Own:\n    def __getattr__(self, name): return getattr(self, name)\nOwn().x`,
  'a text of itself': `${UNBOUND}import json\nheld = []\nfor _ in range(10**6): held = [held]\njson.dumps(held)`,
  'a stack of C': `import ctypes\ncalled = ctypes.CFUNCTYPE(None)\n@called\ndef f(): f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()`,
} as const;

const jobs: Record<string, HostileJob> = Object.fromEntries(
  Object.entries(codes).map(([name, code]) => [name, { code, fields, holds: isStopped, next }]),
);

export const probe = hostileJobsProbe(jobs);
