import type { ExecuteResponse, Receipt } from '../../protocol/messages.gen.js';
import { type Finding, fail, firstLine, ok, warn } from './finding.js';
import type { Trial } from './trial.js';

const WORD = 'leeward doctor';

/** What the real job runs. */
export const TRIAL_CODE = `print(${JSON.stringify(WORD)})`;

/** Limits by the layer whose trial shows that the kernel holds to them. */
const LIMIT_OF_LAYER: Readonly<Record<string, string>> = { 'memory limit': 'memory', 'process limit': 'pids' };

/** A real job of a policy: whether it ran, and whether its receipt has what the trials have shown this host to do. */
export function jobCheck(policy: string, answer: ExecuteResponse, trials: readonly Trial[]): Finding {
  const check = `job ${policy}`;
  const tried = `a job under policy ${policy}, and its receipt against the trials`;
  const { result, error } = answer;
  if (result === undefined || result.status !== 'ok' || result.stdout !== `${WORD}\n`) {
    const why = error === undefined ? `ended as ${result?.status}` : `${firstLine(error.message)} [${error.code}]`;
    return { ...fail(check, why, error?.hint ?? 'see the lines above'), tried };
  }
  const missing = missingIn(result.enforced, trials);
  if (missing.length > 0) {
    const what = `ran, but its receipt has not what the trials have: ${missing.join(', ')}`;
    return { ...fail(check, what, 'report it with this output: the two must agree'), tried };
  }
  return { ...ok(check, `ran with ${layersOf(result.enforced).join(', ')}`), tried };
}

/** The line of a policy whose runtime is not built. */
export function unbuiltJobCheck(policy: string, runtime: string): Finding {
  const tried = `a job under policy ${policy}`;
  return {
    ...warn(`job ${policy}`, `not run: runtime ${runtime} is not built`, `leeward runtime build ${runtime}`),
    tried,
  };
}

function missingIn(receipt: Receipt, trials: readonly Trial[]): string[] {
  const works = (layer: string): boolean =>
    trials.some(({ layer: name, outcome }) => name === layer && outcome === 'works');
  const lines: [layer: string, held: boolean][] = [
    ['seccomp', receipt.seccomp.mode === 'filter'],
    ['landlock', receipt.landlock.status !== 'not_enforced'],
    ['capabilities', receipt.capabilities_empty],
    ['no_new_privs', receipt.no_new_privs],
    ...receiptNamespaces(receipt),
    ...Object.entries(LIMIT_OF_LAYER).map(([layer, limit]): [string, boolean] => [
      layer,
      !receipt.cgroup.not_enforced.includes(limit),
    ]),
  ];
  return lines.filter(([layer, held]) => !held && works(layer)).map(([layer]) => layer);
}

function receiptNamespaces({ namespaces }: Receipt): [layer: string, held: boolean][] {
  return ['user', 'mount', 'pid', 'net', 'ipc', 'uts', 'cgroup'].map((kind) => [
    `${kind === 'net' ? 'network' : kind} namespace`,
    namespaces.includes(kind),
  ]);
}

function layersOf({ namespaces, landlock, seccomp, cgroup }: Receipt): string[] {
  return [
    `${namespaces.length} namespaces`,
    landlock.status === 'not_enforced' ? 'no landlock' : `landlock abi ${landlock.abi}`,
    `${seccomp.instructions} seccomp instructions`,
    cgroup.version === 0 ? 'no control group' : `cgroup v${cgroup.version}`,
    ...(cgroup.not_enforced.length === 0 ? [] : [`without limits on ${cgroup.not_enforced.join(', ')}`]),
  ];
}
