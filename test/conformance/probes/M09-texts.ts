/** Texts with NUL, with bytes that are no text, and overlong ones, in each field of a request. */
import { type Attempt, daemonProbe, refusal, refusalOfBytes } from './daemon-probe.js';
import { EXECUTE, withBytes } from './messages.js';

/** A request that has `text` in one of its fields. */
const FIELDS: Readonly<Record<string, (text: string) => object>> = {
  type: (text) => ({ type: text }),
  policy: (text) => ({ policy: text }),
  job_id: (text) => ({ job_id: text }),
  'a parameter': (text) => ({ params: { region: text } }),
  'the name of a parameter': (text) => ({ params: { [text]: 'x' } }),
  'an argument': (text) => ({ argv: ['x', text] }),
  'a variable': (text) => ({ env: { APP: text } }),
  'the name of a variable': (text) => ({ env: { [text]: 'x' } }),
  'a source': (text) => ({ mounts: [{ host: `/data/${text}`, sandbox: '/input' }] }),
  'a target': (text) => ({ mounts: [{ host: '/data/a', sandbox: `/input/${text}` }] }),
  'an allowed path': (text) => ({ allow_paths: [`/data/${text}`] }),
  'an unknown field': (text) => ({ [`x${text}`]: 1 }),
};

const BAD =
  /^LW_(PROTO_(BAD_FRAME|BAD_FIELD|UNKNOWN_FIELD|UNKNOWN_TYPE)|REQUEST_(UNKNOWN_POLICY|MOUNT_NOT_ALLOWED|ENVIRONMENT))$/;
const BAD_FRAME = /^LW_PROTO_BAD_FRAME$/;
/** Longer than any text but code may be. */
const LONG = 'x'.repeat(300_000);

/** Arguments and values of variables may be long: the kernel's own bounds hold for them. */
const MAY_BE_LONG = ['an argument', 'a variable'];

const attempts = Object.entries(FIELDS).flatMap(([name, fields]): [string, Attempt][] => {
  const message = (text: string) => ({ ...EXECUTE, ...fields(text) });
  const long: [string, Attempt] = [`${name}: overlong`, (target) => refusal(target, message(LONG), BAD)];
  return [
    [`${name}: NUL`, (target) => refusal(target, message('a\0b'), BAD)],
    [
      `${name}: bytes that are no text`,
      (target) => refusalOfBytes(target, withBytes(message('abXYcd'), 'XY', Buffer.from([0xc3, 0x28])), BAD_FRAME),
    ],
    ...(MAY_BE_LONG.includes(name) ? [] : [long]),
  ];
});

export const probe = daemonProbe(Object.fromEntries(attempts));
