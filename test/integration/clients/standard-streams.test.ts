import { expect, it } from 'vitest';
import { asEachAccount } from '../harness/account.js';
import { withDaemon } from '../harness/fixture.js';

asEachAccount((account) => {
  const at = withDaemon(account);

  it('the streams open again under their names, as programs expect', async () => {
    const code = [
      'print(open("/dev/stdin").read())',
      'open("/dev/stdout", "w").write("out\\n")',
      'open("/proc/self/fd/1", "w").write("again\\n")',
      'open("/dev/stderr", "w").write("err\\n")',
    ].join('\n');
    const result = await at.client.run(code, { stdin: Buffer.from('in') });
    expect(result).toMatchObject({ status: 'ok', stdout: 'out\nagain\nin\n', stderr: 'err\n' });
  });
});
