import fc from 'fast-check';
import {
  type FieldLayout,
  MESSAGES,
  type Message,
  type MessageName,
  type StructLayout,
  type TailLayout,
} from '../../src/plan/layout.gen.js';

const text = fc.string({ unit: fc.constantFrom(...'ab/\n"é🙂'), maxLength: 12 });

function range(field: FieldLayout, lowest: bigint, highest: bigint): fc.Arbitrary<bigint> {
  const min = field.min === undefined ? lowest : BigInt(field.min);
  return fc.bigInt({ min, max: field.max === undefined ? highest : BigInt(field.max) });
}

function element(field: FieldLayout): fc.Arbitrary<unknown> {
  if (field.names !== undefined) return fc.constantFrom(...field.names.values());
  if (field.flags !== undefined) return fc.subarray(Object.keys(field.flags));
  if (field.type === 'str') return text;
  if (field.type === 'bytes32') return fc.uint8Array({ minLength: 32, maxLength: 32 });
  if (field.type === 'u64') return range(field, 0n, 0xffff_ffff_ffff_ffffn);
  if (field.type === 'i32') return range(field, -0x8000_0000n, 0x7fff_ffffn).map(Number);
  return range(field, 0n, 0xffff_ffffn).map(Number);
}

function structValues(layout: StructLayout): Record<string, fc.Arbitrary<unknown>> {
  const fields = layout.fields.filter(({ pad, countOf }) => !pad && countOf === undefined);
  return Object.fromEntries(
    fields.map((field) => {
      const { count } = field;
      const one = element(field);
      return [field.name, count === undefined ? one : fc.array(one, { minLength: count, maxLength: count })];
    }),
  );
}

function tail({ record }: TailLayout): fc.Arbitrary<unknown> {
  if (record === undefined) return fc.uint8Array({ maxLength: 40 });
  const values = structValues(record);
  const names = Object.keys(values);
  const item = names.length === 1 ? (values[names[0] as string] as fc.Arbitrary<unknown>) : fc.record(values);
  return fc.array(item, { maxLength: 4 });
}

function ofType(type: MessageName): fc.Arbitrary<Message> {
  const { struct, tails } = MESSAGES[type];
  return fc.record({
    type: fc.constant(type),
    id: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    ...structValues(struct),
    ...Object.fromEntries(tails.map((layout) => [layout.name, tail(layout)])),
  }) as unknown as fc.Arbitrary<Message>;
}

/** Messages of every type, made from the layout itself. */
export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof(
  ...(Object.keys(MESSAGES) as MessageName[]).map(ofType),
);
