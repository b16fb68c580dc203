/**
 * Reads text and JSON files that people edit, on Windows too: a byte order mark and line endings aren't
 * content. Each error is one line that begins with the file's name.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { quote } from './escape-control-characters.ts';
import { JsonSyntaxError, type LocatedJson, parseLocatedJson } from './located-json.ts';

/** Bounds memory, and how long reading and parsing block all requests of a process that reads again. */
const MAX_BYTES = 2 ** 20;

/** Opening a pipe doesn't wait for its writer. Windows has no such flag. */
const READ_WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * @returns the text, with `\n` as its line endings
 * @throws {Error} with a cause when the file can't be read; without one when it isn't UTF-8
 */
export function readTextFile(file: string | URL): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw new Error(`${file} is not UTF-8 text; save it as UTF-8`);
  }
}

function readBytes(file: string | URL): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, READ_WITHOUT_WAITING);
    const status = fstatSync(descriptor);
    // A device or a pipe could block the process forever.
    if (!status.isFile() && !status.isDirectory()) throw new Error('not a regular file');
    if (status.size > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES / 2 ** 20} MiB`);
    return readFileSync(descriptor);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${file} can't be read (${code ?? message})`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * @param expected what the file should hold, in words: `a JSON array of apps`
 * @param isSecret whether messages must not quote the content
 * @throws {Error} as above, or with the line and column of a syntax error
 */
export function readJsonFile(file: string, expected: string, { isSecret = false } = {}): LocatedJson {
  const text = readTextFile(file);
  if (text.trim() === '') throw new Error(`${file} is empty; it should be ${expected}`);
  try {
    return parseLocatedJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { line, column, message, found } = error;
    const foundText = found === '' ? 'the end of the file' : quote(found);
    const reason = isSecret ? message : `${message}, found ${foundText}`;
    throw new Error(`${file}, line ${line}, column ${column}: is not JSON: expected ${reason}`);
  }
}

/** @throws {Error} as above, or when the file isn't an array */
export function readJsonArray(file: string, expected: string) {
  const { value, elementPlaces } = readJsonFile(file, expected);
  if (!Array.isArray(value)) throw new Error(`${file} is not ${expected}`);
  return { elements: value as unknown[], elementPlaces };
}
