import { type Finding, fail, ok, warn } from './finding.js';
import type { InstallFacts } from './install-facts.js';
import { isAtLeast } from './version.js';

const MINIMUM_PYTHON = '3.9.0';

/** Whether what Leeward needs beside the kernel is there. */
export function installChecks(facts: InstallFacts): Finding[] {
  return [
    nativeParts(facts),
    interpreter(facts),
    ...slotIds(facts),
    stateDirectory(facts),
    policies(facts),
    ...runtimes(facts),
    socket(facts),
  ];
}

function nativeParts({ nativeFiles }: InstallFacts): Finding {
  const entries = Object.entries(nativeFiles);
  const missing = entries.filter(([, path]) => path === undefined).map(([name]) => name);
  if (missing.length > 0) return fail('native parts', `not built: ${missing.join(', ')}`, 'npm run build');
  return ok('native parts', entries.map(([, path]) => path).join(', '));
}

function interpreter({ interpreter: { path, version, venv } }: InstallFacts): Finding {
  const remedy = 'apt-get install -y python3 python3-venv';
  if (version === undefined) return fail('python', `${path} does not run`, remedy);
  if (!isAtLeast(version, MINIMUM_PYTHON)) {
    return fail('python', `${path} is ${version}`, `install python ${MINIMUM_PYTHON} or newer`);
  }
  if (!venv)
    return warn(
      'python',
      `${path} ${version} has no venv: runtimes cannot be built`,
      'apt-get install -y python3-venv',
    );
  return ok('python', `${path} ${version} with venv`);
}

/** A service has ids of its own for its jobs. That an ordinary user's share his is no fault of the host's. */
function slotIds({ uid, slotIds: slots }: InstallFacts): Finding[] {
  const check = 'host ids of jobs';
  if (uid === 0) return [];
  if ('without' in slots) return [ok(check, `those of this user: ${slots.without}`)];
  const { uidBase, count } = slots.ids;
  return [
    ok(
      check,
      `${uidBase} to ${uidBase + count - 1} where newuidmap and newgidmap work; with mounts those of this user`,
    ),
  ];
}

function stateDirectory({ uid, stateDirectory: { path, exists, writable, closed } }: InstallFacts): Finding {
  const check = 'state directory';
  const remedy = 'set LEEWARD_STATE_DIR to a folder of this user';
  if (!writable) return fail(check, `${path} is not writable`, remedy);
  // A root service runs jobs under other ids, which have to reach the runtimes in there.
  if (uid === 0 && closed !== undefined) {
    return fail(
      check,
      `${closed} is closed to other users, so that no job can reach its runtime`,
      `chmod o+x ${closed}`,
    );
  }
  return ok(check, exists ? path : `${path} (made when it is needed)`);
}

function policies({ policies: { loaded, errors } }: InstallFacts): Finding {
  if (errors.length > 0) {
    const [first = ''] = errors;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    const what = `${loaded.length} load, ${errors.length === 1 ? 'one problem' : `${errors.length} problems`}: ${first}${more}`;
    const remedy = 'leeward policy lint FILE';
    return loaded.length === 0 ? fail('policies', what, remedy) : warn('policies', what, remedy);
  }
  if (loaded.length === 0)
    return fail('policies', 'none found', 'put one into /etc/leeward/policies, or reinstall leeward');
  return ok('policies', loaded.join(', '));
}

function runtimes({ runtimes: all }: InstallFacts): Finding[] {
  return all.map(({ name, built, directory }) =>
    built
      ? ok(`runtime ${name}`, directory)
      : warn(`runtime ${name}`, 'not built: policies that name it refuse jobs', `leeward runtime build ${name}`),
  );
}

function socket({ socket: { path, state, detail } }: InstallFacts): Finding {
  if (state === 'answers') return ok('daemon', `${detail} answers on ${path}`);
  if (state === 'absent') return ok('daemon', `none on ${path}: exec runs embedded`);
  return warn('daemon', `${path} does not answer: ${detail}`, 'leeward daemon, or leeward exec --embedded');
}
