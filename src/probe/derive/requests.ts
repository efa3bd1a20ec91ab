/** Mounts that a request asks for: read-only and writable ones, as the policy lets them be. Pure. */
import type { CompiledPolicy, Origin } from '../../policy/types.js';
import { type DerivedAttempt, flagsAttempt, NOT_GRANTED, READ_ONLY, refused, works } from './derived-attempt.js';
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

export function requestAttempts(compiled: CompiledPolicy, mount: RequestMount): DerivedAttempt[] {
  const { plan } = compiled;
  const { target, writable, noexec, origin } = mount;
  const parent = writable ? plan.jobParents.writable : plan.jobParents.readOnly;
  const flags = [...(writable ? [] : ['read_only']), 'nosuid', 'nodev', ...(noexec ? ['noexec'] : [])];
  const make = { name: `make a file in ${target}`, do: 'create', origin };
  if (!writable) {
    const path = `${target}/${REQUEST_FILE}`;
    const accepted = isGranted(plan, parent, 'read_file')
      ? works('Landlock grants read_file')
      : refused(['EACCES'], NOT_GRANTED);
    return [
      { name: `read ${path}`, do: 'open', with: { path, flags: 0 }, accepted, origin },
      { ...make, with: { directory: target }, accepted: refused(['EROFS'], READ_ONLY) },
      ...changeAttempts(path, origin),
      flagsAttempt(target, flags, origin),
    ];
  }
  const isMade = isGranted(plan, parent, 'make_reg', 'write_file');
  const accepted = isMade ? works('writable, and Landlock grants it') : refused(['EACCES'], NOT_GRANTED);
  return [
    { ...make, with: { directory: target, name: REQUEST_FILE }, accepted },
    {
      name: `link in ${target}`,
      do: 'link',
      with: { directory: target },
      accepted: refused(['EACCES'], NOT_GRANTED),
      origin,
    },
    ...(isMade && noexec ? codeAttempts(target, origin) : []),
    flagsAttempt(target, flags, origin),
  ];
}
