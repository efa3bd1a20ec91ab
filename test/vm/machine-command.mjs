// The command lines of the two kinds of guest.

/** QEMU 7.2's own, in Debian's qemu-system-common. */
export const VIRTIOFSD = '/usr/lib/qemu/virtiofsd';

/**
 * @param {{machine: 'uml' | 'qemu', image: string, memory: string, cpus: number, cpu: string, verbose: boolean}} plan
 * @param {(name: string) => string} at files of the guest: `initramfs`, `disk`, `host.sock`
 * @returns {string[]}
 */
export function commandOf(plan, at) {
  return plan.machine === 'uml' ? userModeLinux(plan, at) : emulated(plan, at);
}

/** A kernel as a process: near the host's speed, one processor. Its output is the console. */
function userModeLinux({ image, memory, verbose }, at) {
  return [
    image,
    `mem=${memory}`,
    `initrd=${at('initramfs')}`,
    `ubda=${at('disk')}`,
    `uml_dir=${at('')}`,
    ...['con=null', 'con0=null,fd:1', 'ssl=null'],
    ...kernelParameters(verbose),
  ];
}

/** Software emulation (TCG): any kernel, with all that Debian's configuration has, 20 to 40 times slower. */
function emulated({ image, memory, cpus, cpu, verbose }, at) {
  const parameters = [
    'console=ttyS0',
    // Emulated time stamp counters do not drift, and nothing is there that mitigations could protect from.
    ...['tsc=reliable', 'no_timer_check', 'mitigations=off', 'random.trust_cpu=on', 'nokaslr'],
    ...kernelParameters(verbose),
  ];
  return [
    'qemu-system-x86_64',
    ...['-accel', 'tcg,thread=multi', '-machine', 'q35,memory-backend=memory', '-cpu', cpu, '-smp', String(cpus)],
    ...['-m', memory, '-object', `memory-backend-memfd,id=memory,size=${memory},share=on`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', 'stdio', '-device', 'virtio-rng-pci'],
    ...['-drive', `file=${at('disk')},format=raw,if=none,id=disk,cache=unsafe`, '-device', 'virtio-blk-pci,drive=disk'],
    ...['-chardev', `socket,id=host,path=${at('host.sock')}`, '-device', 'vhost-user-fs-pci,chardev=host,tag=host'],
    ...['-kernel', image, '-initrd', at('initramfs'), '-append', parameters.join(' ')],
  ];
}

/** A panic ends the guest; cgroup v1 has nothing to take controllers with. */
function kernelParameters(verbose) {
  return ['panic=-1', 'cgroup_no_v1=all', `loglevel=${verbose ? 7 : 4}`];
}
