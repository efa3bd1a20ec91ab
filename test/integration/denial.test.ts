import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isRoot } from '../harness/account.js';
import { holdRunning } from '../harness/running-job.js';
import { asEachAccount } from './harness/account.js';
import { withDaemon } from './harness/fixture.js';

/** IFF_UP of netdevice(7), asked in the network namespace that nsenter has entered. */
const INTERFACES = `
import fcntl, socket, struct
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _, name in socket.if_nameindex():
    answer = fcntl.ioctl(probe, 0x8913, struct.pack("16sH14s", name.encode(), 0, b""))
    print(name, "up" if struct.unpack_from("H", answer, 16)[0] & 1 else "down")
`;

asEachAccount((account) => {
  const at = withDaemon(account);

  describe('a denied system call', () => {
    it('fails with EACCES, and is named with its count', async () => {
      const code = `
import errno, socket
for _ in range(3):
    try: socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error: print(errno.errorcode[error.errno])
`;
      const result = await at.client.run(code);
      expect(result).toMatchObject({ status: 'ok', stdout: 'EACCES\n'.repeat(3) });
      expect(result.denials).toHaveLength(1);
      expect(result.denials[0]).toMatchObject({ syscall: 'socket', count: 3, errno: 'EACCES', args: [2, 0x80001, 0] });
      expect(result.denials[0]?.hint).toBeTruthy();
    });

    it('names the rule’s place when a rule speaks of it', async () => {
      const { denials, stdout } = await at.client.run(
        'import os\ntry: os.chroot("/tmp")\nexcept OSError as error: print(error.errno)',
        { policy: 'it-rules' },
      );
      expect(stdout).toBe('13\n');
      expect(denials).toHaveLength(1);
      expect(denials[0]).toMatchObject({ syscall: 'chroot', count: 1, errno: 'EACCES' });
      expect(denials[0]?.rule).toMatch(/it-rules\.yaml:\d+:\d+$/);
    });

    it('is no denial of the next job', async () => {
      await at.client.run('import socket\ntry: socket.socket()\nexcept OSError: pass');
      expect((await at.client.run('pass')).denials).toEqual([]);
    });

    it('that the policy answers by killing ends the job as denied', async () => {
      const answer = await at.client.execute(
        'import os; print("before", flush=True); os.setpriority(0, 0, 0); print("after")',
        {
          policy: 'it-rules',
        },
      );
      expect(answer).toMatchObject({ success: false, error: { code: 'LW_JOB_DENIED' } });
      expect(answer.result).toMatchObject({ status: 'denied', stdout: 'before\n', exit_code: null });
      expect(answer.result?.denials).toEqual([
        expect.objectContaining({
          syscall: 'setpriority',
          args: [0, 0, 0],
          count: 1,
          errno: null,
          rule: expect.stringMatching(/it-rules\.yaml:\d+:\d+$/),
        }),
      ]);
    });

    it.each(['fork()', 'execv("/usr/bin/python3", ["python3"])'])(
      'os.%s is refused by the shipped policy',
      async (call) => {
        const { error, denials } = await at.client.run(`import os; os.${call}`);
        expect(error?.name).toBe('PermissionError');
        expect(denials.map(({ syscall }) => syscall)).toEqual([call.startsWith('fork') ? 'clone' : 'execve']);
      },
    );
  });

  describe('a denied path', () => {
    it.each([
      ['a file of the host', 'open("/etc/shadow")'],
      ['a directory of the host', 'os.listdir("/root")'],
      ['another process’ memory', 'open("/proc/1/mem", "rb")'],
      ['the zygote’s environment', 'open("/proc/1/environ").read()'],
      ['the kernel’s settings', 'open("/proc/sys/kernel/hostname")'],
      ['devices', 'open("/dev/kmsg")'],
      ['the root', 'open("/new", "w")'],
      ['what is not writable', 'open("/usr/new", "w")'],
    ])('%s cannot be opened', async (_, call) => {
      const { error, status } = await at.client.run(`import os; ${call}`);
      expect(status).toBe('error');
      expect(['PermissionError', 'FileNotFoundError', 'OSError']).toContain(error?.name);
      expect(error?.value).toMatch(/Errno (2|13|1|30)\b/);
    });

    it('is refused by Landlock where the mounts show it', async () => {
      const code = `
import errno, os
print(os.stat("/it-hidden/python3").st_size > 0)
try: open("/it-hidden/python3")
except OSError as error: print(errno.errorcode[error.errno])
`;
      const { stdout, enforced } = await at.client.run(code, { policy: 'it-rules' });
      expect(enforced.landlock.status).toBe('fully');
      expect(stdout).toBe('True\nEACCES\n');
    });
  });

  describe('the network', () => {
    it.each(['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK', 'AF_PACKET', 'AF_VSOCK'])(
      '%s has no sockets',
      async (family) => {
        const { error } = await at.client.run(`import socket; socket.socket(socket.${family}, socket.SOCK_DGRAM)`);
        expect(error?.name).toBe('PermissionError');
      },
    );

    it('a name is not resolved', async () => {
      const { error } = await at.client.run('import socket; socket.getaddrinfo("localhost", 80)');
      expect(error?.name).toBe('gaierror');
    });

    it.skipIf(!isRoot)('has no interface but loopback, and that is down (needs root)', async () => {
      const job = await holdRunning(at.daemon, at.client);
      const inside = ['/usr/bin/python3', '-I', '-c', INTERFACES];
      const interfaces = execFileSync('nsenter', [`--net=/proc/${job.pid}/ns/net`, '--', ...inside], {
        encoding: 'utf8',
      });
      // Tunnels that a kernel gives to every namespace are there, and down.
      expect(interfaces).toMatch(/^lo down\n/);
      expect(interfaces).not.toContain('up');
      expect((await job.finish()).status).toBe('ok');
    });
  });
});
