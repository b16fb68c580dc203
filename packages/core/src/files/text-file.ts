/** Reads text files that people edit, on Windows too: a byte order mark and line endings aren't content. */
import { readFileSync } from 'node:fs';

/**
 * @returns the text, its lines ended by `\n` alone
 * @throws {Error} when it can't be read or isn't UTF-8, in words that follow the file's name
 */
export function readTextFile(file: string | URL): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw new Error('is not UTF-8 text; save it as UTF-8');
  }
}
