import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceptionOf } from './claims.js';
import { fitStreams, OutputBuffer, streamText } from './output.js';

describe('OutputBuffer', () => {
  it('keeps the first bytes and says when there were more', () => {
    const buffer = new OutputBuffer(5);
    for (const text of ['abc', 'de']) buffer.append(Buffer.from(text));
    expect([buffer.bytes().toString(), buffer.cut]).toEqual(['abcde', false]);
    buffer.append(Buffer.from('f'));
    expect([buffer.bytes().toString(), buffer.cut]).toEqual(['abcde', true]);
  });

  it('is not changed when the message that it was given is reused', () => {
    const buffer = new OutputBuffer(10);
    const message = Buffer.from('abc');
    buffer.append(message);
    message.fill(0);
    expect(buffer.bytes().toString()).toBe('abc');
  });
});

describe('streamText', () => {
  it('gives text as text and anything else unchanged, flagged', () => {
    expect(streamText(Buffer.from('olá'), false)).toEqual({ content: 'olá', binary: false, truncated: false });
    const bytes = Buffer.from([0x61, 0xff]);
    expect(streamText(bytes, false)).toEqual({ content: bytes, binary: true, truncated: false });
    const halfCharacter = Buffer.from('olá').subarray(0, 3);
    expect(streamText(halfCharacter, false)).toMatchObject({ binary: true });
  });

  it('leaves out only the character that a cut went through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, at) => {
        const bytes = Buffer.from(text);
        const cut = bytes.subarray(0, at % (bytes.length + 1));
        const { content, binary } = streamText(cut, true);
        expect(binary).toBe(false);
        expect(text.startsWith(String(content))).toBe(true);
        expect(cut.length - Buffer.byteLength(String(content))).toBeLessThan(4);
      }),
    );
  });
});

describe('fitStreams', () => {
  it.each([
    [10, 10, 20, 10, 10],
    [100, 2, 20, 18, 2],
    [100, 100, 20, 15, 5],
    [2, 100, 20, 2, 18],
    [0, 100, 20, 0, 20],
  ])('%i and %i bytes in %i: %i and %i', (stdout, stderr, room, keptOut, keptErr) => {
    expect(fitStreams(Buffer.alloc(stdout), Buffer.alloc(stderr), room).map(({ length }) => length)).toEqual([
      keptOut,
      keptErr,
    ]);
  });
});

describe('exceptionOf', () => {
  it('reads the three strings, and what is left of them when they were cut', () => {
    expect(exceptionOf(Buffer.from('ValueError\0bad é\0Traceback...\n\0'))).toEqual({
      name: 'ValueError',
      value: 'bad é',
      traceback: 'Traceback...\n',
      lossy: false,
    });
    expect(exceptionOf(Buffer.from('ValueError\0cut'))).toEqual({
      name: 'ValueError',
      value: 'cut',
      traceback: '',
      lossy: false,
    });
    expect(exceptionOf(Buffer.alloc(0))).toBeNull();
    expect(exceptionOf(Buffer.from('\0\0\0'))).toBeNull();
  });

  it.each<[string, Buffer, boolean, boolean]>([
    ['valid', Buffer.from('E\0é \ufffd\0t\0'), false, false],
    ['not UTF-8', Buffer.from('E\0\xff\0t\0', 'latin1'), false, true],
    ['cut on its way', Buffer.from('E\0v'), true, true],
    ['too long', Buffer.from(`E\0${'x'.repeat((1 << 16) + 1)}\0`), false, true],
  ])('says whether the text is all that was written: %s', (_name, claims, cut, lossy) => {
    expect(exceptionOf(claims, cut)?.lossy).toBe(lossy);
  });

  it('makes text of anything a job writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const exception = exceptionOf(Buffer.from(bytes));
        if (exception === null) return;
        const { lossy, ...texts } = exception;
        expect(Object.values(texts).every((text) => typeof text === 'string')).toBe(true);
        expect(lossy || Object.values(texts).every((text) => Buffer.from(bytes).toString('utf8').includes(text))).toBe(
          true,
        );
      }),
    );
  });
});
