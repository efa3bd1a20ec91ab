/** Three calls by the fixed page at the end of memory: the kernel emulates them, and has to ask the filter. */
import { readFileSync } from 'node:fs';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control: tryIt, run: tryIt };

const CALLS = { gettimeofday: 0, time: 0x400, getcpu: 0x800 };

/** linux/errno.h, EACCES: what the policy answers to these calls. */
const REFUSED = '-13';

async function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  // Booted with vsyscall=none: whoever calls the page dies, inside as outside.
  if (!readFileSync('/proc/self/maps', 'utf8').includes('[vsyscall]'))
    return [{ name: 'the page', outcome: 'SKIPPED', detail: 'the host has no page of vsyscalls' }];
  return Promise.all(Object.entries(CALLS).map(([name, offset]) => call(context, name, offset)));
}

async function call({ sandbox, policy }: HostContext, name: string, offset: number): Promise<HostAttempt> {
  const code = `
import ctypes
call = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(0xffffffffff600000 + ${offset})
print(call(ctypes.create_string_buffer(16), None, None))`;
  const end = await sandbox.run({ code, policy, timeoutSeconds: 10 });
  const said = end.stdout.trim();
  const detail = `returned ${said || `nothing: ${end.status} ${end.error ?? ''} ${end.stderr.slice(-300)}`}`;
  if (said === '' || end.status !== 'ok') return { name, outcome: 'BROKEN', detail };
  // The supervisor has seen it too: not only the job says so.
  const isRecorded = end.denials.some(({ syscall }) => syscall === name);
  if (said === REFUSED && isRecorded) return { name, outcome: 'BLOCKED', detail };
  return { name, outcome: said === REFUSED ? 'BROKEN' : 'ESCAPED', detail };
}
