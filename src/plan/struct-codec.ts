import { type FieldCodec, fieldCodec } from './field-codec.js';
import type { StructLayout } from './layout.gen.js';
import { NotCanonical } from './refusal.js';
import type { StringTable, StringWalk } from './strings.js';

/** The visible fields of a struct by name: enums as names, flags as lists of names, u64 as bigint. */
export type StructValues = Readonly<Record<string, unknown>>;

const codecs = new WeakMap<StructLayout, readonly FieldCodec[]>();

function codecsOf(layout: StructLayout): readonly FieldCodec[] {
  const known = codecs.get(layout);
  if (known !== undefined) return known;
  const made = layout.fields.map(fieldCodec);
  codecs.set(layout, made);
  return made;
}

/**
 * Writes one struct at `base`; padding stays zero. Strings are added in the order of the fields.
 *
 * @throws NotCanonical for a value that the field cannot hold or may not have
 */
export function writeStruct(
  view: DataView,
  base: number,
  layout: StructLayout,
  values: StructValues,
  strings: StringTable,
): void {
  let at: FieldCodec | undefined;
  try {
    for (const codec of codecsOf(layout)) {
      at = codec;
      const { field, offsets, write } = codec;
      if (field.pad) continue;
      const value = values[field.name];
      if (field.count === undefined) write(view, base + field.offset, value, strings);
      else
        for (const [index, offset] of offsets.entries())
          write(view, base + offset, (value as unknown[])[index], strings);
    }
  } catch (error) {
    throw located(error, at);
  }
}

/**
 * Reads one struct at `base`, with every rule that holds for single fields.
 *
 * @throws NotCanonical at the first field that breaks one
 */
export function readStruct(view: DataView, base: number, layout: StructLayout, strings: StringWalk): StructValues {
  const values: Record<string, unknown> = {};
  let at: FieldCodec | undefined;
  try {
    for (const codec of codecsOf(layout)) {
      at = codec;
      const { field, offsets, read } = codec;
      const value =
        field.count === undefined
          ? read(view, base + field.offset, strings)
          : offsets.map((offset) => read(view, base + offset, strings));
      if (!field.pad) values[field.name] = value;
    }
  } catch (error) {
    throw located(error, at);
  }
  return values;
}

function located(error: unknown, at: FieldCodec | undefined): unknown {
  return error instanceof NotCanonical ? new NotCanonical(error.reason, at?.field.offset ?? 0) : error;
}
