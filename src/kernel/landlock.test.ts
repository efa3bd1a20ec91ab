import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accessOf,
  accessOfAbi,
  LATEST_LANDLOCK_ABI,
  landlockAbi,
  landlockErrata,
  landlockRight,
  landlockRightNames,
  missingRights,
  restrictSelfFlagsOfAbi,
  rightsOfAbi,
  rightsOfBits,
} from './landlock.js';
import { kernelTable } from './table.js';

const abiOf = fc.integer({ min: 0, max: LATEST_LANDLOCK_ABI + 5 });

function names(abi: number): string[] {
  return (landlockAbi(abi)?.rights ?? []).map((right) => right.name);
}

describe('what each ABI brings', () => {
  it.each([
    [1, '5.13', 0x1fffn, 0n, 0n],
    [2, '5.19', 0x3fffn, 0n, 0n],
    [3, '6.2', 0x7fffn, 0n, 0n],
    [4, '6.7', 0x7fffn, 3n, 0n],
    [5, '6.10', 0xffffn, 3n, 0n],
    [6, '6.12', 0xffffn, 3n, 3n],
    [7, '6.15', 0xffffn, 3n, 3n],
    [8, '7.0', 0xffffn, 3n, 3n],
    [9, '7.1', 0x1ffffn, 3n, 3n],
    [10, '7.2', 0x1ffffn, 0xfn, 3n],
    [11, '7.3', 0x1ffffn, 0xfn, 3n],
  ])('ABI %i came with %s and handles fs %s, net %s, scope %s', (abi, kernel, fs, net, scope) => {
    expect(landlockAbi(abi)?.kernel).toBe(kernel);
    expect(accessOfAbi(abi)).toEqual({ fs, net, scope });
  });

  it('names them as the header does', () => {
    expect(names(2)).toEqual(['refer']);
    expect(names(6)).toEqual(['abstract_unix_socket', 'signal']);
    expect(names(10)).toEqual(['bind_udp', 'connect_send_udp']);
    expect(landlockRight('fs', 'truncate')?.constant).toBe('LANDLOCK_ACCESS_FS_TRUNCATE');
    expect(landlockRight('net', 'truncate')).toBeUndefined();
    expect(landlockRightNames('fs')).toHaveLength(17);
  });

  it('adds flags', () => {
    expect(restrictSelfFlagsOfAbi(6)).toEqual([]);
    expect(restrictSelfFlagsOfAbi(7).map((flag) => flag.bit)).toEqual([1, 2, 4]);
    expect(restrictSelfFlagsOfAbi(8).at(-1)).toEqual({ constant: 'LANDLOCK_RESTRICT_SELF_TSYNC', bit: 8 });
    expect(landlockAbi(10)?.addRuleFlags).toEqual([{ constant: 'LANDLOCK_ADD_RULE_QUIET', bit: 1 }]);
  });

  it('has the bits of the kernel headers', () => {
    for (const right of rightsOfAbi(LATEST_LANDLOCK_ABI)) {
      expect(right.bit, right.constant).toBe(kernelTable('arm64').constant(right.constant));
    }
  });
});

describe('kernels and policies of different ABIs', () => {
  it('a newer ABI counts as the last known, 0 as none', () => {
    expect(landlockAbi(LATEST_LANDLOCK_ABI + 3)).toBe(landlockAbi(LATEST_LANDLOCK_ABI));
    expect(accessOfAbi(99)).toEqual(accessOfAbi(LATEST_LANDLOCK_ABI));
    expect(landlockAbi(0)).toBeUndefined();
    expect(landlockAbi(-1)).toBeUndefined();
    expect(rightsOfAbi(0)).toEqual([]);
  });

  it('says what an older kernel leaves out', () => {
    expect(missingRights(6, 7)).toEqual([]);
    expect(missingRights(6, 3).map((right) => right.name)).toEqual([
      'bind_tcp',
      'connect_tcp',
      'ioctl_dev',
      'abstract_unix_socket',
      'signal',
    ]);
    expect(missingRights(6, 0)).toEqual(rightsOfAbi(6));
  });

  it('kept and missing rights are the whole of the policy', () => {
    fc.assert(
      fc.property(abiOf, abiOf, (policy, kernel) => {
        const kept = rightsOfAbi(Math.min(policy, kernel));
        const missing = missingRights(policy, kernel);
        expect(new Set([...kept, ...missing])).toEqual(new Set(rightsOfAbi(policy)));
        expect(kept.length + missing.length).toBe(rightsOfAbi(policy).length);
        expect(missing.every((right) => right.abi > kernel)).toBe(true);
      }),
    );
  });
});

describe('bits', () => {
  it('go to names and back', () => {
    fc.assert(
      fc.property(fc.constantFrom('fs', 'net', 'scope'), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (kind, bits) => {
        const { rights, unknown } = rightsOfBits(kind, bits);
        expect(accessOf(rights)[kind] | unknown).toBe(bits);
        expect(accessOf(rights)[kind] & unknown).toBe(0n);
      }),
    );
  });

  it('known errata belong to known ABIs', () => {
    expect(landlockErrata.map((entry) => entry.erratum)).toEqual([1, 2, 3, 4]);
    expect(landlockErrata.every((entry) => landlockAbi(entry.abi)?.abi === entry.abi)).toBe(true);
  });
});
