/** What YAML can say, and no policy needs: bombs, depths, tags, several documents, hidden characters, sizes. */
import { fileProbe, HEAD } from './policy-files.js';

const SIZE = 250_000;
const filled = (text: string): string => text.repeat(Math.floor(SIZE / text.length));
const described = (text: string): string => `${HEAD}description: ${text}\n`;

/** Nine of the one before, twenty times. */
const aliases = Array.from(
  { length: 20 },
  (_, n) => `a${n}: &a${n} [${Array(9).fill(n === 0 ? 'x' : `*a${n - 1}`)}]\n`,
);
const merges = Array.from({ length: 20 }, (_, n) => {
  return n === 0 ? 'a0: &a0 {x0: 1}\n' : `a${n}: &a${n}\n  <<: [${Array(9).fill(`*a${n - 1}`)}]\n  x${n}: 1\n`;
});

const FILES: Readonly<Record<string, readonly [text: string, words: string]>> = {
  'a bomb of aliases': [`${HEAD}${aliases.join('')}`, 'LW-P005'],
  'a bomb of merges': [`${HEAD}${merges.join('')}`, 'LW-P004'],
  'an alias to what surrounds it': [`${HEAD}tests: &t [*t]\n`, 'LW-P003'],
  'twenty thousand lists in lists': [described('['.repeat(20_000) + ']'.repeat(20_000)), 'LW-P003'],
  'maps in maps without end': [filled('{a: '), 'LW-P003'],
  'lists by lines without end': [filled('- '), 'LW-P003'],
  'nothing but brackets that close': [filled(']'), 'LW-P003'],
  'nothing but commas': [`[${filled(',')}]`, 'LW-P'],
  'nothing but ends of lines': [`${HEAD}${filled('\n')}`, 'LW-P003'],
  'nothing but comments': [`${HEAD}${filled('#\n')}`, 'LW-P003'],
  'nothing but quotes': [filled('"'), 'LW-P003'],
  'anchors of one value': [`${filled('&a ')}x`, 'LW-P003'],
  'one key again and again': [filled('a:\n'), 'LW-P003'],
  'a text that does not end': [described(`"${filled('x')}`), 'LW-P001'],
  'ten megabytes': [`${HEAD}# ${'x'.repeat(10 << 20)}\n`, 'is larger than'],
  'half a megabyte': [`${HEAD}# ${'x'.repeat(1 << 19)}\n`, 'LW-P003'],
  'a function of JavaScript': [described('!!js/function "function () { return 1 }"'), 'LW-P004'],
  'an object of Python': [described('!!python/object/apply:os.getpid []'), 'LW-P004'],
  'a tag of the core': [described('!!str x'), 'LW-P004'],
  'a tag of a key': [`${HEAD}!!str description: x\n`, 'LW-P004'],
  'a directive': [`%YAML 1.1\n---\n${HEAD}`, 'LW-P004'],
  'a second document': [`${HEAD}---\n${HEAD}`, 'LW-P004'],
  'an empty second document': [`${HEAD}---\n`, 'LW-P004'],
  'nothing at all': ['', 'LW-P012'],
  'a comment alone': ['# nothing\n', 'LW-P012'],
  'a list': ['- a\n', 'LW-P012'],
  'a key twice': [`${HEAD}extends: [python]\n`, 'LW-P002'],
  'a key twice in two spellings': [`${HEAD}"n\\x61me": x\n`, 'LW-P002'],
  'a key that is a list': [`${HEAD}? [a]\n: b\n`, 'LW-P001'],
  'keys of prototypes': [`${HEAD}__proto__: {limits: {pids: 9}}\nconstructor: {}\n`, 'LW-P010'],
  'a tab as indentation': [`${HEAD}limits:\n\tpids: 3\n`, 'LW-P001'],
  'returns without line feeds': [HEAD.replaceAll('\n', '\r'), 'LW-P001'],
  'a mark of byte order amid the text': [`${HEAD}\ufeffdescription: x\n`, 'LW-P007'],
  'NUL in a comment': [`${HEAD}# a\0b\n`, 'LW-P007'],
  'NUL in a description': [described('a\0b'), 'LW-P007'],
  'NUL by an escape': [described('"a\\0b"'), 'LW-P007'],
  'NUL in a variable': [`${HEAD}environment: {A: "a\\0b"}\n`, 'LW-P007'],
  'an escape sequence of terminals': [described('a\u001b[2Jb'), 'LW-P007'],
  'an escape sequence by an escape': [described('"a\\e[2Jb"'), 'LW-P007'],
  'text that is written backwards': [described('a\u202eb'), 'LW-P007'],
};

export const probe = fileProbe(
  Object.fromEntries(Object.entries(FILES).map(([name, [text, words]]) => [name, { text, words }])),
);
