/** What a request puts in place of ${job.id} in the source of a mount. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { type Answer, type Ask, withTrustingServer } from './trusting-server.js';

const IDS = {
  climbing: '../x',
  empty: '',
  dot: '.',
  'two dots': '..',
  'in between': 'a/../b',
  'a NUL': 'a\0b',
  long: 'a'.repeat(5000),
  absolute: '/abs',
  encoded: '%2e%2e',
  'trailing slash': 'a/',
  'dots of Unicode': '\u2024\u2024',
  'full width': '\uff0e\uff0e\uff0fx',
  newline: 'a\n',
  template: '${job.id}',
  number: 7,
  list: ['a'],
  nothing: null,
} as const;

/** Of the host, or of a control. */
interface Asked {
  readonly ask: Ask;
  /** Beneath it nothing may come or go. */
  readonly root: string;
}

/** A template that is filled with whatever came. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  const jobs = join(scratch, 'data/jobs');
  mkdirSync(jobs, { recursive: true });
  return withTrustingServer(jobs, (ask) => askedFor({ ask, root: scratch }));
}

async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = context.sandbox;
  if (!context.variant.confines || daemon === undefined) return control(context);
  const connection = await daemon.connect();
  try {
    return await askedFor({
      ask: (request) => connection.ask(request) as Promise<Answer>,
      root: daemon.place.root,
    });
  } finally {
    connection.close();
  }
}

async function askedFor({ ask, root }: Asked): Promise<readonly HostAttempt[]> {
  const files = () => readdirSync(root, { recursive: true }).map(String).sort().join('\n');
  const before = files();
  const attempts: HostAttempt[] = [];
  for (const [name, id] of Object.entries(IDS)) {
    for (const [field, fields] of [
      ['job_id', { job_id: id }],
      ['params', { params: { id } }],
    ] as const) {
      const { error, result } = await ask({ type: 'Execute', code: 'print("ran")', policy: 'python', ...fields });
      const isRefused = result === undefined && error?.code.startsWith('LW_PROTO_') === true;
      const detail = `${field}: ${JSON.stringify(error?.code ?? result)}`;
      attempts.push({ name: `${name} as ${field}`, outcome: isRefused ? 'BLOCKED' : 'ESCAPED', detail });
    }
  }
  return [
    ...attempts,
    { name: 'files', outcome: before === files() ? 'BLOCKED' : 'ESCAPED', detail: 'directories of jobs' },
  ];
}

export const probe: HostProbe = { control, controlIsSameForAll: true, run };
