/** Mounts that wait for a request: the places for them in the plan, and the templates of their sources. */
import type { JobMountPoint } from '../../plan/plan.js';
import { placeholdersOf } from '../document/paths.js';
import { isJobMount } from '../resolve/mounts.js';
import type { EffectivePolicy, JobMountTemplate } from '../types.js';

export function jobMountTemplates({ mounts }: EffectivePolicy): JobMountTemplate[] {
  return mounts.filter(isJobMount).map(({ target, source, readOnly, noexec, optional, createMode, origin }) => {
    return { target, source, placeholders: placeholdersOf(source), readOnly, noexec, optional, createMode, origin };
  });
}

/** The plan's part of the templates, each with a name of its own beneath the parent of its kind. */
export function jobMountPoints(templates: readonly JobMountTemplate[]): JobMountPoint[] {
  const taken = new Set<string>();
  return templates.map(({ target, readOnly, noexec, optional, createMode }) => {
    const name = freeName(target, taken);
    return { target, name, writable: !readOnly, noexec, optional, createMode };
  });
}

/** `data-in` for /data/in; a number behind it where another target has the same name. */
function freeName(target: string, taken: Set<string>): string {
  const stem = target.slice(1).replaceAll('/', '-').slice(0, 64);
  let name = stem;
  for (let count = 2; taken.has(name); count++) name = `${stem}-${count}`;
  taken.add(name);
  return name;
}
