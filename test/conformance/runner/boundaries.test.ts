import { describe, expect, it } from 'vitest';
import { boundaryCalls } from '../../../src/probe/derive/boundaries.js';
import { withBoundaries } from './boundaries.js';
import { ARCH, programOf } from './program.js';

const { syscalls } = programOf('python', ['policies']);
const calls = boundaryCalls(syscalls, ARCH);

describe('withBoundaries', () => {
  it('fills in the calls of the case, each once, and leaves out what the case leaves out', () => {
    const probe = {
      id: 'A01',
      title: '',
      layers: [],
      origin: '',
      policies: ['a', 'b'],
      boundaries: { except: { ioctl: '' } },
    };
    const [own] = withBoundaries([{ class: 'A', title: '', cases: [probe] }], () => syscalls);
    const names = own?.cases[0]?.calls?.map(({ name }) => name);
    expect(names).toEqual([...new Set(calls.filter(({ syscall }) => syscall !== 'ioctl').map(({ name }) => name))]);
  });
});
