import { describe, expect, it } from 'vitest';
import { page } from './layers.mjs';

const vocabulary = [
  { const: 'seccomp', description: 'The filter.' },
  { const: 'mount_namespace', description: 'The root.' },
  { const: 'cgroup', description: 'Limits.' },
  { const: 'daemon', description: 'Checks of a request.' },
];
const run = {
  date: '2026-11-29',
  host: 'Linux 6.18',
  layers: ['seccomp', 'mount_namespace'],
  rows: [
    { id: 'A01', title: 'a | b', layers: ['seccomp'], cells: { seccomp: { fate: 'falls' } } },
    {
      id: 'D01',
      title: 'c',
      layers: ['seccomp', 'mount_namespace'],
      cells: {
        seccomp: { fate: 'holds', others: [{ attempt: 'open', errno: 'EPERM' }] },
        mount_namespace: { fate: 'holds' },
      },
    },
  ],
};

describe('the page of layers', () => {
  const text = page(run, vocabulary, new Set(['seccomp', 'mount_namespace', 'cgroup']));

  it('names the host, and for each layer what falls without it', () => {
    expect(text).toContain('on 2026-11-29, Linux 6.18');
    expect(text).toContain('| `seccomp` | The filter. | A01 |');
    expect(text).toContain('| `mount_namespace` | The root. | nothing |');
    expect(text).toContain('| `cgroup` | Limits. | not tried in this run |');
    expect(text).toContain('| `daemon` | Checks of a request. | cannot be left out |');
  });

  it('has a row for each probe and a column for each layer', () => {
    expect(text).toContain('| probe | what is tried | layers | seccomp | mount ns |');
    expect(text).toContain('| A01 | a \\| b | seccomp | **F** |  |');
    expect(text).toContain('| D01 | c | seccomp, mount_namespace | · | · |');
  });

  it('says which attempts another layer refused in other words', () => {
    expect(text).toContain('| D01 | seccomp | open: EPERM |');
  });
});
