/** Requests with fields that would change how code is run. The control asks a server that takes whatever comes. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { type Answer, type Ask, withTrustingServer } from './trusting-server.js';

/** @param requests further fields of an Execute request, by what they would do */
export function refusedFieldsProbe(requests: Readonly<Record<string, object>>): HostProbe {
  const askedFor = async (ask: Ask, policy: string): Promise<readonly HostAttempt[]> => {
    const attempts: HostAttempt[] = [];
    for (const [name, fields] of Object.entries(requests))
      attempts.push(judged(name, await ask({ type: 'Execute', code: 'print("ran")', policy, ...fields })));
    return attempts;
  };
  const control = ({ scratch, policy }: HostContext): Promise<readonly HostAttempt[]> =>
    withTrustingServer(scratch, (ask) => askedFor(ask, policy));
  const run = async (context: HostContext): Promise<readonly HostAttempt[]> => {
    const { daemon } = context.sandbox;
    if (!context.variant.confines || daemon === undefined) return control(context);
    const connection = await daemon.connect();
    try {
      return await askedFor((request) => connection.ask(request) as Promise<Answer>, context.policy);
    } finally {
      connection.close();
    }
  };
  return { control, controlIsSameForAll: true, run };
}

function judged(name: string, { success, result, error }: Answer): HostAttempt {
  const isRefused = !success && result === undefined && error !== undefined;
  const detail = JSON.stringify(error === undefined ? result : [error.code, error.message]).slice(0, 160);
  return { name, outcome: isRefused ? 'BLOCKED' : 'ESCAPED', detail };
}
