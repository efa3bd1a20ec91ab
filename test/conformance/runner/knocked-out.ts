/** The variants that lack one layer: Leeward as it is shipped, with a supervisor and a worker that leave out that layer's steps. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Installation, PACKAGE_ROOT } from '../../harness/checkout.js';
import { type Host, provideHost } from '../../harness/host.js';
import type { Variant } from './sandbox.js';
import { shipped } from './shipped.js';

const NATIVE = join(PACKAGE_ROOT, 'native');
const REPLACED = ['leeward-supervisor', 'worker/libleeward-worker.so'];

/**
 * Its jobs run under the plan as it was compiled, and their receipts say so: what a policy answers stays what is expected.
 *
 * @param host of the run, with the installation as shipped
 */
export function knockedOut(layer: string, host: Host): Variant {
  const installation = installedWithout(layer, host);
  const inPlace = <T>(open: () => Promise<T>): Promise<T> => {
    provideHost({ ...host, installation });
    return open();
  };
  return {
    ...{ name: `without ${layer}`, confines: true, runsProgram: true, lacks: layer },
    open: (account, landlockAbi) => inPlace(() => shipped.open(account, landlockAbi)),
    openEmbedded: (account) => inPlace(() => shipped.openEmbedded(account)),
  };
}

/** Builds Leeward without a layer, and installs it beside the shipped one of the run. */
export function installedWithout(layer: string, { installation }: Host): Installation {
  execFileSync('make', ['-C', NATIVE, '--no-print-directory', 'knockout', `LAYER=${layer}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const root = `${installation.root}-without-${layer}`;
  execFileSync('cp', ['-al', installation.root, root]);
  for (const file of REPLACED) replace(join(NATIVE, 'build-knockout', layer, file), join(root, 'native/build', file));
  return { ...installation, root, policies: join(root, 'test-policies') };
}

/** The files are linked with the shipped installation's: a copy in place would change those. */
function replace(source: string, target: string): void {
  rmSync(target);
  cpSync(source, target);
  execFileSync('chmod', ['a+rX,go-w', target]);
}
