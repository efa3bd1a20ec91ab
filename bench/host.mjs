// What the figures were measured on.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

const PYTHON = '/usr/bin/python3';

export function hostLines() {
  const [cpu] = cpus();
  const python = execFileSync(PYTHON, ['--version'], { encoding: 'utf8' }).trim();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return [
    `kernel  Linux ${release()}`,
    `cpu     ${cpus().length} x ${cpu?.model ?? 'unknown'}, ${memory} GiB, load ${loadavg()[0].toFixed(2)} at the start`,
    `node    ${process.version}`,
    `python  ${python} (${PYTHON})`,
    `user    uid ${process.getuid()}`,
  ];
}
