import { step } from '../document/places.js';
import type { Findings } from '../findings.js';
import type { Sourced } from '../types.js';
import type { Layer } from './layers.js';
import type { Required } from './scalars.js';

const NONE = 'none';

/** The kind of network of the last layer that names one. What a kind says beside is its own: `none` has nothing to say. */
export function resolveNetwork(layers: readonly Layer[], required: Required, findings: Findings): Sourced<string> {
  for (const { file } of layers) {
    const { network } = file.document;
    if (typeof network !== 'object' || network.kind !== NONE) continue;
    for (const key of Object.keys(network).filter((name) => name !== 'kind')) {
      const origin = file.places.key(step('/network', key));
      findings.add('LW-P010', origin, `unknown key \`${key}\` of a network of kind \`${NONE}\``, {
        hint: 'keys here: kind',
      });
    }
  }
  return required.last('/network', NONE, ({ network }) => (typeof network === 'object' ? network.kind : network));
}
