import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../../test/support/sso/test-service.ts';
import { readPasswordList, validatePassword } from './password-rules.ts';

const ADA = { username: 'ada', displayName: 'Ada Lovelace' };

test('carriage returns or a byte order mark don’t alter the list of common passwords [T-PASSWORD-04]', () => {
  const list = new URL('./common-passwords.txt', import.meta.url);
  const copy = path.join(temporaryFolder(), 'list.txt');
  writeFileSync(copy, `\ufeff${readFileSync(list, 'utf8').replaceAll('\n', '\r\n')}`);
  expect(readPasswordList(copy)).toEqual(readPasswordList(list));
  expect(readPasswordList(copy).size).toBeGreaterThan(1000);
});

describe('a new password', () => {
  test('has 15 to 256 characters, counted in code points after NFKC', () => {
    expect(validatePassword('a tree, a horse', ADA)).toBeNull(); // 15
    expect(validatePassword('a tree, a hors', ADA)).toBe('is shorter than 15 characters');
    expect(validatePassword('🐎🌳🐎🌳🐎🌳🐎🌲🐎🌳🐎🌳🐎🌳🐎', ADA)).toBeNull(); // 15 code points, 30 units
    expect(validatePassword('🐎🌳🐎🌳🐎🌳🐎🌲🐎🌳🐎🌳🐎🌳', ADA)).toBe('is shorter than 15 characters');
    const long = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
    expect(validatePassword(long, ADA)).toBeNull();
    expect(validatePassword(`${long}x`, ADA)).toBe('is longer than 256 characters');
    // 17 code points before NFKC.
    expect(validatePassword('e\u0301a, e\u0301a, e\u0301a, x', ADA)).toBe('is shorter than 15 characters');
  });

  test.each([
    'passwordpassword',
    'PasswordPassword',
    '123456789012345',
    'qwertyuiopasdfgh',
    'iloveyouiloveyou',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ',
  ])('can’t be the common password %s', (password) => {
    expect(validatePassword(password, ADA)).toContain('common');
  });

  test.each([
    ['the username', 'Ada.King.Countess.of.Lovelace', { ...ADA, username: 'ada.king.countess.of.lovelace' }],
    ['the username more than once', 'countess1countess2', { ...ADA, username: 'countess' }],
    ['the display name', 'Lovelace, Ada, 1815!', ADA],
    ['the names of the site', 'Example-Foo-2026!!', ADA],
  ])('can’t be made of %s', (_what, password, owner) => {
    expect(validatePassword(password, owner, ['example', 'foo'])).toContain('names that are easy to guess');
  });

  test('can contain names if enough remains without them', () => {
    expect(validatePassword('Ada Lovelace, 8 horses', ADA)).not.toBeNull(); // "8horses" is left
    expect(validatePassword('Ada Lovelace, 10 horses', ADA)).toBeNull();
    expect(validatePassword('Ada Lovelace, 10 horses', ADA, ['horse'])).not.toBeNull();
    expect(validatePassword('canada is a cold place', ADA)).toBeNull();
  });

  test('can repeat the letters of a two-letter name', () => {
    expect(
      validatePassword('bo bo bo bo bo, said the horse', { username: 'bo', displayName: 'Bo' }),
    ).toBeNull();
  });

  test('needs no particular kinds of characters', () => {
    for (const password of ['correct horse battery staple', 'onlylowercaseletters', '907163528401935']) {
      expect(validatePassword(password, ADA)).toBeNull();
    }
  });

  test('can’t contain half a surrogate pair', () => {
    expect(validatePassword(`half of a horse \ud83d`, ADA)).toBe('contains an incomplete character');
  });
});
