/** What the host sees of a job's network: one loopback, down, without address and without route. */
import { readProc } from '../../harness/processes.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { observed } from '../runner/observed.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  return observed(context, { count: 1 }, ([pid = 0]) => {
    const read = (file: string) => readProc(`/proc/${pid}/net/${file}`) ?? '';
    const names = [...read('dev').matchAll(/^\s*([^\s:|]+):/gm)].map(([, name]) => name);
    const routes = read('route').trim().split('\n').slice(1);
    // fib_trie names every local address, also that of a loopback which is up.
    const local = read('fib_trie').trim();
    const inet6 = read('if_inet6').trim();
    return [
      attempt('interfaces', names.join() === 'lo', names),
      attempt('routes', routes.length === 0, routes),
      attempt('addresses', local === '' && inet6 === '', [local.slice(0, 120), inet6.slice(0, 120)]),
    ].filter(({ name }) => context.sandbox.daemon !== undefined || isThereUnconfined(name, routes, names));
  });
}

/** Machines of CI may have nothing but a loopback themselves: then only its address tells. */
function isThereUnconfined(name: string, routes: readonly unknown[], names: readonly unknown[]): boolean {
  return name === 'addresses' || (name === 'routes' ? routes.length > 0 : names.length > 1);
}

function attempt(name: string, holds: boolean, seen: unknown): HostAttempt {
  return { name, outcome: holds ? 'BLOCKED' : 'ESCAPED', detail: JSON.stringify(seen) };
}
