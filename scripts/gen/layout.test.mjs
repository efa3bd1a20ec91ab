import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildModel } from './layout/model.mjs';

const source = readFileSync(new URL('../../schemas/plan.layout.json', import.meta.url), 'utf8');

/** The model of the layout with one thing changed. */
function changed(change) {
  const layout = JSON.parse(source);
  change(layout);
  return () => buildModel(layout);
}

describe('plan layout', () => {
  const model = buildModel(JSON.parse(source));

  it('has the sizes that C asserts', () => {
    const sizes = Object.fromEntries(model.sections.map(({ name, record }) => [name, record?.size]));
    expect(model.planHeader.size).toBe(376);
    expect(sizes).toMatchObject({ filter: 8, mounts: 40, job_mounts: 16, rlimits: 24, strings: undefined });
    expect(model.messages.find(({ name }) => name === 'job_end').struct.size).toBe(272);
  });

  it('has every message type exactly once', () => {
    expect(model.messages.map(({ value }) => value)).toEqual(model.messages.map((_, i) => i + 1));
  });

  it('refuses implicit padding, before a field and at the end', () => {
    expect(changed(({ plan }) => plan.records.mounts.splice(0, 1))).toThrow(
      'plan_mount.size: needs 4 byte(s) of explicit padding before it',
    );
    expect(changed(({ plan }) => plan.records.rlimits.push({ name: 'more', type: 'u32' }))).toThrow(
      'plan_rlimit: needs 4 byte(s) of explicit padding at its end',
    );
    expect(changed(({ messages }) => messages.log.pop())).toThrow('message_log: needs 4 byte(s)');
  });

  it('refuses names that are not there', () => {
    expect(changed(({ plan }) => Object.assign(plan.header[0], { type: 'u65' }))).toThrow('unknown type "u65"');
    expect(changed(({ enums }) => delete enums.stream)).toThrow('unknown enum "stream"');
    expect(changed(({ plan }) => delete plan.bounds.argv)).toThrow('section argv has no bound');
    expect(changed(({ plan }) => plan.sections.pop())).toThrow('section table does not have 9 entries');
  });

  it('refuses an enum with a hole, which the range check of the validators would let through', () => {
    expect(changed(({ enums }) => Object.assign(enums.mode, { audit: 3 }))).toThrow('enum mode is not contiguous at 3');
  });

  it('gives another fingerprint to another layout, the same to another comment', () => {
    expect(changed((layout) => Object.assign(layout, { comment: [] }))().fingerprint).toBe(model.fingerprint);
    expect(changed(({ plan }) => Object.assign(plan.header[5], { name: 'x' }))().fingerprint).not.toBe(
      model.fingerprint,
    );
  });
});
