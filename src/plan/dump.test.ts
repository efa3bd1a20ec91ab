import { expect, it } from 'vitest';
import { samplePlan } from '../../test/plan/sample-plan.js';
import { dumpPlan } from './dump.js';
import { encodePlan } from './encode.js';

it('prints every field in the order of the layout', async () => {
  await expect(dumpPlan(encodePlan(samplePlan))).toMatchFileSnapshot('../../test/golden/plan/sample.dump.txt');
});

it('refuses to print what is not a plan', () => {
  expect(() => dumpPlan(new Uint8Array(400))).toThrow('plan header magic: magic');
});
