/** Mounts that a request asks for: read-only and writable ones, as the policy lets them be. Pure. */
import type { CompiledPolicy, Origin } from '../../policy/types.js';
import {
  type DerivedAttempt,
  type DerivedAttempts,
  flagsAttempt,
  NOT_GRANTED,
  READ_ONLY,
  refused,
  works,
} from './derived-attempt.js';
import { acceptedOf, rightAttempts } from './rights.js';
import { isGranted } from './sandbox-places.js';
import { changeAttempts, codeAttempts } from './writes.js';

/** A place where a request may mount something. */
export interface RequestMount {
  readonly target: string;
  readonly writable: boolean;
  readonly noexec: boolean;
  readonly origin: Origin;
}

/** The job mounts of the policy, and the places where nothing but a request mounts. */
export function requestMounts({ plan, policy, admission }: CompiledPolicy): readonly RequestMount[] {
  const own = plan.jobMounts.map(({ target, writable, noexec }): RequestMount => {
    const template = admission.jobMounts.find((one) => one.target === target);
    return { target, writable, noexec, origin: template?.origin ?? policy.requestMounts.parents.origin };
  });
  const others = admission.targets.filter(({ path }) => !own.some(({ target }) => target === path));
  return [...own, ...others.map(({ path, writable, origin }) => ({ target: path, writable, noexec: true, origin }))];
}

/** What attempts find in a read-only mount, and make in a writable one. */
export const REQUEST_FILE = 'leeward-probe';

export function requestAttempts(compiled: CompiledPolicy, mount: RequestMount): DerivedAttempts {
  const { plan } = compiled;
  const { target, writable, noexec, origin } = mount;
  const parent = writable ? plan.jobParents.writable : plan.jobParents.readOnly;
  const flags = [...(writable ? [] : ['read_only']), 'nosuid', 'nodev', ...(noexec ? ['noexec'] : [])];
  const make = { name: `make a file in ${target}`, do: 'create', origin };
  const list: DerivedAttempt = {
    ...{ name: `read ${target}`, do: 'open', with: { path: target, flags: 0 }, right: 'read_dir', origin },
    accepted: acceptedOf(plan, parent, 'read_dir'),
  };
  if (!writable) {
    const path = `${target}/${REQUEST_FILE}`;
    const accepted = acceptedOf(plan, parent, 'read_file');
    const attempts = [
      list,
      { name: `read ${path}`, do: 'open', with: { path, flags: 0 }, right: 'read_file', accepted, origin },
      { ...make, with: { directory: target }, accepted: refused(['EROFS'], READ_ONLY) },
      ...changeAttempts(path, origin),
      flagsAttempt(target, flags, origin),
    ];
    return { attempts, untried: [] };
  }
  const isMade = isGranted(plan, parent, 'make_reg', 'write_file');
  const accepted = isMade ? works('writable, and Landlock grants it') : refused(['EACCES'], NOT_GRANTED);
  const attempts = [
    list,
    { ...make, with: { directory: target, name: REQUEST_FILE }, accepted },
    ...(isMade && noexec ? codeAttempts(target, origin) : []),
    flagsAttempt(target, flags, origin),
  ];
  const rights = rightAttempts(compiled, { directory: target, ruled: parent, origin, noexec });
  return { attempts: [...attempts, ...rights.attempts], untried: rights.untried };
}
