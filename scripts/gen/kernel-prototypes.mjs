// The argument prototypes of schemas/kernel/prototypes.txt; the types are explained at the top of that file.

const SHORT_TYPES = {
  fd: 'i32:fd',
  pid: 'i32:pid',
  sig: 'i32:signal',
  mode: 'u32:mode',
  uid: 'u32:uid',
  gid: 'u32:gid',
  off: 'i64:offset',
  size: 'u64:size',
  ptr: 'u64:pointer',
  addr: 'u64:address',
  opaque: 'u64:opaque',
};

const KINDS = new Set(Object.values(SHORT_TYPES).map((type) => type.slice(4)));
for (const kind of ['value', 'flags', 'command']) KINDS.add(kind);

/**
 * @param {string} text the file
 * @returns {(name: string, arch: string) => {name: string, width: number, signed: boolean, kind: string}[] | undefined}
 *   a lookup of a call's arguments
 * @throws {Error} with the line number of what does not parse
 */
export function parsePrototypes(text) {
  const byName = new Map();
  text.split('\n').forEach((line, index) => {
    if (line === '' || line.startsWith('#')) return;
    const match = /^([a-z_][a-z0-9_]*(?:@\w+)?)\((.*)\)$/.exec(line);
    const args = match && (match[2] === '' ? [] : match[2].split(', ').map(parseArgument));
    const wrong = !match || args.includes(undefined) || args.length > 6 || byName.has(match[1]);
    if (wrong || new Set(args.map((arg) => arg.name)).size < args.length) {
      throw new Error(`prototypes.txt:${index + 1}: not a prototype, or one that stands twice: ${line}`);
    }
    byName.set(match[1], args);
  });
  return (name, arch) => byName.get(`${name}@${arch}`) ?? byName.get(name);
}

function parseArgument(text) {
  const [type, name, ...rest] = text.split(' ');
  const match = /^([iu])(32|64)(?::([a-z]+))?$/.exec(SHORT_TYPES[type] ?? type);
  const kind = match?.[3] ?? 'value';
  if (!match || !KINDS.has(kind) || rest.length > 0 || !/^[a-z]\w*$/.test(name ?? '')) return undefined;
  return { name, width: Number(match[2]), signed: match[1] === 'i', kind };
}
