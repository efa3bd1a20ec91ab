/** The command lines of a job and of all that the host sees of its PID namespace. */
import { commandLineOf, descendantsOf, namespaceOf } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const TOKEN = 'token-of-the-request';

function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  return observed(context, { count: 1, code: `# ${TOKEN}` }, ([pid = 0]) => {
    const inside = namespaceOf(pid, 'pid');
    const all = descendantsOf(process.pid).filter((other) => namespaceOf(other, 'pid') === inside);
    // The control shares its namespace with the runner; only its own process is of interest.
    const lines = (context.sandbox.daemon === undefined ? [pid] : all).map((other) => commandLineOf(other).join(' '));
    const { root } = context.sandbox.place;
    return [
      verdict('code', lines, (line) => line.includes(TOKEN)),
      verdict('a path of the host, or code', lines, (line) => line.includes(root) || line.includes('time.sleep')),
    ];
  });
}

function verdict(name: string, lines: readonly string[], isOdd: (line: string) => boolean): HostAttempt {
  if (lines.length === 0) return { name, outcome: 'BROKEN', detail: 'no process was found' };
  return { name, outcome: lines.some(isOdd) ? 'ESCAPED' : 'BLOCKED', detail: JSON.stringify(lines) };
}
