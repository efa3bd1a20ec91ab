import { getSystemErrorName } from 'node:util';
import { OLDEST_KERNEL } from '../../policy/index.js';
import { type Finding, fail, ok, warn } from './finding.js';
import type { Trial } from './trial.js';

interface Layer {
  /** What a child did. */
  readonly tried: string;
  /** What the detail of a success means. */
  readonly works: (detail: string) => string;
  readonly remedy: string;
  /** `warn`: jobs run without it, and the receipt says so. Default: `fail`. */
  readonly severity?: 'warn';
}

const CONTAINER = 'leave the container or unit whose filter or security module forbids it';
const KERNEL = `boot a kernel of version ${OLDEST_KERNEL} or newer`;

function namespace(flag: string): Layer {
  return { tried: `unshare(${flag})`, works: (link) => `another one: ${link}`, remedy: CONTAINER };
}

/** By the names that native/trial/main.c gives. */
const LAYERS: Readonly<Record<string, Layer>> = {
  'user namespace': { ...namespace('CLONE_NEWUSER'), tried: 'unshare(CLONE_NEWUSER) and an id map of one id' },
  'mount namespace': namespace('CLONE_NEWNS'),
  'pid namespace': { ...namespace('CLONE_NEWPID'), tried: 'unshare(CLONE_NEWPID) and its first process' },
  'network namespace': namespace('CLONE_NEWNET'),
  'ipc namespace': namespace('CLONE_NEWIPC'),
  'uts namespace': namespace('CLONE_NEWUTS'),
  'cgroup namespace': namespace('CLONE_NEWCGROUP'),
  mounts: {
    tried: 'a root of its own, pivot_root, every mount’s flags read back, and a remount to take one back',
    works: (count) => `${count} mounts have their flags, the old root is gone, the remount is EPERM`,
    remedy: 'in a container: docker run --security-opt systempaths=unconfined; on a host: unmount what lies over /proc',
  },
  'id-mapped mount': {
    tried: 'mount_setattr(MOUNT_ATTR_IDMAP), and the owner of a file beneath it',
    works: (owner) => `the file belongs to the mapped id (${owner})`,
    remedy: 'mount the temporary folder on a file system that can map ids (ext4, xfs, btrfs, tmpfs from Linux 6.3 on)',
    severity: 'warn',
  },
  no_new_privs: { tried: 'prctl(PR_SET_NO_NEW_PRIVS), read back', works: () => 'set', remedy: KERNEL },
  landlock: {
    tried: 'landlock_restrict_self, an open that a rule allows, and one that none allows',
    works: (abi) => `the one is open, the other EACCES (${abi})`,
    remedy: 'boot with landlock in lsm= (see /sys/kernel/security/lsm), on a kernel with CONFIG_SECURITY_LANDLOCK',
  },
  capabilities: {
    tried: 'five sets emptied, read back, and sethostname',
    works: () => 'the sets are empty, sethostname is refused',
    remedy: CONTAINER,
  },
  rlimits: {
    tried: 'setrlimit, read back, and one descriptor too many',
    works: (count) => `${count} limits are set, the descriptor is EMFILE`,
    remedy: CONTAINER,
  },
  seccomp: {
    tried: 'a filter with listener, a denied call, and the answer to it',
    works: (call) => `the listener saw system call ${call}, and its caller the errno`,
    remedy: CONTAINER,
  },
  cgroup: {
    tried: 'a group of its own, with limits read back',
    works: (detail) => detail,
    remedy:
      'run the daemon as root, or in a delegated group of cgroup v2: systemd-run --user --scope -p Delegate=yes leeward daemon',
    severity: 'warn',
  },
  'process limit': {
    tried: 'one process more than the group may have',
    works: (count) => `EAGAIN after ${count}`,
    remedy: 'enable the controller pids for the group',
    severity: 'warn',
  },
  'memory limit': {
    tried: 'twice the memory that the group may have',
    works: (bytes) => `killed by the kernel at ${bytes} bytes`,
    remedy: 'enable the controller memory for the group',
    severity: 'warn',
  },
};

/** All names of checks, in the order in which they are tried. */
export const TRIAL_CHECKS: readonly string[] = Object.keys(LAYERS).map(checkName);

/**
 * One line for each layer that was tried.
 *
 * @param namespaceRemedy what makes this host give user namespaces to this user
 */
export function trialChecks(trials: readonly Trial[], namespaceRemedy: string): Finding[] {
  return trials.map((trial) => findingOf(trial, namespaceRemedy));
}

/** The line of a host on which nothing can be tried yet. */
export function untriedCheck(): Finding {
  const layers = Object.keys(LAYERS).join(', ');
  return warn('trials', `not tried, as the native parts are not built: ${layers}, a real job`, 'npm run build');
}

function checkName(layer: string): string {
  return `try ${layer}`;
}

function findingOf(trial: Trial, namespaceRemedy: string): Finding {
  const layer = LAYERS[trial.layer];
  const check = checkName(trial.layer);
  if (layer === undefined) return fail(check, 'a layer that this version does not know', 'npm run build');
  const { tried } = layer;
  if (trial.outcome === 'works') return { ...ok(check, layer.works(trial.detail)), tried };
  if (trial.outcome === 'untried' && trial.step === 'root') {
    return { ...ok(check, 'not tried: an ordinary user’s jobs are that user, and need none'), tried };
  }
  const remedy = trial.layer === 'user namespace' || trial.step === 'user namespace' ? namespaceRemedy : layer.remedy;
  const made = layer.severity === 'warn' ? warn : fail;
  return { ...made(check, answerOf(trial), remedy), tried };
}

/** What the kernel said. */
function answerOf({ outcome, step, errno, detail }: Trial): string {
  const more = detail === '' ? '' : `: ${detail}`;
  switch (outcome) {
    case 'refused':
      return `${step} answered ${errnoName(errno)}${more}`;
    case 'ineffective':
      return `without effect at ${step}${more}`;
    case 'untried':
      return `not tried: there is no ${step}`;
    default:
      return 'the trial ended without an answer';
  }
}

function errnoName(errno: number): string {
  return errno > 0 ? getSystemErrorName(-errno) : 'success';
}
