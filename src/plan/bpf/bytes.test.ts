import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filterBytes, filterOfBytes, isInstruction } from './bytes.js';

const byte = fc.integer({ min: 0, max: 0xff });
const instruction = fc.record({
  code: fc.integer({ min: 0, max: 0xffff }),
  jt: byte,
  jf: byte,
  k: fc.integer({ min: 0, max: 0xffff_ffff }),
});

it('a filter is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(instruction), (filter) => {
      expect(filterOfBytes(filterBytes(filter))).toEqual(filter);
    }),
  );
});

it('its bytes are those of struct sock_filter', () => {
  const bytes = filterBytes([{ code: 0x15, jt: 1, jf: 2, k: 0xc000_003e }]);
  expect(Buffer.from(bytes).toString('hex')).toBe('150001023e0000c0');
});

it.each([
  { code: 0x1_0000 },
  { code: -1 },
  { jt: 256 },
  { jf: -1 },
  { jf: 0.5 },
  { k: 2 ** 32 },
  { k: -1 },
  { k: Number.NaN },
])('what does not fit is no instruction: %o', (wrong) => {
  const ret = { code: 6, jt: 0, jf: 0, k: 0 };
  expect(isInstruction(ret)).toBe(true);
  expect(isInstruction({ ...ret, ...wrong })).toBe(false);
});
