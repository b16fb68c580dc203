import { describe, expect, it } from 'vitest';
import { JsonSyntaxError, parseLocatedJson } from './located-json.ts';

function errorOf(text: string): JsonSyntaxError {
  try {
    parseLocatedJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const SYMBOL = 'punctuation, a string in double quotes, a number, true, false or null';

describe('located JSON', () => {
  it.each([
    '{}',
    ' [ ] ',
    '"text"',
    '-0.5e+10',
    '[0, 1.0, 1E5, -1, true, false, null]',
    '{"a": {"b": [{"c": []}, {}]}, "": ""}',
    String.raw`["\"\\\/\b\f\n\r\t\u00e9 \ud83d\ude00", "é"]`,
    '[{"a": 1}, {"a": {"a": [{"a": 2}]}}, {"0": {"a": 3}}]',
    '{"a": {"0": {"b": 1}}, "a,0": {"b": 2}, "0": [{"b": 3}]}',
    '\t\r\n{"constructor": 1, "toString": 2}\n',
  ])('is parsed as by JSON.parse: %s', (text) => {
    expect(parseLocatedJson(text).value).toEqual(JSON.parse(text));
  });

  it('has the line and column at which each element of an array begins', () => {
    expect(parseLocatedJson('[\n{"a":\n[1,\n2]},\n\n  3, [4]]').elementPlaces).toEqual([
      { line: 2, column: 1 },
      { line: 6, column: 3 },
      { line: 6, column: 6 },
    ]);
    expect(parseLocatedJson('{"a":\n[1]}').elementPlaces).toEqual([]);
  });

  it('takes time in proportion to the text, however many lines it has [T-BODY-04]', () => {
    // With quadratic time this would take longer than a test may.
    const count = 200_000;
    expect(parseLocatedJson(`[${'1,\n'.repeat(count)}1]`).elementPlaces.at(-1)?.line).toBe(count + 1);
  });

  it.each([
    ['', 1, 1, 'a value', ''],
    ['[1,\n]', 2, 1, 'a value after the comma', ']'],
    ['[1,', 1, 4, 'a value after the comma', ''],
    ['[1,,2]', 1, 4, 'a value', ','],
    ['[1\n 2]', 2, 2, 'a comma', '2'],
    ['[1', 1, 3, ']', ''],
    ['{"a":1', 1, 7, '}', ''],
    ['{"a" 1}', 1, 6, 'a colon', '1'],
    ['{"a":}', 1, 6, 'a value', '}'],
    ['{"a":1,}', 1, 8, 'a name in double quotes after the comma', '}'],
    ['{1:2}', 1, 2, 'a name in double quotes', '1'],
    ["{'a':1}", 1, 2, SYMBOL, "'"],
    ['[] x', 1, 4, SYMBOL, 'x'],
    ['[]]', 1, 3, 'nothing more', ']'],
    ['[\n// apps\n]', 2, 1, 'JSON without comments', '/'],
    ['[\n/* apps\n]', 2, 1, 'JSON without comments', '/'],
    ['["a\nb"]', 1, 2, 'a string that ends with double quotes on the same line', '"'],
    ['["C:\\apps"]', 1, 2, 'a string with valid escapes, such as \\\\ for a backslash', '"'],
    ['["\\u12"]', 1, 2, 'a string with four hexadecimal digits after each \\u', '"'],
    ['["\t"]', 1, 2, 'a string without control characters', '"'],
    ['[1.]', 1, 2, 'a number with digits after its point or exponent', '1'],
    ['[NaN]', 1, 2, SYMBOL, 'N'],
    ['\ufeff[]', 1, 1, SYMBOL, '\ufeff'],
    ['[😀]', 1, 2, SYMBOL, '😀'],
    ['{"a":1,\n "a":2}', 2, 2, "a name that isn't in this object yet", '"'],
    [String.raw`{"a":1,"\u0061":2}`, 1, 8, "a name that isn't in this object yet", '"'],
    ['{"__proto__":1}', 1, 2, 'a name other than __proto__', '"'],
  ])(
    'is refused with the place of the error and what was expected: %j',
    (text, line, column, expected, found) => {
      const error = errorOf(text);
      expect(error).toMatchObject({ line, column, found, message: expected });
    },
  );

  it('is refused if it is nested so deeply that parsing could overflow the stack', () => {
    expect(errorOf('['.repeat(1_000_000)).message).toBe('at most 32 levels');
    expect(errorOf('{"a":'.repeat(1_000_000)).message).toBe('at most 32 levels');
    const deepest = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseLocatedJson(deepest(32)).value).toEqual(JSON.parse(deepest(32)));
    expect(errorOf(deepest(33))).toMatchObject({ message: 'at most 32 levels', column: 33 });
  });

  it('is refused exactly when JSON.parse refuses it, for any changed character', () => {
    const text = '[{"a": [1.5e-3, true, null, "\\u00e9\\n"]}, -0, ""]';
    const characters = [
      '',
      ' ',
      '"',
      '\\',
      ',',
      ':',
      '[',
      ']',
      '{',
      '}',
      '-',
      '.',
      '0',
      '7',
      'e',
      't',
      'x',
      '\n',
    ];
    for (let index = 0; index <= text.length; index += 1) {
      for (const character of characters) {
        for (const length of [0, 1]) {
          const changed = text.slice(0, index) + character + text.slice(index + length);
          expect(
            outcomeOf(() => parseLocatedJson(changed).value, JsonSyntaxError),
            changed,
          ).toEqual(outcomeOf(() => JSON.parse(changed), SyntaxError));
        }
      }
    }
  });
});

function outcomeOf(read: () => unknown, refusal: typeof JsonSyntaxError | typeof SyntaxError): unknown {
  try {
    return { value: read() };
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
    return 'refused';
  }
}
