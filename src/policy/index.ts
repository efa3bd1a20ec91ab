/** The policy compiler: pure, from text to plan. `types.ts` has the values that its functions take and give. */
export { evaluateCall } from './check/evaluate.js';
export { runSimulatedTests, type TestRun } from './check/simulated-tests.js';
export { compilePolicy } from './compile/compile.js';
export { COMPILER_VERSION } from './compile/digest.js';
export { type PolicyFile, parsePolicy, parseRuntime } from './document/parse.js';
export { fillTemplate, isPlaceholderValue, placeholdersOf } from './document/paths.js';
export { durationText, parseDuration, parseSize, sizeText } from './document/units.js';
export { lintPolicy } from './lint.js';
export { LINT_CATALOG, type LintCode } from './lint-catalog.gen.js';
export { type Proof, provePlan } from './prove/prove.js';
export { renderBpf } from './render/bpf.js';
export { renderPlan } from './render/plan.js';
export { BASE, builtinPath, builtinReferences } from './resolve/builtins.js';
export { isForbiddenInRequests, matchesName } from './resolve/environment.js';
export { resolvePolicy } from './resolve/resolve.js';
export type * from './types.js';
