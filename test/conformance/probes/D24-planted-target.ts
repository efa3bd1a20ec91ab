/** Where a mount is to go there is a link: in a directory that a policy mounts (an image), or in what a request brings. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecuteResponse } from '../../../src/protocol/messages.gen.js';
import { TestDaemon } from '../../harness/daemon.js';
import { Place } from '../../harness/place.js';
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';

export const probe: HostProbe = { control, run };

/** Inside of the sandbox and outside, absolute, relative and through proc. */
const LINKS = {
  'to the temporary directory': '/tmp',
  'to the root': '/',
  'to the distribution': '/usr',
  climbing: '../../../../../tmp',
  'through proc': '/proc/self/root/tmp',
  'to nothing': '/nowhere',
} as const;

/** A directory with one entry that is to be mounted upon. */
function imageIn(place: Place, name: string, link: string | undefined): string {
  const image = place.directory(name, 0o755);
  if (link === undefined) mkdirSync(join(image, 'target'));
  else symlinkSync(link, join(image, 'target'));
  return image;
}

/** mount(8) by path: where it ends up. */
async function control({ account }: HostContext): Promise<readonly HostAttempt[]> {
  const place = new Place(account);
  return Object.entries(LINKS).map(([name, link], index) => {
    const image = imageIn(place, `image-${index}`, link);
    // Nothing but the shell's own words after the mount: it may have covered all programs.
    const script =
      'mount -t tmpfs none "$1/target"; while read -r a b c d at f; do last=$at; done </proc/self/mountinfo; echo $last';
    const argv = ['--mount', 'sh', '-ec', script, 'sh', image];
    const detail =
      link === '/nowhere' ? 'it asks for what the link names' : execFileSync('unshare', argv, { encoding: 'utf8' });
    return { name, outcome: detail.startsWith(`${image}/`) ? 'BLOCKED' : 'ESCAPED', detail: `at ${detail.trim()}` };
  });
}

/** A mount upon the entry of a directory that a policy mounts, and one upon a link that the policy itself makes. */
const POLICIES: Readonly<Record<string, (image: string) => string>> = {
  'in an image': (image) => `
  - {source: ${image}, target: /opt/image, readOnly: true}
  - {tmpfs: /opt/image/target, size: 1MiB, inodes: 16}`,
  'beneath one in an image': (image) => `
  - {source: ${image}, target: /opt/image, readOnly: true}
  - {tmpfs: /opt/image/target/below, size: 1MiB, inodes: 16}`,
  "upon the policy's own link": () => `
  - {symlink: /tmp, target: /opt/target}
  - {tmpfs: /opt/target, size: 1MiB, inodes: 16}`,
  "beneath the policy's own link": () => `
  - {symlink: /tmp, target: /opt/target}
  - {tmpfs: /opt/target/below, size: 1MiB, inodes: 16}`,
};

/** What no policy and no request may do is refused before anything is mounted; a result of any kind is none. */
async function run(context: HostContext): Promise<readonly HostAttempt[]> {
  if (!context.variant.confines) return control(context);
  const place = new Place(context.account);
  const policies = place.directory('policies', 0o755);
  const image = imageIn(place, 'image', '/tmp');
  const names = Object.entries(POLICIES).map(([name, mounts], index) => {
    const text = `version: 1\nkind: Policy\nname: planted-${index}\nextends: [python]\nmounts:${mounts(image)}\n`;
    place.file(`policies/planted-${index}.yaml`, text);
    return [name, `planted-${index}`] as const;
  });
  const daemon = await TestDaemon.startIn(place, { args: ['--policies', policies] });
  const client = await daemon.connect();
  try {
    const attempts: HostAttempt[] = [];
    for (const [name, policy] of names) attempts.push(judged(name, await client.execute(CODE, { policy })));
    for (const [name, link] of Object.entries(LINKS)) {
      const job = place.job(`planted-${attempts.length}`);
      symlinkSync(link, join(job.output, 'target'));
      for (const below of ['target', 'target/below']) {
        const mounts = [...job.fields.mounts, { host: job.input, sandbox: `/output/${below}` }];
        const answer = await client.execute(CODE, { ...job.fields, mounts });
        attempts.push(judged(`output/${below} ${name}`, answer));
      }
    }
    return attempts;
  } finally {
    client.close();
    await daemon.stop();
  }
}

const CODE = 'print("ran")';

function judged(name: string, { result, error }: ExecuteResponse): HostAttempt {
  const detail = `${error?.code ?? result?.status}: ${/LW-M\d+/.exec(error?.message ?? '') ?? JSON.stringify(error?.place)}`;
  const known = /^LW_(POLICY_INVALID|REQUEST_MOUNT_TARGET)$/.test(error?.code ?? '');
  return { name, outcome: result !== undefined ? 'ESCAPED' : known ? 'BLOCKED' : 'BROKEN', detail };
}
