import { expect, test } from 'vitest';
import { parseStrictJson } from './json-body.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text));

test.each([
  '{}',
  '[]',
  'null',
  '"text"',
  ' { "a" : 1 } ',
  '{"a":{"a":{"a":[{"a":1},{"a":2}]}}}',
  '{"":{"":1},"a":""}',
  String.raw`{"a\"":1,"b":"\\","c":"\",\"a\":1","d:":"\":"}`,
  '{"a":"b","b":"a","c":["a","b"]}',
  '{"A":1,"a":2}',
  String.raw`{"a":"\ud83d\ude00","😀":"\u0000"}`,
  '{"constructor":1,"toString":{"prototype":2},"toJSON":3}',
  '{"request":"login status"}',
  '{"token":"[a]{b}:c~!#"}',
  '{"a":""}',
  '{"ä":"ö"}',
  '{"a":"ö"}',
  String.raw`{"a":"\u0062\n"}`,
  '{"0":1,"length":2,"a\\n":{"\\u2028":[]}}',
])('I-JSON is parsed as JSON.parse does it: %s', (text) => {
  expect(parse(text)).toEqual(JSON.parse(text));
});

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":3}',
  String.raw`{"a":1,"\u0061":2}`,
  String.raw`{"a\/":1,"a/":2}`,
  '{"a" :1,"a"\t\r\n:2}',
  '[{"b":{"a":1,"a":2}}]',
  '{"a":[],"a":{}}',
  '{"":1,"":2}',
  '{"a":{"b":1},"a":{"b":2}}',
  '{"a":{"b":1,"c":2},"a":1}',
  '{"a":"b","a":"b"}',
])('I-JSON with a duplicate name is refused: %s', (text) => {
  expect(() => parse(text)).toThrow("a name that isn't in this object yet");
});

test.each(['{"__proto__":null}', '{"__proto__":"a"}', String.raw`{"a":[{"\u005f_proto__":{}}]}`])(
  'I-JSON with the name __proto__ is refused: %s',
  (text) => {
    expect(() => parse(text)).toThrow('a name other than __proto__');
  },
);

test.each([String.raw`"\ud800"`, String.raw`{"a":["\ude00\ud83d"]}`, String.raw`{"\ud83d":1}`])(
  'I-JSON with a lone surrogate is refused: %s',
  (text) => {
    expect(() => parse(text)).toThrow('a string without lone surrogates');
  },
);

test.each([
  ['bytes that are not UTF-8', Buffer.from('22ff22', 'hex')],
  ['an overlong encoding', Buffer.from('22c08022', 'hex')],
  ['an encoded surrogate', Buffer.from('22eda08022', 'hex')],
  ['UTF-16', Buffer.from('"a"', 'utf16le')],
  ['a byte order mark', Buffer.from('\ufeff"a"')],
  ['a control character in a string', Buffer.from('{"a":"\t"}')],
  ['a quotation mark in a string', Buffer.from('{"a":"b"c"}')],
  ['a lone backslash', Buffer.from('{"a":"\\"}')],
  ['something after the end', Buffer.from('{"a":"b"}\n{}')],
  ['one byte that is not UTF-8', Buffer.from('7b2261223a22ff227d', 'hex')],
  ['nothing', Buffer.alloc(0)],
  ['text that is not JSON', Buffer.from("{'a':1}")],
])('a body that is not I-JSON is refused: %s', (_what, bytes) => {
  expect(() => parseStrictJson(bytes)).toThrow();
});

test('parsing I-JSON takes linear time for hostile text', () => {
  const million = 1_000_000;
  for (const text of ['"', '\\', '"\\', '":', '{"a":', '['].map((part) => part.repeat(million))) {
    expect(() => parse(text)).toThrow();
  }
  const escapes = `["${'\\"'.repeat(million)}","${' :'.repeat(million)}"]`;
  expect(parse(escapes)).toEqual(JSON.parse(escapes));
});
