/** A job leaves a tree whose paths are longer than PATH_MAX. The host must have nothing of it, the next job neither. */
import type { HostProbe } from '../runner/host-probe.js';
import { leavesNothing } from './left-behind.js';

const DEEP = `
for _ in range(6000):
    os.mkdir("d")
    os.chdir("d")
open("bottom", "w").close()
`;

export const probe: HostProbe = {
  control: (context) => leavesNothing(context, { 'a deep tree': DEEP }),
  run: (context) => leavesNothing(context, { 'a deep tree': DEEP }),
};
