/** Links from a job's directories to the host, that whoever tears the sandbox down could follow. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

let count = 0;

/** A directory with a file; gives what has happened to it. */
function canaryIn(scratch: string, name: string): { path: string; effect: () => string | undefined } {
  const path = join(scratch, name);
  mkdirSync(path);
  writeFileSync(join(path, 'file'), 'stays');
  chmodSync(path, 0o777);
  const owner = ({ uid, gid, mode }: { uid: number; gid: number; mode: number }) => `${uid}:${gid} ${mode.toString(8)}`;
  const before = [owner(statSync(path)), existsSync(join(path, 'file')) && owner(statSync(join(path, 'file')))];
  const state = () => [owner(statSync(path)), existsSync(join(path, 'file')) && owner(statSync(join(path, 'file')))];
  return { path, effect: () => (String(state()) === String(before) ? undefined : `${before} became ${state()}`) };
}

/** What a teardown by path does that follows links: the canary has to notice. */
async function control({ scratch }: HostContext): Promise<readonly HostAttempt[]> {
  return ['in the temporary directory', 'in the output'].map((name, index) => {
    const canary = canaryIn(scratch, `control-${index}`);
    const link = join(scratch, `link-${index}`);
    symlinkSync(canary.path, link);
    rmSync(join(link, 'file'), { force: true });
    const effect = canary.effect();
    return { name, outcome: effect === undefined ? 'BLOCKED' : 'ESCAPED', detail: effect ?? 'nothing' };
  });
}

async function run({ sandbox, policy, scratch, variant }: HostContext): Promise<readonly HostAttempt[]> {
  chmodSync(scratch, 0o755);
  const output = sandbox.place.directory(`jobs/teardown-${count++}`, 0o755);
  const inTmp = canaryIn(scratch, 'tmp');
  const inOutput = canaryIn(scratch, 'output');
  // The job cannot plant a link in the output (H01): the host does, as the job's owner could.
  symlinkSync(inOutput.path, join(output, 'planted'));
  // Without a sandbox it is the host's, where probes of the other account have theirs.
  const own = `/tmp/leeward-teardown-${randomBytes(8).toString('hex')}`;
  const code = `
import os
os.mkdir("${own}")
os.symlink("${inTmp.path}", "${own}/planted")
print(os.readlink("${own}/planted"))
`;
  const end = await sandbox.run({ code, policy, timeoutSeconds: 20, output });
  if (!variant.confines) rmSync(own, { recursive: true, force: true });
  await sandbox.run({ code: 'pass', policy, timeoutSeconds: 20, output });
  const confined = end.receipt !== undefined;
  const attempt = (name: string, effect: string | undefined): HostAttempt => {
    if (!confined) return { name, outcome: 'ESCAPED', detail: 'the job was not confined' };
    return { name, outcome: effect === undefined ? 'BLOCKED' : 'ESCAPED', detail: effect ?? `intact; ${end.status}` };
  };
  const link = lstatSync(join(output, 'planted')).isSymbolicLink() ? undefined : 'the link was replaced';
  return [attempt('in the temporary directory', inTmp.effect()), attempt('in the output', inOutput.effect() ?? link)];
}

export const probe: HostProbe = { control, run };
