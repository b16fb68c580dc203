/** Reads JSON files, and reports an error with the file's name, line and column. */
import { quote } from './escape-control-characters.ts';
import { JsonSyntaxError, type LocatedJson, parseLocatedJson } from './located-json.ts';
import { readTextFile } from './text-file.ts';

/**
 * @param file UTF-8, with or without a byte order mark
 * @param expected what the file should hold, in words: `a JSON array of apps`
 * @param isSecret whether messages must not quote the content
 * @throws {Error} in one line, which begins with the file's name; with a cause where the file can't be read
 *   at all
 */
export function readJsonFile(file: string, expected: string, { isSecret = false } = {}): LocatedJson {
  let text: string;
  try {
    text = readTextFile(file);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`${file} ${message}`, { cause });
  }
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
export function readJsonArray(
  file: string,
  expected: string,
): { elements: unknown[]; elementLines: readonly number[] } {
  const { value, elementLines } = readJsonFile(file, expected);
  if (!Array.isArray(value)) throw new Error(`${file} is not ${expected}`);
  return { elements: value, elementLines };
}
