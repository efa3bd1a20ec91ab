/**
 * Landlock's ABIs (landlock(7), Documentation/userspace-api/landlock.rst): what each brings, and what a kernel lacks.
 * An ABI newer than the table counts as the last one that is known; 0 stands for a kernel without Landlock.
 */
import { landlockAbis } from './landlock.gen.js';
import type { LandlockAbi, LandlockAccess, LandlockFlag, LandlockRight, LandlockRightKind } from './types.js';

export { landlockErrata } from './landlock.gen.js';

/** The newest ABI that this table knows. */
export const LATEST_LANDLOCK_ABI = landlockAbis.length;

const allRights: readonly LandlockRight[] = landlockAbis.flatMap((entry) => entry.rights);
const rightsByName = new Map(allRights.map((right) => [`${right.kind} ${right.name}`, right]));

/** What one ABI brings beyond the one before; undefined for 0 and below. */
export function landlockAbi(abi: number): LandlockAbi | undefined {
  return landlockAbis[Math.min(abi, LATEST_LANDLOCK_ABI) - 1];
}

/** All rights and scopes that an ABI has, older ones included, in the order of the header. */
export function rightsOfAbi(abi: number): readonly LandlockRight[] {
  return allRights.filter((right) => right.abi <= abi);
}

/** What a ruleset must say to handle everything that an ABI can restrict. */
export function accessOfAbi(abi: number): LandlockAccess {
  return accessOf(rightsOfAbi(abi));
}

/** The flags that landlock_restrict_self(2) accepts at an ABI. */
export function restrictSelfFlagsOfAbi(abi: number): readonly LandlockFlag[] {
  return landlockAbis.filter((entry) => entry.abi <= abi).flatMap((entry) => entry.restrictSelfFlags);
}

/**
 * The rights of a policy's ABI that a kernel does not restrict.
 *
 * @param policyAbi the newest ABI that the policy makes use of
 * @param kernelAbi what landlock_create_ruleset(2) says with LANDLOCK_CREATE_RULESET_VERSION, 0 when it fails
 */
export function missingRights(policyAbi: number, kernelAbi: number): readonly LandlockRight[] {
  return rightsOfAbi(policyAbi).filter((right) => right.abi > kernelAbi);
}

/** A right by its name in lower case, such as `('fs', 'truncate')`. */
export function landlockRight(kind: LandlockRightKind, name: string): LandlockRight | undefined {
  return rightsByName.get(`${kind} ${name}`);
}

export function landlockRightNames(kind: LandlockRightKind): readonly string[] {
  return allRights.filter((right) => right.kind === kind).map((right) => right.name);
}

/** The bits of a set of rights, by kind. */
export function accessOf(rights: Iterable<LandlockRight>): LandlockAccess {
  const access = { fs: 0n, net: 0n, scope: 0n };
  for (const right of rights) {
    access[right.kind] |= right.bit;
  }
  return access;
}

/**
 * The rights whose bits are set, in the order of the header.
 *
 * @returns the known rights, and in `unknown` the bits that no ABI of the table has
 */
export function rightsOfBits(kind: LandlockRightKind, bits: bigint): { rights: LandlockRight[]; unknown: bigint } {
  const rights = allRights.filter((right) => right.kind === kind && (bits & right.bit) !== 0n);
  return { rights, unknown: bits & ~accessOf(rights)[kind] };
}
