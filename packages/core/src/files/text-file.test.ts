import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { readTextFile } from './text-file.ts';

function fileOf(content: string | Buffer): string {
  const file = join(temporaryFolder(), 'list.txt');
  writeFileSync(file, content);
  return file;
}

it.each([
  ['as it is', 'é\n\nb\n', 'é\n\nb\n'],
  ['without a byte order mark', '\ufeffa\n', 'a\n'],
  ['without the carriage returns that end its lines', 'a\r\n\r\nb\r\n', 'a\n\nb\n'],
  ['with a carriage return within a line', 'a\rb\n', 'a\rb\n'],
])('a text is read %s', (_how, content, text) => {
  expect(readTextFile(fileOf(content))).toBe(text);
});

it.each([
  ['UTF-16, as Windows PowerShell writes it', Buffer.from('\ufeffa', 'utf16le')],
  ['bytes that are not UTF-8', Buffer.from('61ff62', 'hex')],
])('a text in %s is refused with the remedy', (_what, bytes) => {
  expect(() => readTextFile(fileOf(bytes))).toThrow('is not UTF-8 text; save it as UTF-8');
});

it('a file that is missing, or is a folder, is refused with the reason', () => {
  expect(() => readTextFile(join(temporaryFolder(), 'missing'))).toThrow("can't be read (ENOENT)");
  expect(() => readTextFile(temporaryFolder())).toThrow("can't be read (EISDIR)");
});

it.skipIf(process.platform === 'win32')('a pipe is refused without waiting for its writer', () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(() => readTextFile(pipe)).toThrow("can't be read (not a regular file)");
});

it('a file of more than 1 MiB is refused', () => {
  expect(readTextFile(fileOf('a'.repeat(2 ** 20)))).toHaveLength(2 ** 20);
  expect(() => readTextFile(fileOf('a'.repeat(2 ** 20 + 1)))).toThrow("can't be read (larger than 1 MiB)");
});
