import { describe, expect, test } from 'vitest';
import { usernameFault, usernameKey } from './username.ts';

describe('two spellings of one username', () => {
  test.each([
    ['Ada', 'ada'],
    ['ＡＤＡ', 'ada'],
    ['straße', 'STRASSE'],
    ['straße', 'STRAẞE'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['ﬁnn', 'FINN'],
    ['Zoë', 'Zoe\u0308'],
    ['\u212Aelvin', 'kelvin'],
  ])('%s and %s have one key', (one, other) => {
    expect(usernameKey(one)).toBe(usernameKey(other));
  });

  test('have one key whatever their case, letter by letter', () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const letter = String.fromCodePoint(code);
      if (letter === 'ı' || !letter.isWellFormed()) continue;
      const key = usernameKey(letter);
      const keys = [letter.toUpperCase(), letter.toLowerCase(), key].map(usernameKey);
      if (keys.some((other) => other !== key)) expect(keys, letter).toEqual([key, key, key]);
    }
  });

  test('differ in their key where a person would tell them apart', () => {
    expect(usernameKey('ada')).not.toBe(usernameKey('adа')); // The last letter is Cyrillic.
    expect(usernameKey('ırma')).not.toBe(usernameKey('irma'));
    expect(usernameKey('zoe')).not.toBe(usernameKey('zoë'));
  });
});

test.each([
  '',
  ' ',
  'ada lovelace',
  'ada\n',
  'ada\u200b',
  '\u202eada',
  'x'.repeat(65),
  '\ud800',
  '-ada',
  '－h',
])('the username %j is not given to anyone', (username) => {
  expect(usernameFault(username)).not.toBeNull();
});

test.each(['ada', 'Ada.Lovelace', 'ada-', 'ada@example.com', 'Ζωή', '李', 'x'.repeat(64)])(
  'the username %s is fine',
  (username) => {
    expect(usernameFault(username)).toBeNull();
  },
);
