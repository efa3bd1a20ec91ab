/** Plans and policies as JSON text: bytes in hex, integers that a number cannot hold as decimal text. */
export function jsonValue(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, member: unknown) => replaced(member)));
}

function replaced(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  // Buffer has a toJSON of its own, which is called before this.
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}
