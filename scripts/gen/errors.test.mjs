import { expect, it } from 'vitest';
import { checkCatalog } from './errors.mjs';

const groups = [{ prefix: 'LW_JOB_', from: 900, to: 999, title: 'Jobs' }];
const retired = [{ code: 'LW_JOB_OLD', number: 950 }];
const check = (...errors) => checkCatalog({ groups, retired, errors });

it('accepts codes of their group with numbers of their own', () => {
  expect(() => check({ code: 'LW_JOB_LOST', number: 907 }, { code: 'LW_JOB_DENIED', number: 905 })).not.toThrow();
});

it('refuses what is retired', () => {
  expect(() => check({ code: 'LW_JOB_OLD', number: 951 })).toThrow('LW_JOB_OLD stands twice');
  expect(() => check({ code: 'LW_JOB_NEW', number: 950 })).toThrow('number 950 stands twice');
});

it('refuses a code or number that stands twice, and a number of another group', () => {
  const lost = { code: 'LW_JOB_LOST', number: 907 };
  expect(() => check(lost, { code: 'LW_JOB_LOST', number: 908 })).toThrow('LW_JOB_LOST stands twice');
  expect(() => check(lost, { code: 'LW_JOB_DENIED', number: 907 })).toThrow('number 907 stands twice');
  expect(() => check({ code: 'LW_JOB_LOST', number: 807 })).toThrow('LW_JOB_LOST has number 807');
  expect(() => check({ code: 'LW_PROTO_VERSION', number: 907 })).toThrow('which belongs to LW_JOB_');
});
