/** Fields that would have code run before the job is confined, or by another interpreter. */
import { refusedFieldsProbe } from './taken.js';

export const probe = refusedFieldsProbe({
  preload: { preload: ['antigravity'] },
  'a warm-up': { warmup: 'print("before")' },
  globals: { globals: { own: 'os' } },
  'a runtime': { runtime: 'own' },
  'a runtime as a path': { runtime: '/tmp/own.yaml' },
  'an interpreter': { interpreter: '/usr/bin/python3' },
  'options of an interpreter': { options: ['-X', 'importtime'] },
  'a program': { program: '/usr/bin/id' },
  'a file name': { filename: '/usr/lib/python3/site.py' },
  'a policy as a text': { policy: 'version: 1' },
  'a policy as a path': { policy: '/tmp/own' },
  'a policy above': { policy: '../own' },
  'a policy beside': { policy_text: 'version: 1' },
  'no policy': { policy: null },
  'a program of seccomp': { seccomp: [] },
  'a mode': { mode: 'audit' },
  reuse: { reuse: { times: 2 } },
  'a session': { session: 'own' },
  'another user': { uid: 0 },
  capabilities: { capabilities: ['CAP_SYS_ADMIN'] },
  'a slot': { slot: 0 },
});
