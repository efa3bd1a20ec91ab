import { Diagrams } from './diagrams.js';

/** Some hundred policies that have most of their parts in common; a dozen bytes for each. */
const MOST_NODES = 1 << 18;

let shared: Diagrams | undefined;

/**
 * The diagrams of all proofs. What policies have in common is one node, however many of them there are, and is not computed again.
 */
export function sharedDiagrams(): Diagrams {
  if (shared === undefined || shared.size > MOST_NODES) shared = new Diagrams();
  return shared;
}
