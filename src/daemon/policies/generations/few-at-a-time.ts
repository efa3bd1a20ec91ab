/** Does something for each, for at most so many at a time, and waits for all of them. What it throws ends it. */
export async function fewAtATime<Item, Value>(
  items: readonly Item[],
  most: number,
  act: (item: Item) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  const left = [...items.entries()];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) values[next[0]] = await act(next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  return values;
}
