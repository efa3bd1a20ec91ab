import { expect, test } from 'vitest';

import { stageError, stageFailure, stageText } from './stage.js';

test('the stage none is no failure', () => {
  expect(stageFailure('none', 0, 0, '')).toBeNull();
});

test.each([
  ['mount', 3, 1, '/usr', 'mount[3] /usr: EPERM'],
  ['pivot', 0, 16, '', 'pivot: EBUSY'],
  ['preload', 0, 0, "No module named 'pandas'", "preload No module named 'pandas'"],
  ['fork', 0, 4000, '', 'fork: errno 4000'],
] as const)('%s %d %d %s', (stage, index, errno, detail, text) => {
  const failure = stageFailure(stage, index, errno, detail);
  expect(failure && stageText(failure)).toBe(text);
});

test.each([
  ['plan', 'LW_PLAN_INVALID'],
  ['limits', 'LW_SANDBOX_LIMIT_UNAVAILABLE'],
  ['preload', 'LW_RUNTIME_INVALID'],
  ['landlock', 'LW_SANDBOX_ERROR'],
] as const)('a failure in %s is %s', (stage, code) => {
  expect(stageError('pool', { stage, index: 0, errnoName: 'EPERM', detail: '' }).code).toBe(code);
});
