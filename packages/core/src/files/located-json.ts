/**
 * Parses I-JSON (RFC 7493) and reports the first error with its line and column. JSON.parse alone gives no
 * line, and takes the last of duplicate names silently.
 */
import { type JSONPath, type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';

/** The first error in a text: where it is, and what was expected there. */
export class JsonSyntaxError extends Error {
  readonly line: number;
  readonly column: number;
  /** The character at that place. Empty at the end of the text. */
  readonly found: string;

  constructor(text: string, offset: number, expected: string) {
    super(expected);
    this.name = 'JsonSyntaxError';
    this.line = lineAt(text, offset);
    this.column = offset - text.slice(0, offset).lastIndexOf('\n');
    this.found = [...text.slice(offset, offset + 2)][0] ?? '';
  }
}

export interface LocatedJson {
  value: unknown;
  /** Where each element of an array begins. Lines and columns count from 1. Empty for any other value. */
  elementPlaces: readonly { line: number; column: number }[];
}

/** Deeper than any of our files and requests. Without a limit, hostile input would overflow the stack. */
const MAX_DEPTH = 32;

const EXPECTED: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'punctuation, a string in double quotes, a number, true, false or null',
  ValueExpected: 'a value',
  PropertyNameExpected: 'a name in double quotes',
  ColonExpected: 'a colon',
  CommaExpected: 'a comma',
  CloseBraceExpected: '}',
  CloseBracketExpected: ']',
  EndOfFileExpected: 'nothing more',
  InvalidCommentToken: 'JSON without comments',
  UnexpectedEndOfString: 'a string that ends with double quotes on the same line',
  UnexpectedEndOfNumber: 'a number with digits after its point or exponent',
  InvalidUnicode: String.raw`a string with four hexadecimal digits after each \u`,
  InvalidEscapeCharacter: String.raw`a string with valid escapes, such as \\ for a backslash`,
  InvalidCharacter: 'a string without control characters',
};

/** @throws {JsonSyntaxError} */
export function parseLocatedJson(text: string): LocatedJson {
  const elementPlaces: { line: number; column: number }[] = [];
  const names = new Set<string>();
  // The visitor counts from 0. Counting lines anew for each element would take quadratic time.
  const startValue = (line: number, column: number, path: JSONPath) => {
    const isElement = path.length === 1 && typeof path[0] === 'number';
    if (isElement) elementPlaces.push({ line: line + 1, column: column + 1 });
  };
  const startNested: JSONVisitor['onObjectBegin'] = (offset, _length, line, column, path) => {
    if (path().length === MAX_DEPTH) throw new JsonSyntaxError(text, offset, `at most ${MAX_DEPTH} levels`);
    startValue(line, column, path());
  };
  visit(
    text,
    {
      onArrayBegin: startNested,
      onObjectBegin: startNested,
      onLiteralValue: (value: unknown, offset, _length, line, column, path) => {
        requireWellFormed(text, offset, value);
        startValue(line, column, path());
      },
      onObjectProperty: (name, offset, _length, _line, _column, path) => {
        requireWellFormed(text, offset, name);
        if (name === '__proto__') throw new JsonSyntaxError(text, offset, 'a name other than __proto__');
        const place = JSON.stringify([...path(), name]);
        if (names.has(place)) throw new JsonSyntaxError(text, offset, "a name that isn't in this object yet");
        names.add(place);
      },
      onError: (code, offset) => {
        const expected = EXPECTED[printParseErrorCode(code)] ?? 'JSON';
        const isAfterComma = text.slice(0, offset).trimEnd().endsWith(',');
        const isTrailingComma = isAfterComma && ']}'.includes(text.charAt(offset));
        throw new JsonSyntaxError(text, offset, `${expected}${isTrailingComma ? ' after the comma' : ''}`);
      },
    },
    { disallowComments: true },
  );
  // It can't fail after the checks above. Its own error would quote the text, which may hold a private key.
  return { value: JSON.parse(text), elementPlaces };
}

function requireWellFormed(text: string, offset: number, value: unknown): void {
  if (typeof value !== 'string' || value.isWellFormed()) return;
  throw new JsonSyntaxError(text, offset, 'a string without lone surrogates');
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
