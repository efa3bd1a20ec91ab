/** `npm run conformance -- --knock-out`: every probe without one layer after the other, as root, at the place fresh. */
import { type Host, provideHost } from '../../harness/host.js';
import { type Case, DEFAULTS } from './case.js';
import { Controls } from './control.js';
import { knockedOut } from './knocked-out.js';
import { buildsWithoutLayer } from './layers.js';
import type { KnockOut } from './matrix.js';
import { MOST_PRIVILEGED } from './self-check.js';
import { runSuite, type Selection } from './suite.js';

/**
 * @param selection of the ordinary run; its places and variant do not count. `named`: only the probes whose cases name the layer
 * @param onLayer called with the results of each layer, one after the other
 */
export async function runKnockOuts(
  host: Host,
  layers: readonly string[],
  selection: Selection & { readonly named: boolean },
  onLayer: (result: KnockOut) => void,
): Promise<void> {
  const controls = new Controls(selection.probes, selection.policyFolders);
  const known = buildsWithoutLayer();
  for (const layer of layers) {
    const classes = selection.classes.map((own) => ({
      ...own,
      cases: own.cases.flatMap((probe) => fitting(probe, layer, selection.named ? new Set([layer]) : known)),
    }));
    const variant = knockedOut(layer, host);
    const own: Selection = {
      ...selection,
      classes,
      accounts: MOST_PRIVILEGED,
      usual: false,
      places: ['fresh'],
      variant,
    };
    onLayer({ layer, results: await runSuite(own, () => undefined, controls) });
  }
  provideHost(host);
}

/**
 * The probe under its first policy, or nothing: where only parts of Leeward stop it that cannot be left out; tests of the C parts are
 * linked with none of these builds; and a sweep is hundreds of calls that the filter refuses before any other layer is asked.
 */
function fitting(probe: Case, layer: string, known: ReadonlySet<string>): readonly Case[] {
  const named = [...probe.layers, ...Object.values(probe.attemptLayers ?? {}).flat()];
  if (!named.some((name) => known.has(name))) return [];
  if (probe.native !== undefined || probe.notYet !== undefined) return [];
  if (probe.sweep !== undefined && layer !== 'seccomp' && !probe.layers.includes(layer)) return [];
  const { policies = DEFAULTS.policies } = probe;
  return [{ ...probe, places: ['fresh'], policies: policies.slice(0, 1) }];
}
