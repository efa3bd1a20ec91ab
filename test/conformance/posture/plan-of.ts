/** The plan that a daemon carries out, made once more by the same installation and the same user. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { decodePlan } from '../../../src/plan/decode.js';
import type { Plan } from '../../../src/plan/plan.js';
import { commandAs } from '../../harness/account.js';
import { testHost } from '../../harness/host.js';
import type { Place } from '../../harness/place.js';

/** By their policies' names. The receipt names the plan's digest: whether these are the ones is not a matter of faith. */
export function plansOf(
  names: readonly string[],
  place: Place,
  directories: readonly string[] = [],
): ReadonlyMap<string, Plan> {
  const { root, node, policies } = testHost().installation;
  const options = { stateDirectory: place.state, policyDirectories: [policies, ...directories] };
  const program = `
import { openLibrary } from ${JSON.stringify(join(root, 'dist/daemon/policies/open-library.js'))};
import { encodePlan } from ${JSON.stringify(join(root, 'dist/plan/encode.js'))};
const library = openLibrary(${JSON.stringify(options)});
for (const name of ${JSON.stringify(names)}) {
  const { compiled } = await library.compile(name);
  console.log(encodePlan(compiled.plan).toString('base64'));
}
`;
  const [command = '', ...args] = commandAs(place.account, [node, '--input-type=module', '-e', program]);
  const lines = execFileSync(command, args, { env: place.environment, cwd: '/', encoding: 'utf8' }).trim().split('\n');
  return new Map(names.map((name, index) => [name, decodePlan(Buffer.from(lines[index] ?? '', 'base64'))]));
}
