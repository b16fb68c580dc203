import { describe, expect, it } from 'vitest';
import { JsonFault, parseLocatedJson } from './located-json.ts';

function faultOf(text: string): JsonFault {
  try {
    parseLocatedJson(text);
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('JSON with places', () => {
  it.each([
    '{}',
    ' [ ] ',
    '"text"',
    '-0.5e+10',
    '[0, 1.0, 1E5, -1, true, false, null]',
    '{"a": {"b": [{"c": []}, {}]}, "": ""}',
    String.raw`["\"\\\/\b\f\n\r\t\u00e9 \ud83d\ude00", "é"]`,
    '\t\r\n{"constructor": 1, "toString": 2}\n',
  ])('is read as by JSON.parse: %s', (text) => {
    expect(parseLocatedJson(text).value).toEqual(JSON.parse(text));
  });

  it('tells in which line each element of an array begins', () => {
    expect(parseLocatedJson('[\n{"a":\n[1,\n2]},\n\n  3, 4]').elementLines).toEqual([2, 6, 6]);
    expect(parseLocatedJson('{"a":\n[1]}').elementLines).toEqual([]);
  });

  it.each([
    ['', 1, 1, 'a JSON value', ''],
    ['[1,\n]', 2, 1, 'another value after the comma', ']'],
    ['[1\n 2]', 2, 2, 'a comma or ]', '2'],
    ['[1', 1, 3, 'a comma or ]', ''],
    ['{"a" 1}', 1, 6, 'a colon', '1'],
    ['{"a":}', 1, 6, 'a value after the colon', '}'],
    ['{"a":1,}', 1, 8, 'another name after the comma', '}'],
    ["{'a':1}", 1, 2, 'a name in double quotes or }', "'"],
    ['[] x', 1, 4, 'nothing more', 'x'],
    ['[\n// apps\n]', 2, 1, 'a value or ]', '/'],
    ['["a\nb"]', 1, 2, 'a string', '"'],
    ['[NaN]', 1, 2, 'a value or ]', 'N'],
    ['\ufeff[]', 1, 1, 'a JSON value', '\ufeff'],
    ['[😀]', 1, 2, 'a value or ]', '😀'],
    ['{"a":1,\n "a":2}', 2, 2, 'a name that this object does not have yet', '"'],
    [String.raw`{"a":1,"\u0061":2}`, 1, 8, 'a name that this object does not have yet', '"'],
    ['{"__proto__":1}', 1, 2, 'another name', '"'],
  ])('says where it is faulty, and what was expected: %j', (text, line, column, expected, found) => {
    const fault = faultOf(text);
    expect(fault).toMatchObject({ line, column, found });
    expect(fault.message).toContain(expected);
  });

  it('is refused where it is nested so deeply that reading it could overflow the stack', () => {
    expect(faultOf('['.repeat(1_000_000)).message).toBe('at most 32 levels');
  });

  it('is refused exactly where JSON.parse refuses it, whatever character is changed', () => {
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
            outcomeOf(() => parseLocatedJson(changed).value),
            changed,
          ).toEqual(outcomeOf(() => JSON.parse(changed)));
        }
      }
    }
  });
});

function outcomeOf(read: () => unknown): unknown {
  try {
    return { value: read() };
  } catch {
    return 'refused';
  }
}
