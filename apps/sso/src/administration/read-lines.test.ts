import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

const read = (...chunks: (string | Buffer)[]) =>
  Readable.from(readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))).toArray();

test('lines are numbered, blank ones counted and skipped, with any ending or none', async () => {
  expect(await read('one\r\n\n  \t\r\ntwo\nthree')).toEqual([
    { number: 1, text: 'one\r' },
    { number: 4, text: 'two' },
    { number: 5, text: 'three' },
  ]);
  expect(await read()).toEqual([]);
  expect(await read('\n\n')).toEqual([]);
});

test('a line, and a character in it, may come in pieces', async () => {
  const bytes = Buffer.from('Zoë\nAda\n');
  expect(await read(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual([
    { number: 1, text: 'Zoë' },
    { number: 2, text: 'Ada' },
  ]);
});

test('a byte order mark is none of the text', async () => {
  expect(await read('\ufeffone\ntwo')).toEqual([
    { number: 1, text: 'one' },
    { number: 2, text: 'two' },
  ]);
});

test('lines that are too long, or are not UTF-8, are named, and those after them read', async () => {
  expect(
    await read(
      'x'.repeat(8192),
      '\n',
      'x'.repeat(5000),
      'x'.repeat(3193),
      '\nthree\n',
      Buffer.of(0xff),
      '\nfive',
    ),
  ).toEqual([
    { number: 1, text: 'x'.repeat(8192) },
    { number: 2, fault: 'is longer than 8192 bytes' },
    { number: 3, text: 'three' },
    { number: 4, fault: 'is not UTF-8' },
    { number: 5, text: 'five' },
  ]);
});

test('a line without end does not fill the memory', async () => {
  const chunk = Buffer.alloc(1_048_576, 'x');
  async function* endless() {
    for (let sent = 0; sent < 512; sent += 1) yield chunk;
  }
  const before = process.resourceUsage().maxRSS;
  const [line] = await Readable.from(readLines(endless())).toArray();
  expect(line).toEqual({ number: 1, fault: 'is longer than 8192 bytes' });
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 * 1024); // Of 512 MiB that came.
});
