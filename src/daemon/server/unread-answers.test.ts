import { describe, expect, it } from 'vitest';
import { UnreadAnswers } from './unread-answers.js';

describe('UnreadAnswers', () => {
  it('ends the connection of a tenant that has most to read, once its tenant has too much, and no other', () => {
    const unread = new UnreadAnswers(100);
    const dropped: number[] = [];
    const readers = [60, 39, 10].map((unreadAnswers) => ({ unreadAnswers, drop: () => dropped.push(unreadAnswers) }));
    const [most, less, foreign] = readers;
    for (const reader of [less, most]) if (reader !== undefined) unread.add('a', reader);
    if (foreign !== undefined) unread.add('b', foreign);
    unread.makeRoom('a');
    expect(dropped).toEqual([]);
    if (less !== undefined) less.unreadAnswers = 40;
    unread.makeRoom('b');
    unread.makeRoom('a');
    unread.makeRoom('a');
    expect(dropped).toEqual([60]);
  });
});
