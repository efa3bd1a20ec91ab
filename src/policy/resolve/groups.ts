/** Allow entries with their groups written out. */
import { nearestNames } from '../../errors/nearest.js';
import { systemdGroup, systemdGroupNames } from '../../kernel/systemd-groups.js';
import { type Places, step } from '../document/places.js';
import { didYouMean, type Findings } from '../findings.js';
import type { AllowEntry, Origin, Sourced } from '../types.js';
import { readConditions } from './conditions.js';
import type { Layer } from './layers.js';
import { isKnownSyscall, knownSyscallNames } from './syscall-names.js';
import { keepList, knownList, type List } from './written-lists.js';

/** The group of `policies/builtin/groups.yaml` with the calls that make a wide group too wide. */
const DANGEROUS = '@leeward/dangerous';

// Eighty times those of the largest policy that is shipped. Groups that name others twice double with each level.
const MOST_ENTRIES = 20_000;

interface Definition {
  readonly entries: List;
  readonly pointer: string;
  readonly places: Places;
  readonly origin: Origin;
}

/** The groups of all files of a chain, and systemd's. */
export class Groups {
  readonly #findings: Findings;
  readonly #definitions = new Map<string, Definition>();
  /** How many entries were written out. */
  #entries = 0;
  /** The groups that were looked up for the list that is being written out. */
  #asked = new Map<string, List | undefined>();

  constructor(layers: readonly Layer[], findings: Findings) {
    this.#findings = findings;
    for (const { file } of layers) {
      for (const [name, group] of Object.entries(file.document.groups ?? {})) {
        const pointer = step('/groups', name);
        this.#define(name, {
          entries: group.allow,
          pointer: step(pointer, 'allow'),
          places: file.places,
          origin: file.places.key(pointer),
        });
      }
    }
  }

  #define(name: string, definition: Definition): void {
    const first = this.#definitions.get(name);
    if (first !== undefined) {
      const related = [{ origin: first.origin, message: 'first defined here' }];
      this.#findings.add('LW-S124', definition.origin, `the group \`${name}\` is defined twice`, { related });
    }
    this.#definitions.set(name, definition);
  }

  /** The allow entries of a list, groups written out. The same ones in all policies where its groups are the same. */
  expand(list: List, pointer: string, places: Places): readonly AllowEntry[] {
    const known = knownList(list, (name) => this.#definitions.get(name)?.entries);
    if (known === undefined || this.#entries + known.looked > MOST_ENTRIES)
      return this.#writeOut(list, pointer, places);
    this.#entries += known.looked;
    for (const [name, group] of known.groups) this.#asked.set(name, group);
    return known.entries;
  }

  #writeOut(list: List, pointer: string, places: Places): readonly AllowEntry[] {
    const [outer, before, attempts] = [this.#asked, this.#entries, this.#findings.attempts];
    const asked = new Map<string, List | undefined>();
    this.#asked = asked;
    const entries = this.#expand(list, pointer, places, []);
    this.#asked = outer;
    for (const [name, group] of asked) outer.set(name, group);
    // What is wrong is found again for each policy, and what there was no room for is there for others.
    if (this.#findings.attempts > attempts || this.#entries > MOST_ENTRIES) return entries;
    return keepList(list, { entries, looked: this.#entries - before, groups: asked });
  }

  /** @param via the groups that led there */
  #expand(list: List, pointer: string, places: Places, via: readonly Sourced<string>[]): AllowEntry[] {
    return list.flatMap((entry, index) => {
      const at = step(pointer, index);
      const origin = places.value(at);
      if (!this.#hasRoom(via[0]?.origin ?? origin)) return [];
      if (typeof entry === 'string') {
        return entry.startsWith('@') ? this.#group(entry, origin, via) : this.#call(entry, origin, via);
      }
      const args = readConditions(entry.args, entry.syscall, step(at, 'args'), places);
      return this.#call(entry.syscall, places.value(step(at, 'syscall')), via).map((call) => ({
        ...call,
        args,
        report: entry.report ?? 'none',
        origin,
      }));
    });
  }

  /** The names of the calls that a group or a name stands for; undefined when there is no such group. */
  callsOf(name: string): readonly string[] | undefined {
    if (!name.startsWith('@')) return [name];
    const definition = this.#definitionOf(name);
    if (definition === undefined) return systemdGroup(name);
    return this.expand(definition.entries, definition.pointer, definition.places).map(({ syscall }) => syscall);
  }

  /** Checks the groups of one file, used or not. */
  checkDefinitions(places: Places): void {
    for (const [name, definition] of this.#definitions) {
      if (definition.places === places) this.#own(name, definition, definition.origin, []);
    }
  }

  unknown(name: string, origin: Origin): void {
    const names = name.includes('/') ? this.#definitions.keys() : systemdGroupNames();
    this.#findings.add('LW-S102', origin, `there is no group \`${name}\``, {
      hint: didYouMean(nearestNames(name, names)),
    });
  }

  /** False, with one finding, when the groups stand for more than any policy needs. */
  #hasRoom(origin: Origin): boolean {
    this.#entries += 1;
    if (this.#entries === MOST_ENTRIES + 1) {
      this.#findings.add('LW-S127', origin, `the groups stand for more than ${MOST_ENTRIES} calls`);
    }
    return this.#entries <= MOST_ENTRIES;
  }

  #call(syscall: string, origin: Origin, via: readonly Sourced<string>[]): AllowEntry[] {
    if (!isKnownSyscall(syscall)) {
      const hint = didYouMean(nearestNames(syscall, knownSyscallNames()));
      this.#findings.add('LW-S100', origin, `there is no system call \`${syscall}\``, { hint });
      return [];
    }
    return [{ syscall, args: new Map(), report: 'none', origin, via }];
  }

  #group(name: string, origin: Origin, via: readonly Sourced<string>[]): AllowEntry[] {
    const definition = this.#definitionOf(name);
    if (definition !== undefined) return this.#own(name, definition, origin, via);
    const calls = systemdGroup(name);
    if (calls === undefined) {
      this.unknown(name, origin);
      return [];
    }
    this.#refuseWide(name, calls, origin);
    const here = [...via, { value: name, origin }];
    // systemd's groups hold calls of architectures that Leeward does not know.
    return calls
      .filter(isKnownSyscall)
      .map((syscall) => ({ syscall, args: new Map(), report: 'none', origin, via: here }));
  }

  #own(name: string, definition: Definition, origin: Origin, via: readonly Sourced<string>[]): AllowEntry[] {
    if (via.some(({ value }) => value === name)) {
      const circle = [...via.map(({ value }) => value), name].join(' -> ');
      this.#findings.add('LW-S104', origin, `groups contain each other: ${circle}`);
      return [];
    }
    const here = [...via, { value: name, origin }];
    return this.#expand(definition.entries, definition.pointer, definition.places, here);
  }

  #definitionOf(name: string): Definition | undefined {
    const definition = this.#definitions.get(name);
    this.#asked.set(name, definition?.entries);
    return definition;
  }

  #refuseWide(name: string, calls: readonly string[], origin: Origin): void {
    const dangerous = new Set(this.callsOf(DANGEROUS) ?? []);
    const found = calls.filter((call) => dangerous.has(call));
    if (found.length === 0) return;
    const examples = found.slice(0, 4).join(', ');
    const more = found.length > 4 ? ` and ${found.length - 4} more` : '';
    this.#findings.add('LW-S103', origin, `the group \`${name}\` is too wide: it has ${examples}${more}`);
  }
}
