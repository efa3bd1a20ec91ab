/** An allow list that is too tight is a failure too: ordinary jobs with threads must never meet it. */

import type { JobEnd } from '../../../src/probe/attempts/job-end.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

/** Joins, groups, sorts and factorises in four threads at once, each with its own random data, and writes a file. */
const CODE = `
import threading
import numpy as np
import pandas as pd

failures = []

def work(seed):
    try:
        random = np.random.default_rng(seed)
        frame = pd.DataFrame({"key": random.integers(0, 50, 2000), "value": random.normal(size=2000)})
        sums = frame.groupby("key")["value"].agg(["sum", "mean", "std"]).sort_values("sum")
        joined = frame.merge(sums, left_on="key", right_index=True)
        np.linalg.svd(random.normal(size=(24, 24)))
        np.fft.rfft(joined["value"].to_numpy())
        joined.to_csv(f"/tmp/{seed}.csv")
        assert len(pd.read_csv(f"/tmp/{seed}.csv")) == 2000
    except BaseException as error:
        failures.append(repr(error))

threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("through" if not failures else failures)
`;

/** Refuses what every thread needs, so that a probe which sees no refusal at all is found out. */
const TOO_TIGHT = 'suite-too-tight';

/** In flight at a time: as many as two processors keep busy. */
const CLIENTS = 3;

export const probe: HostProbe = {
  control: async (context) => [attempt('a job', await job(context, context.policy))],
  run: async (context) => {
    const ends: JobEnd[] = [];
    // Where nothing confines, one job is enough to say so.
    const times = context.variant.confines ? context.times : 1;
    const client = async () => {
      while (ends.length < times) ends.push(await job(context, context.policy));
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    const bad = ends.map((end) => attempt('jobs', end)).filter(({ outcome }) => outcome !== 'NO_EFFECT');
    const all = { name: 'jobs', outcome: 'NO_EFFECT', detail: `${ends.length} jobs, none was refused a call` } as const;
    return [...(bad.length > 0 ? bad.slice(0, 3) : [all]), await tooTight(context)];
  },
};

function job({ sandbox }: HostContext, policy: string): Promise<JobEnd> {
  return sandbox.run({ code: CODE, policy, timeoutSeconds: 60 });
}

/** A job counts only when it ran, and under a filter. */
function attempt(name: string, { status, signal, stdout, stderr, denials, receipt, error }: JobEnd): HostAttempt {
  if (status === 'refused') return { name, outcome: 'BROKEN', detail: error ?? status };
  if (receipt?.seccomp.mode !== 'filter') return { name, outcome: 'ESCAPED', detail: 'it ran under no filter' };
  const denied = denials.map(({ syscall, count }) => `${syscall} x ${count}`).join(', ');
  if (status === 'ok' && stdout === 'through\n' && denied === '')
    return { name, outcome: 'NO_EFFECT', detail: 'through' };
  const parts = [status, signal, error, denied && `refused: ${denied}`, stdout.slice(0, 300), stderr.slice(-300)];
  return { name, outcome: 'BROKEN', detail: parts.filter((part) => part).join(': ') };
}

async function tooTight(context: HostContext): Promise<HostAttempt> {
  const name = 'a list that is too tight';
  const { outcome, detail } = attempt(name, await job(context, TOO_TIGHT));
  if (outcome === 'BROKEN') return { name, outcome: 'NO_EFFECT', detail: `is noticed: ${detail}` };
  const hasNoList = outcome === 'ESCAPED' || context.variant.lacks === 'seccomp';
  return { name, outcome: hasNoList ? 'ESCAPED' : 'BROKEN', detail: `is not noticed: ${detail}` };
}
