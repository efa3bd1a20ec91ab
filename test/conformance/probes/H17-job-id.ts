/** What a request puts in place of ${job.id} in the source of a mount. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

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

/** A template that is filled with whatever came. */
async function control(): Promise<readonly HostAttempt[]> {
  const base = '/data/jobs';
  return Object.entries(IDS).map(([name, id]) => {
    return { name, outcome: 'ESCAPED', detail: `a mount of ${resolve(join(base, String(id)), 'input').slice(0, 60)}` };
  });
}

async function run({ sandbox, variant }: HostContext): Promise<readonly HostAttempt[]> {
  const { daemon } = sandbox;
  if (!variant.confines || daemon === undefined) return control();
  const before = String(readdirSync(daemon.place.root, { recursive: true }));
  const attempts: HostAttempt[] = [];
  const connection = await daemon.connect();
  for (const [name, id] of Object.entries(IDS)) {
    for (const [field, fields] of [
      ['job_id', { job_id: id }],
      ['params', { params: { id } }],
    ] as const) {
      const answer = await connection.ask({ type: 'Execute', code: 'print("ran")', policy: 'python', ...fields });
      const refused = !answer.success && 'error' in answer && answer.error?.code.startsWith('LW_PROTO_');
      const detail = `${field}: ${JSON.stringify('error' in answer ? answer.error?.code : answer)}`;
      attempts.push({ name: `${name} as ${field}`, outcome: refused === true ? 'BLOCKED' : 'ESCAPED', detail });
    }
  }
  connection.close();
  const after = String(readdirSync(daemon.place.root, { recursive: true }));
  return [
    ...attempts,
    { name: 'files', outcome: before === after ? 'BLOCKED' : 'ESCAPED', detail: 'those of the daemon' },
  ];
}

export const probe: HostProbe = { control, run };
