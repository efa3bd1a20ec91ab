/**
 * Whether the suite fails where nothing confines. Each attempt's control says so already; here a few probes of each class go
 * the whole way of `--without-sandbox`, from the job to the outcome.
 */

import { isFailure } from '../../../src/probe/verdict.js';
import { type Case, type CaseClass, isHostSide } from './case.js';
import type { ControlSource } from './control.js';
import { type ProbeResult, runSuite, type Selection } from './suite.js';
import { unconfined } from './unconfined.js';

/** As an ordinary user much is refused by file modes, without any sandbox. */
export const MOST_PRIVILEGED = ['root'] as const;

/** @returns a result for each probe of the subset: BLOCKED when it failed as it must, BROKEN when it passed */
export async function selfCheck(selection: Selection, controls: ControlSource): Promise<readonly ProbeResult[]> {
  const classes = selection.classes.map((own) => ({ ...own, cases: oneOfEachKind(own).map(anywhere) }));
  const privileged = { accounts: MOST_PRIVILEGED, usual: false, places: ['fresh'] as const };
  const loose = { ...selection, ...privileged, classes, variant: unconfined };
  const results = await runSuite(loose, () => undefined, controls);
  return results.map((result) => {
    if (result.outcome === 'SKIPPED') return result;
    const title = `without a sandbox it must fail: ${result.title}`;
    if (isFailure(result.outcome)) return { ...result, title, outcome: 'BLOCKED', attempts: [] };
    const detail = `it comes out as ${result.outcome}, so it proves nothing`;
    return { ...result, title, outcome: 'BROKEN', attempts: [{ name: 'no sandbox', outcome: 'BROKEN', detail }] };
  });
}

/** The first probe of a class that is data, that is a snippet, that is host-side. Sweeps take long and are data all the same. */
function oneOfEachKind({ cases }: CaseClass): readonly Case[] {
  const able = cases.filter(({ notYet, provenBy, sweep }) => (notYet ?? provenBy ?? sweep) === undefined);
  const kinds = [
    able.find(({ calls }) => calls !== undefined),
    able.find((probe) => probe.calls === undefined && !isHostSide(probe)),
    able.find(isHostSide),
  ];
  return kinds.filter((probe) => probe !== undefined);
}

/** Under its first policy, at a place that every run has. */
function anywhere({ policies, accounts: _accounts, ...probe }: Case): Case {
  return { ...probe, places: ['fresh'], ...(policies === undefined ? {} : { policies: policies.slice(0, 1) }) };
}
