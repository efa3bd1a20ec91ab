/** What one line of `pip install` says, as far as a progress display needs it. */
export type PipEvent =
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'download'; readonly bytes: number }
  | { readonly kind: 'installing' };

const UNITS: Readonly<Record<string, number>> = { bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** Reads one line of pip's output (22 and later); undefined for a line that says nothing of interest. */
export function pipEvent(line: string): PipEvent | undefined {
  const collecting = /^(?:Collecting|Processing) ([^\s=<>!~[;(]+)/.exec(line);
  if (collecting?.[1] !== undefined) return { kind: 'package', name: packageName(collecting[1]) };
  const download = /^ {2}(?:Downloading|Using cached) \S+ \((?:[\d.]+\/)?([\d.]+) (bytes|kB|MB|GB)\)/.exec(line);
  if (download !== null)
    return { kind: 'download', bytes: Math.round(Number(download[1]) * (UNITS[download[2] ?? ''] ?? 1)) };
  return line.startsWith('Installing collected packages') ? { kind: 'installing' } : undefined;
}

/** `Processing /wheels/numpy-2.4.6-cp311-….whl` names a file. */
function packageName(word: string): string {
  const file = word.slice(word.lastIndexOf('/') + 1);
  return file.endsWith('.whl') ? file.slice(0, file.indexOf('-')) : file;
}

/** The packages that a lock file pins, in its order. */
export function lockedPackages(lock: string): readonly { readonly name: string; readonly version: string }[] {
  const pins = lock.matchAll(/^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)/gm);
  return [...pins].map(([, name = '', version = '']) => ({ name, version }));
}
