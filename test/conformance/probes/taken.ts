/** Requests with fields that would change how code is run. The control is a daemon that takes whatever comes. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

/** @param requests further fields of an Execute request, by what they would do */
export function refusedFieldsProbe(requests: Readonly<Record<string, object>>): HostProbe {
  const control = async (): Promise<readonly HostAttempt[]> => {
    return Object.entries(requests).map(([name, fields]) => ({
      name,
      outcome: 'ESCAPED',
      detail: `taken: ${Object.keys(fields).join(', ')}`,
    }));
  };
  const run = async ({ sandbox, variant, policy }: HostContext): Promise<readonly HostAttempt[]> => {
    const { daemon } = sandbox;
    if (!variant.confines || daemon === undefined) return control();
    const connection = await daemon.connect();
    const attempts: HostAttempt[] = [];
    for (const [name, fields] of Object.entries(requests)) {
      const answer = await connection.ask({ type: 'Execute', code: 'print("ran")', policy, ...fields });
      const isRefused = !answer.success && !('result' in answer) && answer.error !== undefined;
      const detail = JSON.stringify('error' in answer ? [answer.error?.code, answer.error?.message] : answer).slice(
        0,
        160,
      );
      attempts.push({ name, outcome: isRefused ? 'BLOCKED' : 'ESCAPED', detail });
    }
    connection.close();
    return attempts;
  };
  return { control, run };
}
