/**
 * Reads text and JSON files that people edit, on Windows too: a byte order mark and line endings aren't
 * content. Each error is one line that begins with the file's name.
 */
import { readFileSync } from 'node:fs';
import { quote } from './escape-control-characters.ts';
import { JsonSyntaxError, type LocatedJson, parseLocatedJson } from './located-json.ts';

/**
 * @returns the text, with `\n` as its line endings
 * @throws {Error} with a cause when the file can't be read; without one when it isn't UTF-8
 */
export function readTextFile(file: string | URL): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`${file} can't be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw new Error(`${file} is not UTF-8 text; save it as UTF-8`);
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
  const { value, elementLines } = readJsonFile(file, expected);
  if (!Array.isArray(value)) throw new Error(`${file} is not ${expected}`);
  return { elements: value as unknown[], elementLines };
}
