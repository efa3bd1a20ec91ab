import { beforeEach, describe, expect, it } from 'vitest';
import { Screen } from './screen.js';

let written: string[];
const stream = { columns: 10, rows: 3, write: (text: string) => written.push(text) };
const RED = '\u001b[31m';
const NORMAL = '\u001b[39m';

beforeEach(() => {
  written = [];
});

describe('a screen', () => {
  it('gives the terminal back once, whatever was drawn', () => {
    const screen = new Screen(stream);
    screen.close();
    screen.close();
    expect(written).toEqual(['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l']);
  });

  it('draws a picture in one write, over the one before', () => {
    const screen = new Screen(stream);
    screen.draw(['one', 'two']);
    expect(written.slice(1)).toEqual(['\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J']);
  });

  it('is of the usual size where the terminal does not know its own', () => {
    new Screen({ ...stream, columns: 0, rows: 0 }).draw(['one']);
    expect(written[1]).toContain('one');
  });

  it('shows what fits, with colours whole', () => {
    new Screen(stream).draw([`${RED}0123456789ab${NORMAL}`, '😀'.repeat(12), 'c', 'd']);
    const picture = written[1] ?? '';
    expect(picture).toContain(`${RED}0123456789${NORMAL}\u001b[K`);
    expect(picture).toContain(`${'😀'.repeat(10)}\u001b[K`);
    expect(picture).not.toContain('d\u001b[K');
  });
});
