/** Who else holds a job's streams when its main process has ended: the answer comes with that end, not with theirs. */
import { type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const child = (body: string): string => `
import os, signal, time
print("main", flush=True)
if os.fork() == 0:
    ${body}
    os._exit(0)
os._exit(3)`;

const bodies = {
  'holds all': 'time.sleep(60)',
  'holds its output alone': 'os.close(0); os.close(2); time.sleep(60)',
  'holds copies': '[os.dup2(1, number) for number in range(10, 60)]; time.sleep(60)',
  'in a session of its own': 'os.setsid(); time.sleep(60)',
  'through another child': 'os.fork(); time.sleep(60)',
  'while it is stopped': 'os.kill(os.getpid(), 19); time.sleep(60)',
  'with a full pipe': 'os.set_blocking(2, True)\n    while True: os.write(2, b"x" * 512); time.sleep(1)',
} as const;

const jobs: Record<string, HostileJob> = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [
    name,
    {
      code: child(body),
      holds: ({ status, exit_code, stdout }) => status === 'error' && exit_code === 3 && stdout === 'main\n',
    },
  ]),
);

export const probe = hostileJobsProbe(jobs);
