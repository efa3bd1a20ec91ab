/** Texts that patterns and comparisons could take long for: each is answered, and what is asked after it too. */
import { refusal } from './daemon-probe.js';
import { EXECUTE } from './messages.js';
import { fileProbe, HEAD } from './policy-files.js';

/** Long enough that what takes its square does not end in time. */
const LONG = 240_000;
const REQUEST_LONG = 4_000_000;
const PROTO = /^LW_(PROTO_(BAD_FIELD|UNKNOWN_FIELD|UNKNOWN_TYPE)|REQUEST_UNKNOWN_POLICY)$/;

const names = (character: string): string => `${character.repeat(REQUEST_LONG)}!`;
const file = (line: string, words: string) => ({ text: `${HEAD}${line}\n`, words });

const FILES = {
  'placeholders that do not end': file(`mounts: [{source: "/${'${'.repeat(LONG / 2)}", target: /x}]`, 'LW-P014'),
  'one dollar after the other': file(`mounts: [{source: "/${'$'.repeat(LONG)}{", target: /x}]`, 'LW-P'),
  'an allowed path of placeholders': file(`requestMounts: {allowedPaths: ["/${'${a'.repeat(LONG / 3)}"]}`, 'LW-P014'),
  'a path of many parts': file(`landlock: {read: ["${'/a'.repeat(LONG / 2)}/.."]}`, 'LW-P'),
  'constants without end': file(
    `syscalls: {restrict: {ioctl: {request: {oneOf: ["${'A|'.repeat(LONG / 2)}!"]}}}}`,
    'LW-P',
  ),
  'blanks between constants': file(
    `syscalls: {restrict: {ioctl: {request: {oneOf: ["A${' '.repeat(LONG)}!"]}}}}`,
    'LW-P',
  ),
  'a size of many digits': file(`limits: {memory: "${'1'.repeat(LONG)}!"}`, 'LW-P016'),
  'an unknown key': file(`${'k'.repeat(1000)}: 1`, 'LW-P010'),
  'many unknown keys': file(Array.from({ length: 5_000 }, (_, n) => `k${n}: 1`).join('\n'), 'LW-P010'),
  'a name of hyphens': file(`hostname: "${'a-'.repeat(LONG / 2)}"`, 'LW-P014'),
};

export const probe = fileProbe(FILES, {
  'a policy’s name': (target) => refusal(target, { ...EXECUTE, policy: names('a') }, PROTO),
  'a field’s name': (target) => refusal(target, { ...EXECUTE, [names('a')]: 1 }, PROTO),
  'a type': (target) => refusal(target, { ...EXECUTE, [names('t')]: 1, type: names('E') }, PROTO),
  'a variable’s name': (target) => refusal(target, { ...EXECUTE, env: { [names('A')]: 'x' }, [names('b')]: 1 }, PROTO),
});
