/** What an ordinary user's cleanup by path trips over. */
import type { HostAttempt, HostContext, HostProbe } from '../runner/host-probe.js';
import { leavesNothing } from './left-behind.js';

const TREES = {
  'mode 000': 'os.mkdir("closed"); open("closed/file", "w").close(); os.chmod("closed", 0)',
  sticky: 'os.mkdir("sticky"); open("sticky/file", "w").close(); os.chmod("sticky", 0o1777)',
  immutable: `
import fcntl
descriptor = os.open("file", os.O_CREAT | os.O_RDWR)
try:
    fcntl.ioctl(descriptor, 0x40086602, (0x10).to_bytes(8, "little"))  # FS_IOC_SETFLAGS, FS_IMMUTABLE_FL
    if not ${'SANDBOXED'}:
        fcntl.ioctl(descriptor, 0x40086602, bytes(8))
except OSError:
    pass
`,
} as const;

export const probe: HostProbe = { control: tryIt, run: tryIt };

function tryIt(context: HostContext): Promise<readonly HostAttempt[]> {
  const trees = Object.entries(TREES).map(([name, code]) => {
    return [name, code.replace('SANDBOXED', context.variant.confines ? 'True' : 'False')] as const;
  });
  return leavesNothing(context, Object.fromEntries(trees));
}
