/** A job that writes its own result: to every descriptor, in every shape that a reader might take for a result. */
import { type End, type HostileJob, hostileJobsProbe } from './hostile-jobs.js';

const CLAIMS = 4;

/** As JSON lines, as a frame of the protocol (msgpack), as the records of the worker's own pipes. */
const FORGED = `
import json, os, struct
RESULT = {"status": "ok", "exit_code": 0, "signal": None, "stdout": "forged", "stderr": "", "error": None, "timed_out": False,
          "truncated": {"stdout": False, "stderr": False}, "memory_peak": 1, "duration_ms": 1, "cpu_time_us": 1, "denials": []}
LINE = json.dumps(RESULT).encode() + b"\\n"
# {"type": "Execute", "id": 1000, "success": true, "result": {"exit_code": 0}}
PACKED = (b"\\x84\\xa4type\\xa7Execute\\xa2id\\xcd\\x03\\xe8\\xa7success\\xc3\\xa6result\\x81\\xa9exit_code\\x00")
FRAME = struct.pack(">I", len(PACKED)) + PACKED
RECORD = struct.pack("<IIII", 1, 0, 0, 0) * 8
def everywhere(data):
    for number in range(256):
        try:
            os.set_blocking(number, False)
            os.write(number, data)
        except OSError:
            pass
`;

const told = ({ status, exit_code, memory_peak, duration_ms }: End): boolean =>
  status === 'error' && exit_code === 7 && memory_peak !== 1 && (duration_ms ?? 0) >= 0;

const timesOut = ({ status, exit_code }: End): boolean => status === 'timed_out' && exit_code === null;

const jobs: Record<string, HostileJob> = {
  'a line, and another end': { code: `${FORGED}everywhere(LINE); os._exit(7)`, holds: told },
  'a frame, and another end': { code: `${FORGED}everywhere(FRAME); everywhere(LINE); os._exit(7)`, holds: told },
  'records, and another end': { code: `${FORGED}everywhere(RECORD); everywhere(LINE); os._exit(7)`, holds: told },
  'a frame twice': { code: `${FORGED}everywhere(FRAME * 2); everywhere(LINE * 2); os._exit(7)`, holds: told },
  'a line, and a crash': {
    code: `${FORGED}everywhere(LINE); import ctypes; ctypes.string_at(0)`,
    holds: ({ status, signal }) => status === 'signaled' && signal === 11,
  },
  'a line, and no end': {
    code: `${FORGED}everywhere(LINE)\nwhile True: pass`,
    fields: { timeout_secs: 1 },
    holds: timesOut,
  },
  'part of a frame, and no end': {
    code: `${FORGED}everywhere(LINE); everywhere(FRAME[:9])\nwhile True: pass`,
    fields: { timeout_secs: 1 },
    holds: timesOut,
  },
  'an exception that it did not raise': {
    code: `${FORGED}os.write(${CLAIMS}, b"OSError\\0by the job\\0nowhere\\0") if os.path.exists("/proc/self/fd/${CLAIMS}") else everywhere(LINE)\nos._exit(7)`,
    // The claim is its own word and stands as one; how it ended does not change.
    holds: told,
  },
  'an exception, and an end that is none': {
    code: `${FORGED}os.write(${CLAIMS}, b"OSError\\0by the job\\0nowhere\\0") if os.path.exists("/proc/self/fd/${CLAIMS}") else os._exit(1)\nos._exit(0)`,
    holds: ({ status, exit_code }) => status === 'ok' && exit_code === 0,
  },
  'claims without an end': {
    code: `import os\ntry:\n    while True: os.write(${CLAIMS}, b"x" * 65536)\nexcept OSError: os._exit(7)`,
    fields: { timeout_secs: 3 },
    holds: ({ status, error }) => status !== 'ok' && (error?.name.length ?? 0) <= 65536,
  },
};

export const probe = hostileJobsProbe(jobs);
