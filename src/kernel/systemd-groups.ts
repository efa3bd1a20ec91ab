import { systemdGroups } from './systemd-groups.gen.js';

export { systemdVersion } from './systemd-groups.gen.js';

/** The names of systemd's groups, each with its @ (systemd.exec(5), SystemCallFilter=). */
export function systemdGroupNames(): readonly string[] {
  return Object.keys(systemdGroups);
}

/**
 * The system calls of a group, nested groups included, sorted. Names belong to all of systemd's architectures: those that
 * the tables here lack (mmap2, sigreturn) exist on others.
 *
 * @param name with its @, such as `@basic-io`
 * @returns undefined when systemd has no such group
 */
export function systemdGroup(name: string): readonly string[] | undefined {
  if (!Object.hasOwn(systemdGroups, name)) {
    return undefined;
  }
  const calls = new Set<string>();
  collect(name, calls, new Set());
  return [...calls].sort();
}

function collect(group: string, calls: Set<string>, visited: Set<string>): void {
  visited.add(group);
  for (const member of systemdGroups[group] ?? []) {
    if (!member.startsWith('@')) {
      calls.add(member);
    } else if (!visited.has(member)) {
      collect(member, calls, visited);
    }
  }
}
