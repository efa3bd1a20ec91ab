/** Texts of requests and jobs that would be lines of the log of their own, or steer the terminal of who reads it. */
import { eventually } from '../../harness/wait.js';
import type { HostContext } from '../runner/host-probe.js';
import { daemonProbe, type Seen, type Target } from './daemon-probe.js';

const MARK = 'forged-by-a-job';
const LINE = `{"level":50,"time":1,"uid":0,"error":"${MARK}","msg":"job ended"}`;
/** Ends the line that it stands in, begins one of its own, clears the screen, sets the title, goes back in the line. */
const TEXT = `x\n${LINE}\n\u001b[2J\u001b]0;${MARK}\u0007\r\u009b31m\u202e`;

/** As Python source that does not hold what it makes. */
const SOURCE = `text = bytes.fromhex("${Buffer.from(TEXT).toString('hex')}").decode()\n`;

/** A policy that there is not, and what is logged of a request for it. */
const LAST = 'there-is-none';
const LOGGED_LAST = /LW_REQUEST_UNKNOWN_POLICY|there-is-none/;

const REQUESTS: Readonly<Record<string, object>> = {
  'the id of a job': { job_id: TEXT },
  'a policy': { policy: TEXT },
  'a field': { [TEXT]: 1 },
  'a type': { type: TEXT },
  'a variable': { env: { [TEXT]: 'x' } },
  'a source': { mounts: [{ host: `/${TEXT}`, sandbox: '/input' }] },
};

const JOBS: Readonly<Record<string, string>> = {
  'standard error': 'import os; os.write(2, text.encode())',
  'standard output': 'import os; os.write(1, text.encode())',
  'every descriptor': `
import os
for number in range(3, 256):
    try:
        os.write(number, text.encode())
    except OSError:
        pass
os.write(2, text.encode())`,
  'an exception': 'raise type(text.replace("\\0", ""), (Exception,), {})(text)',
  'the name of its process': `
import ctypes
ctypes.CDLL(None).prctl(15, text.encode()[:15], 0, 0, 0)
raise SystemExit(text)`,
};

/** No line of the mark's own, and no character that is not to be seen. */
function judgedLog(log: string): Seen {
  const lines = log.split('\n').filter((line) => line !== '');
  const forged = lines.find((line) => line.startsWith('{') && line.includes(`"error":"${MARK}"`));
  const hidden = lines.find((line) => /[\p{Cc}\p{Bidi_Control}]/u.test(line));
  const found = forged ?? hidden;
  return {
    holds: found === undefined,
    detail: found === undefined ? `${lines.length} lines` : JSON.stringify(found).slice(0, 200),
  };
}

async function logged(target: Target, message: object): Promise<Seen> {
  const before = target.log.length;
  const connection = await target.connect();
  try {
    await connection.ask(message);
    await connection.ask({ type: 'Execute', code: '', policy: LAST });
  } finally {
    connection.close();
  }
  // What it logs comes through a pipe, in order.
  await eventually('the last request is logged', 5_000, () => LOGGED_LAST.test(target.log.slice(before)));
  return judgedLog(target.log.slice(before));
}

const request = (fields: object) => (target: Target) => {
  return logged(target, { type: 'Execute', code: `print(${JSON.stringify(TEXT)})`, policy: 'python', ...fields });
};
const job =
  (code: string) =>
  (target: Target, { policy }: HostContext) => {
    return logged(target, { type: 'Execute', code: `${SOURCE}${code}`, policy });
  };

export const probe = daemonProbe({
  ...Object.fromEntries(Object.entries(REQUESTS).map(([name, fields]) => [name, request(fields)])),
  ...Object.fromEntries(Object.entries(JOBS).map(([name, code]) => [name, job(code)])),
});
