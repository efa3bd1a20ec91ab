import type { HostFiles } from '../../src/probe/derive/host-files.js';

/** A host that has these files, and the directories that lead to them. */
export function hostWith(files: readonly string[]): HostFiles {
  const beneath = (directory: string) => `${directory === '/' ? '' : directory}/`;
  return {
    names(directory) {
      const inside = files.filter((file) => file.startsWith(beneath(directory)));
      return [...new Set(inside.map((file) => file.slice(beneath(directory).length).split('/')[0] ?? ''))];
    },
    kind(path) {
      if (files.includes(path)) return 'file';
      return files.some((file) => file.startsWith(beneath(path))) ? 'directory' : undefined;
    },
  };
}
