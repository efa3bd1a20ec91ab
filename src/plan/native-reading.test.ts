import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { arbitraryDamage, damaged } from '../../test/plan/arbitrary-damage.js';
import { arbitraryFilter, arbitraryInput } from '../../test/plan/arbitrary-filter.js';
import { arbitraryMessage } from '../../test/plan/arbitrary-message.js';
import { arbitraryPlan } from '../../test/plan/arbitrary-plan.js';
import { BROKEN_PLANS, brokenPlan } from '../../test/plan/broken-plans.js';
import { buildPlanTool, runPlanTool, splitItems } from '../../test/plan/native-tool.js';
import { boundaryCalls } from '../../test/policy/boundary-calls.js';
import { hasLibseccomp, LibseccompOracle } from '../../test/policy/libseccomp-oracle.js';
import { compileShipped, WITH_OWN_FILTER } from '../../test/policy/shipped.js';
import { kernelTable } from '../kernel/table.js';
import { ARCHES } from '../kernel/types.js';
import { checkFilter } from './bpf/check.js';
import { BPF } from './bpf/opcodes.js';
import { type SeccompInput, simulate } from './bpf/simulate.js';
import { validatePlan } from './decode.js';
import { dumpPlan } from './dump.js';
import { encodePlan } from './encode.js';
import { encodeMessage, validateMessage } from './messages.js';
import type { BpfInstruction } from './plan.js';
import { writePlan } from './plan-writer.js';
import { refusalText } from './refusal.js';

// Both languages read the same bytes; what either sees, the other must see. One spawn a batch.
beforeAll(buildPlanTool, 120_000);

describe('plans', { timeout: 60_000 }, () => {
  it('have the same dump in both languages', () => {
    fc.assert(
      fc.property(fc.array(arbitraryPlan, { minLength: 20, maxLength: 20 }), (plans) => {
        const blobs = plans.map(encodePlan);
        expect(splitItems(runPlanTool('plans', blobs))).toEqual(blobs.map(dumpPlan));
      }),
      { numRuns: 10 },
    );
  });

  it('are refused by both for what they mean', () => {
    const blobs = BROKEN_PLANS.map(([, patch]) => writePlan(brokenPlan(patch)));
    const expected = BROKEN_PLANS.map(([text]) => `refused ${text}\n`);
    expect(blobs.map(planReading)).toEqual(expected);
    expect(splitItems(runPlanTool('plans', blobs))).toEqual(expected);
  });

  it('are refused for the same reason at the same place when damaged', () => {
    const damages = fc.array(fc.array(arbitraryDamage, { minLength: 1, maxLength: 3 }), {
      minLength: 100,
      maxLength: 100,
    });
    fc.assert(
      fc.property(arbitraryPlan, damages, (plan, changes) => {
        const bytes = encodePlan(plan);
        const blobs = changes.map((change) => damaged(bytes, change, 12));
        expect(splitItems(runPlanTool('plans', blobs))).toEqual(blobs.map(planReading));
      }),
      { numRuns: 40 },
    );
  });
});

function planReading(bytes: Uint8Array): string {
  const refusal = validatePlan(bytes);
  return refusal === undefined ? dumpPlan(bytes) : `refused ${refusalText(refusal)}\n`;
}

describe('messages', { timeout: 60_000 }, () => {
  it('are accepted by C as TypeScript writes them', () => {
    fc.assert(
      fc.property(fc.array(arbitraryMessage, { minLength: 100, maxLength: 100 }), (messages) => {
        const lines = runPlanTool('messages', messages.map(encodeMessage)).split('\n').slice(0, -1);
        expect(new Set(lines)).toEqual(new Set(['ok']));
      }),
      { numRuns: 5 },
    );
  });

  it('are refused for the same reason when damaged', () => {
    const item = fc.tuple(arbitraryMessage, fc.array(arbitraryDamage, { minLength: 1, maxLength: 2 }));
    fc.assert(
      fc.property(fc.array(item, { minLength: 100, maxLength: 100 }), (items) => {
        const blobs = items.map(([message, change]) => damaged(encodeMessage(message), change, 4));
        const readings = blobs.map((bytes) => {
          const reason = validateMessage(bytes);
          return reason === undefined ? 'ok' : `refused ${reason}`;
        });
        expect(runPlanTool('messages', blobs).split('\n').slice(0, -1)).toEqual(readings);
      }),
      { numRuns: 20 },
    );
  });
});

describe('filters', { timeout: 60_000 }, () => {
  it('end with the same action over the same instructions', () => {
    const item = fc.tuple(arbitraryFilter(true), fc.array(arbitraryInput, { minLength: 20, maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(item, { minLength: 20, maxLength: 20 }), (items) => {
        const outputs = splitItems(runPlanTool('filters', items.map(filterItem)));
        expect(outputs).toEqual(
          items.map(([filter, inputs]) => inputs.map((input) => runText(filter, input)).join('')),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('of shipped policies answer in both languages what the policy means', () => {
    const shipped = WITH_OWN_FILTER.flatMap((name) => ARCHES.map((arch) => compileShipped(name, arch)));
    const cases = shipped.map((compiled) => ({ filter: compiled.plan.filter, calls: boundaryCalls(compiled) }));
    const items = cases.map(({ filter, calls }) => filterItem([filter, calls.map(({ input }) => input)]));
    const outputs = splitItems(runPlanTool('filters', items));
    for (const [index, { filter, calls }] of cases.entries()) {
      const lines = (outputs[index] ?? '').split('\n').slice(0, -1);
      expect(lines).toEqual(calls.map(({ input }) => runText(filter, input).trimEnd()));
      expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(calls.map(({ ret }) => ret));
    }
  });

  it('of libseccomp, made of what shipped policies mean, end as that means', async (context) => {
    context.skip(!hasLibseccomp(), 'needs python3-seccomp');
    const oracle = new LibseccompOracle();
    for (const compiled of WITH_OWN_FILTER.flatMap((name) => ARCHES.map((arch) => compileShipped(name, arch)))) {
      const { plan, policy } = compiled;
      const table = kernelTable(plan.arch);
      // libseccomp has no answer of its own for numbers that are no call.
      const calls = boundaryCalls(compiled).filter(
        ({ input: { arch, nr } }) => arch !== table.auditArch || table.syscallByNumber(nr) !== undefined,
      );
      const { filter } = await oracle.filterOf(policy.syscalls, plan.arch);
      const [output = ''] = splitItems(runPlanTool('filters', [filterItem([filter, calls.map(({ input }) => input)])]));
      expect(output).toBe(calls.map(({ input }) => runText(filter, input)).join(''));
      const lines = output.split('\n').slice(0, -1);
      expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(calls.map(({ ret }) => ret));
    }
    oracle.close();
  });

  it('are refused at the same instruction when broken', () => {
    const code = fc.oneof(fc.constantFrom(...Object.values(BPF)), fc.nat(0xffff));
    const k = fc.oneof(fc.nat(70), fc.nat(0xffff_ffff));
    const broken = fc.record({ at: fc.nat(59), code, jt: fc.nat(6), jf: fc.nat(255), k });
    fc.assert(
      fc.property(fc.array(fc.tuple(arbitraryFilter(true), broken), { minLength: 100, maxLength: 100 }), (items) => {
        const filters = items.map(([filter, { at, ...instruction }]) => filter.with(at % filter.length, instruction));
        const outputs = splitItems(
          runPlanTool(
            'filters',
            filters.map((filter) => filterItem([filter, []])),
          ),
        );
        expect(outputs).toEqual(filters.map(checkText));
      }),
      { numRuns: 20 },
    );
  });
});

function checkText(filter: readonly BpfInstruction[]): string {
  const refusal = checkFilter(filter, true);
  return refusal === undefined ? '' : `refused ${refusal.index} ${refusal.reason}\n`;
}

function runText(filter: readonly BpfInstruction[], input: SeccompInput): string {
  const { action, trace, cacheable } = simulate(filter, input);
  return `0x${action.toString(16)} ${trace.length} ${Number(cacheable)} ${trace.join(',')}\n`;
}

/** An item of `lw-plan-tool filters`. */
function filterItem([filter, inputs]: readonly [readonly BpfInstruction[], readonly Required<SeccompInput>[]]): Buffer {
  const bytes = Buffer.alloc(4 + 8 * filter.length + 64 * inputs.length);
  let at = bytes.writeUInt32LE(filter.length);
  for (const { code, jt, jf, k } of filter) {
    at = bytes.writeUInt32LE(k, bytes.writeUInt8(jf, bytes.writeUInt8(jt, bytes.writeUInt16LE(code, at))));
  }
  for (const { nr, arch, instructionPointer, args } of inputs) {
    at = bytes.writeUInt32LE(arch, bytes.writeUInt32LE(nr, at));
    for (const value of [instructionPointer, ...args]) at = bytes.writeBigUInt64LE(value, at);
  }
  return bytes;
}
