import { expect, test } from 'vitest';
import { escapeControlCharacters, escapeLine, quote } from './escape-control-characters.ts';

test.each([
  ['an escape sequence', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['an 8-bit control sequence', '\u009b2J', '\\u009b2J'],
  ['a carriage return', 'all is well\rno', 'all is well\\u000dno'],
  ['a backspace and a delete', '\b\u007f', '\\u0008\\u007f'],
  ['a change of text direction', 'ada\u202efdp.exe\u2066', 'ada\\u202efdp.exe\\u2066'],
  ['a line or paragraph separator', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['a lone surrogate', 'a\ud83d', 'a\\ud83d'],
])('%s is escaped before it reaches a terminal', (_name, text, shown) => {
  expect(escapeControlCharacters(text)).toBe(shown);
  expect(escapeLine(text)).toBe(shown);
});

test('ordinary text is not changed', () => {
  const text = 'Zoë 李 👩‍🚀 می‌خواهم "x" \\ …';
  expect(escapeControlCharacters(text)).toBe(text);
});

test('a newline is kept in text and escaped in a line', () => {
  expect(escapeControlCharacters('a\nb')).toBe('a\nb');
  expect(escapeLine('a\nb')).toBe('a\\u000ab');
});

test('escaping does not change the meaning of JSON', () => {
  const value = { text: '\u001b\u009b\u202e\n"\ud83d', list: [1, null] };
  expect(JSON.parse(escapeControlCharacters(JSON.stringify(value, null, 2)))).toEqual(value);
});

test.each([
  ['a carriage return', 'sso.db\r', '"sso.db\\r"'],
  ['a delete', 'sso.db\u007f', '"sso.db\\u007f"'],
  ['a space', 'sso.db ', '"sso.db "'],
  ['a no-break space', 'sso.db\u00a0', '"sso.db\\u00a0"'],
  ['a byte order mark', '\ufeffsso.db', '"\\ufeffsso.db"'],
  ['a zero-width space', 'sso\u200b.db', '"sso\\u200b.db"'],
  ['a tag outside the Basic Multilingual Plane', 'sso\u{e0041}.db', '"sso\\udb40\\udc41.db"'],
  ['nothing invisible', 'Zoë/李.db', '"Zoë/李.db"'],
])('a quoted value shows %s', (_name, text, shown) => {
  expect(quote(text)).toBe(shown);
  expect(JSON.parse(quote(text))).toBe(text);
});
