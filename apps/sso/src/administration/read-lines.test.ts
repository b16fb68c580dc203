import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readLines } from './read-lines.ts';

const read = (...chunks: (string | Buffer)[]) =>
  Readable.from(readLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))).toArray();

test('readLines numbers lines, skips blank ones but counts them, and accepts any line ending', async () => {
  expect(await read('one\r\n\n  \t\r\ntwo\nthree')).toEqual([
    { number: 1, text: 'one\r' },
    { number: 4, text: 'two' },
    { number: 5, text: 'three' },
  ]);
  expect(await read()).toEqual([]);
  expect(await read('\n\n')).toEqual([]);
});

test('readLines joins lines and characters that are split between chunks', async () => {
  const bytes = Buffer.from('Zoë\nAda\n');
  expect(await read(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual([
    { number: 1, text: 'Zoë' },
    { number: 2, text: 'Ada' },
  ]);
});

test('readLines drops a byte order mark', async () => {
  expect(await read('\ufeffone\ntwo')).toEqual([
    { number: 1, text: 'one' },
    { number: 2, text: 'two' },
  ]);
});

test('readLines reports lines that are too long or not UTF-8, and goes on reading', async () => {
  expect(
    await read(
      'x'.repeat(65_536),
      '\n',
      'x'.repeat(40_000),
      'x'.repeat(25_537),
      '\nthree\n',
      Buffer.of(0xff),
      '\nfive',
    ),
  ).toEqual([
    { number: 1, text: 'x'.repeat(65_536) },
    { number: 2, error: 'longer than 65536 bytes' },
    { number: 3, text: 'three' },
    { number: 4, error: 'not UTF-8' },
    { number: 5, text: 'five' },
  ]);
});

test('readLines reads a line of 512 MiB in bounded memory', async () => {
  const chunk = Buffer.alloc(1_048_576, 'x');
  async function* endless() {
    for (let sent = 0; sent < 512; sent += 1) yield chunk;
  }
  const before = process.resourceUsage().maxRSS;
  const [line] = await Readable.from(readLines(endless())).toArray();
  expect(line).toEqual({ number: 1, error: 'longer than 65536 bytes' });
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 * 1024); // Of 512 MiB that came.
});
