import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FrozenFolders } from './frozen-folders.js';
import { liveFolders } from './open-library.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-frozen-'));
  for (const part of ['runtimes', 'tenants']) mkdirSync(join(directory, part));
});

afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  chmodSync(join(directory, name), 0o644);
};
const read = () => FrozenFolders.read([{ path: directory, required: true }], liveFolders());

describe('frozen folders', () => {
  it('stay what they were', async () => {
    write('a.yaml', 'one');
    const before = await read();
    write('a.yaml', 'two');
    rmSync(join(directory, 'tenants'), { recursive: true });
    expect(before.read(join(directory, 'a.yaml'))).toBe('one');
    expect((await read()).read(join(directory, 'a.yaml'))).toBe('two');
  });

  it('have the same digest exactly when names, texts and what cannot be read are the same', async () => {
    const digests = new Set<string>();
    const next = async () => digests.add((await read()).digest).size;
    expect(await next()).toBe(1);
    write('a.yaml', 'x');
    expect([await next(), await next()]).toEqual([2, 2]);
    write('b.yaml', '');
    expect(await next()).toBe(3);
    write('runtimes/any.name', 'x');
    expect(await next()).toBe(4);
    chmodSync(join(directory, 'a.yaml'), 0o666);
    expect(await next()).toBe(5);
    chmodSync(join(directory, 'a.yaml'), 0o644);
    expect(await next()).toBe(5);
  });

  it('leave out what editors put beside the files', async () => {
    const { digest } = await read();
    for (const name of ['.a.yaml.swp', 'a.yaml~', '#a.yaml#', 'notes.txt', '4913']) write(name, 'x');
    expect((await read()).digest).toBe(digest);
    expect((await read()).list(directory)).toEqual([]);
  });

  it('have no file for a link that leads nowhere', async () => {
    const { digest } = await read();
    symlinkSync('gone', join(directory, 'a.yaml'));
    const frozen = await read();
    expect([frozen.digest, frozen.list(directory)]).toEqual([digest, []]);
  });

  it('keep an error for whoever wants to have the file', async () => {
    write('a.yaml', 'x');
    chmodSync(join(directory, 'a.yaml'), 0o666);
    const frozen = await read();
    const unsafe = expect.objectContaining({ code: 'LW_POLICY_UNSAFE_FILE', hint: expect.stringContaining('chmod') });
    expect(() => frozen.read(join(directory, 'a.yaml'))).toThrow(unsafe);
    const elsewhere = new FrozenFolders(structuredClone(frozen.data));
    expect(() => elsewhere.read(join(directory, 'a.yaml'))).toThrow(unsafe);
    expect(elsewhere.digest).toBe(frozen.digest);
    expect(frozen.within(directory)).toEqual(new Map([['a.yaml', undefined]]));
  });

  it('give nothing from a folder into which others may put what is not there yet', async () => {
    write('a.yaml', 'x');
    const { digest } = await read();
    chmodSync(directory, 0o777);
    const frozen = await read();
    for (const name of ['a.yaml', 'not-there.yaml']) {
      expect(() => frozen.read(join(directory, name))).toThrow(
        expect.objectContaining({ code: 'LW_POLICY_UNSAFE_FILE' }),
      );
    }
    expect(frozen.digest).not.toBe(digest);
  });

  it('miss a folder that somebody named', async () => {
    const missing = [{ path: join(directory, 'nope'), required: true }];
    await expect(FrozenFolders.read(missing, liveFolders())).rejects.toMatchObject({ code: 'LW_POLICY_NOT_FOUND' });
    const optional = [{ path: join(directory, 'nope'), required: false }];
    expect((await FrozenFolders.read(optional, liveFolders())).data.files.size).toBe(0);
  });
});
