// One guest, from inside its namespaces (run.mjs makes them): process 1 there, so that its end is the end of everything.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellVariables, writeInitramfs } from './initramfs.mjs';
import { Copy, lastLines, startMachine } from './machine.mjs';

const BOOTS = 3;
const TOO_LONG = 124;
const NO_GUEST = 125;

const plan = JSON.parse(process.argv[2]);
const at = (name) => join(plan.place, name);
const [view, control, consoleLog] = [at('view'), at('control'), at('console')];

prepare();
process.exit(await runCommand());

/** Files of the guest: its view of the host, the disk, the initramfs and what it runs. */
function prepare() {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0700', 'guest', plan.place]);
  for (const folder of [view, control, at('tree')]) mkdirSync(folder);
  writeFileSync(at('disk'), '');
  truncateSync(at('disk'), bytesOf(plan.disk));
  execFileSync('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', at('disk')], {
    env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
  });
  const shares = plan.shares.map((share) => resolve(share));
  writeInitramfs({
    machine: plan.machine,
    modules: plan.modules,
    settings: {
      MACHINE: plan.machine,
      VIEW: view,
      CONTROL: control,
      DISK: plan.machine === 'uml' ? '/dev/ubda' : '/dev/vda',
      SHARES: shares.join('\n'),
    },
    scratch: at('tree'),
    archive: at('initramfs'),
  });
  copyFileSync(fileURLToPath(new URL('guest/start', import.meta.url)), join(control, 'start'));
  copyFileSync(join(at('tree'), 'bin/busybox'), join(control, 'busybox'));
  const limits = {
    MACHINE: plan.machine,
    GROUP: plan.group,
    SECONDS_MAX: String(plan.timeout + plan.boot),
    FILES_MAX: String(Math.floor(mostOpenFiles() / 2)),
  };
  writeFileSync(join(control, 'limits'), shellVariables(limits));
  writeFileSync(join(control, 'command'), script());
  showHost(shares);
}

/** What a process that this one starts may have open. */
function mostOpenFiles() {
  const [, soft] = readFileSync('/proc/self/limits', 'utf8').match(/^Max open files\s+(\d+)/m);
  return Number(soft);
}

/** The command as a script with nothing left to quote. */
function script() {
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin', HOME = '/root', LANG = 'C.UTF-8' } = process.env;
  const environment = { PATH, HOME, LANG, ...plan.environment };
  const quote = (word) => `'${word.replaceAll("'", `'\\''`)}'`;
  const exported = Object.keys(environment).map((name) => `export ${name}\n`);
  return `${shellVariables(environment)}${exported.join('')}cd ${quote(plan.directory)} || exit
exec ${plan.argv.map(quote).join(' ')}\n`;
}

/**
 * The whole tree of the host, read-only in all its mounts and without what belongs to its kernel; writable are the control
 * directory and the shares.
 */
function showHost(shares) {
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) =>
        (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8))),
      )
      .filter((point) => point === view || point.startsWith(`${view}/`));
  execFileSync('mount', ['--rbind', '/', view]);
  for (const folder of ['proc', 'sys', 'dev', 'run'])
    if (mounts().includes(join(view, folder))) execFileSync('umount', ['-R', '-l', join(view, folder)]);
  for (const point of mounts()) execFileSync('mount', ['-o', 'remount,bind,ro', point]);
  for (const writable of [control, ...shares]) execFileSync('mount', ['--bind', writable, join(view, writable)]);
  // virtiofsd locks a file beneath /run, by the name of its socket: guests would wait for each other.
  execFileSync('mount', ['-t', 'tmpfs', 'run', '/run']);
}

async function runCommand() {
  for (let boot = 1; boot <= BOOTS; boot++) {
    const machine = await startMachine(plan);
    const started = await machine.wrote('booted', plan.boot);
    if (started) return outcome(machine);
    machine.kill();
    const why = machine.ended() ? 'ended before' : `took ${plan.boot} s without reaching`;
    console.error(`vm run: boot ${boot} of ${BOOTS}: the guest ${why} its command\n${lastLines(consoleLog)}`);
  }
  return NO_GUEST;
}

async function outcome(machine) {
  const copies = [new Copy(join(control, 'out'), process.stdout), new Copy(join(control, 'err'), process.stderr)];
  const timer = setInterval(() => copies.map((copy) => copy.next()), 100);
  const ended = await machine.wrote('code', plan.timeout);
  clearInterval(timer);
  const inTime = ended || machine.ended();
  // hostfs: what the guest wrote last is there for sure once it is gone.
  if (ended) await machine.gone(5);
  machine.kill();
  await Promise.all(copies.map((copy) => copy.next()));
  if (ended) return Number(readFileSync(join(control, 'code'), 'utf8'));
  if (!inTime) console.error(`vm run: stopped: the command took longer than ${plan.timeout} s`);
  else console.error(`vm run: the guest ended under its command\n${lastLines(consoleLog)}`);
  return inTime ? NO_GUEST : TOO_LONG;
}

/** @param {string} size `512M`, `8G` */
function bytesOf(size) {
  const [, number, unit] = /^(\d+)([MG])$/.exec(size) ?? [];
  if (number === undefined) throw new Error(`${size}: no size such as 512M or 8G`);
  return Number(number) * (unit === 'G' ? 2 ** 30 : 2 ** 20);
}
