import fc from 'fast-check';
import { expect, it } from 'vitest';
import { filterBytes, filterOfBytes } from './bytes.js';

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
