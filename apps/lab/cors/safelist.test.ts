/** The expectations follow web-platform-tests (fetch/api/cors and cors), in our own words. */
import { describe, expect, it } from 'vitest';
import {
  type Header,
  isNoCorsSafelistedHeader,
  isSafelistedHeader,
  isSafelistedMethod,
  unsafeHeaderNames,
} from './safelist.ts';

const unsafeCharacters = [...'"():<>?@[\\]{}', '\x7f', '\x01', '\x08', '\n', '\x1f'];
const separators = [...";,/=!#$%&'*+-.^_`|~", ' ', '\t'];

const safe: readonly Header[] = [
  ['Accept', ''],
  ['Accept', '*/*'],
  ['ACCEPT', 'text/html;q=0.9, application/json'],
  ['Accept', 'a'.repeat(128)],
  ...separators.map((character): Header => ['Accept', `a${character}b`]),
  ['Accept-Language', ''],
  ['Accept-Language', 'de-DE, en;q=0.5, *;q=0.1'],
  ['accept-language', 'a'.repeat(128)],
  ['Content-Language', 'en.x=1'],
  ['Content-Language', ' '],
  ['Content-Type', 'text/plain'],
  ['content-type', 'TEXT/PLAIN'],
  ['Content-Type', ' text/plain '],
  ['Content-Type', 'text/plain;'],
  ['Content-Type', 'text/plain;charset=utf-8'],
  ['Content-Type', 'text/plain ; charset=UTF-8; x'],
  ['Content-Type', 'text/plain;=,'],
  ['Content-Type', 'multipart/form-data;boundary=abc'],
  ['Content-Type', 'application/x-www-form-urlencoded'],
  ['Content-Type', 'Application/X-WWW-Form-URLEncoded;charset=x'],
  ['Content-Type', `text/plain;x=${'a'.repeat(115)}`.slice(0, 128)],
  ['Range', 'bytes=0-'],
  ['range', 'bytes=0-0'],
  ['Range', 'bytes=100-200'],
  ['Range', 'bytes=9007199254740993-9007199254740993'],
];

const unsafe: readonly Header[] = [
  ['Accept', 'a'.repeat(129)],
  ...unsafeCharacters.map((character): Header => ['Accept', `a${character}b`]),
  ['Content-Type', 'text/plain;a="'],
  ['Accept-Language', 'a'.repeat(129)],
  ...[...'_/"@:!\t'].map((character): Header => ['Accept-Language', `en${character}`]),
  ['Content-Language', 'en_'],
  ['Content-Type', ''],
  ['Content-Type', 'text'],
  ['Content-Type', 'text/'],
  ['Content-Type', '/plain'],
  ['Content-Type', 'text /plain'],
  ['Content-Type', 'text/ plain'],
  ['Content-Type', 'text/html'],
  ['Content-Type', 'text/plainly'],
  ['Content-Type', 'application/json'],
  ['Content-Type', 'application/json;text/plain'],
  ['Content-Type', 'text/plain, application/json'],
  ['Content-Type', 'text/plain,text/plain'],
  ['Content-Type', 'multipart/mixed'],
  ['Content-Type', 'application/xml'],
  ['Content-Type', `text/plain;${'a'.repeat(118)}`],
  ['Range', ''],
  ['Range', 'bytes=-500'],
  ['Range', 'bytes=-'],
  ['Range', 'bytes=200-100'],
  ['Range', 'bytes=0-1,3-4'],
  ['Range', 'bytes = 0-1'],
  ['Range', 'bytes=0 -1'],
  ['Range', 'Bytes=0-1'],
  ['Range', 'lines=0-1'],
  ['Range', 'bytes=9007199254740993-9007199254740992'],
  ...['Authorization', 'Cache-Control', 'Save-Data', 'User-Agent', 'X-Test'].map(
    (name): Header => [name, '1'],
  ),
];

describe('headers that need no preflight', () => {
  it.each(safe)('%s: %j is safelisted', (name, value) => {
    expect(isSafelistedHeader([name, value])).toBe(true);
  });

  it.each(unsafe)('%s: %j is not safelisted', (name, value) => {
    expect(isSafelistedHeader([name, value])).toBe(false);
  });

  it('Mode no-cors keeps the safelisted headers except Range', () => {
    expect(unsafe.filter(isNoCorsSafelistedHeader)).toEqual([]);
    const dropped = safe.filter((header) => !isNoCorsSafelistedHeader(header));
    expect(new Set(dropped.map(([name]) => name.toLowerCase()))).toEqual(new Set(['range']));
  });
});

describe('methods that need no preflight', () => {
  it.each(['GET', 'HEAD', 'POST'])('%s is safelisted', (method) => {
    expect(isSafelistedMethod(method)).toBe(true);
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'CHICKEN', 'get'])(
    '%s is not safelisted.',
    (method) => {
      expect(isSafelistedMethod(method)).toBe(false);
    },
  );
});

describe('the names that a preflight asks for', () => {
  it('The unsafe header names are in lower case, sorted and unique', () => {
    const headers: Header[] = [
      ['X-Test', '1'],
      ['Accept', 'text/html'],
      ['AUTHORIZATION', 'Basic x'],
      ['x-test', '2'],
      ['Content-Type', 'application/json'],
    ];
    expect(unsafeHeaderNames(headers)).toEqual(['authorization', 'content-type', 'x-test']);
  });

  const eightSafe = Array.from({ length: 8 }, (): Header => ['Accept', 'a'.repeat(128)]);

  it('Safelisted values of 1024 bytes together need no preflight', () => {
    expect(unsafeHeaderNames(eightSafe)).toEqual([]);
  });

  it('With one byte more, every header needs a preflight, even a safelisted one', () => {
    const headers: Header[] = [...eightSafe, ['Content-Language', 'a'], ['X-Test', '']];
    expect(unsafeHeaderNames(headers)).toEqual(['accept', 'content-language', 'x-test']);
  });

  it('The values of other headers do not count toward the 1024 bytes', () => {
    expect(unsafeHeaderNames([...eightSafe, ['X-Test', 'a']])).toEqual(['x-test']);
  });
});
