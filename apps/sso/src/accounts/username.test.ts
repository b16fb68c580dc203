import { describe, expect, test } from 'vitest';
import { charactersThatMayChange } from './characters.fixture.ts';
import { normalizeUsername, usernameKey, validateUsername } from './username.ts';

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
  ])('such as %s and %s have the same key', (one, other) => {
    expect(usernameKey(one)).toBe(usernameKey(other));
  });

  test('have the same key in upper and lower case, for every letter', () => {
    for (const letter of charactersThatMayChange()) {
      if (letter === 'ı' || !letter.isWellFormed()) continue;
      const key = usernameKey(letter);
      const keys = [letter.toUpperCase(), letter.toLowerCase(), key].map(usernameKey);
      if (keys.some((other) => other !== key)) expect(keys, letter).toEqual([key, key, key]);
    }
  });

  test('have different keys where people would distinguish them [T-GUESS-03]', () => {
    expect(usernameKey('ada')).not.toBe(usernameKey('adа')); // The last letter is Cyrillic.
    expect(usernameKey('ırma')).not.toBe(usernameKey('irma'));
    expect(usernameKey('zoe')).not.toBe(usernameKey('zoë'));
  });
});

/** White space that mails, phones and editors add, and invisible characters. */
const SURROUNDINGS = [
  ...[
    ' ',
    '\t',
    '\r\n',
    '\v',
    '\0',
    '\u0085',
    '\u00a0',
    '\u1680',
    '\u2003',
    '\u2028',
    '\u202f',
    '\u3000',
    '\u2800',
  ],
];
const INVISIBLE = [
  ...[
    '\u00ad',
    '\u034f',
    '\u061c',
    '\u115f',
    '\u180e',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u200e',
    '\u202e',
    '\u2060',
  ],
  ...['\u2066', '\u3164', '\ufe0f', '\ufeff', '\uffa0', '\u{e0001}', '\u{e0041}', '\u{e0100}'],
];

describe('around a username', () => {
  test.each([...SURROUNDINGS, ...INVISIBLE])('%j is ignored [T-GUESS-03]', (blank) => {
    for (const text of [`${blank}Ada`, `Ada${blank}`, `${blank} ${blank}Ada\ufeff ${blank}`]) {
      expect(usernameKey(text)).toBe('ada');
      expect(normalizeUsername(text)).toBe('Ada');
      expect(validateUsername(text)).toBeNull();
    }
  });
});

describe('within a username', () => {
  test.each(INVISIBLE)(
    '%j is refused in a new username and ignored in an existing one [T-GUESS-03]',
    (character) => {
      expect(validateUsername(`a${character}da`)).toContain('invisible character');
      expect(usernameKey(`a${character}da`)).toBe('ada');
      expect(usernameKey(`zoe${character}\u0308`)).toBe(usernameKey('zoë'));
    },
  );

  test.each(SURROUNDINGS)(
    '%j is refused in a new username and changes the key of an existing one',
    (blank) => {
      expect(validateUsername(`a${blank}da`)).toContain('white space');
      expect(usernameKey(`a${blank}da`)).not.toBe('ada');
    },
  );
});

test('a stored username has the key of its input, for every character', () => {
  const differing: string[] = [];
  for (const character of charactersThatMayChange()) {
    const text = `${character}a`;
    const key = usernameKey(text);
    if (usernameKey(normalizeUsername(text)) !== key || usernameKey(key) !== key) differing.push(text);
  }
  expect(differing).toEqual([]);
});

test('a refused username comes with the rules', () => {
  expect(validateUsername('two words')).toBe(
    'contains white space or an invisible character (a username has 1 to 254 characters, ' +
      "doesn't start with a hyphen, and has no white space, control characters or invisible characters " +
      'in it; around it they are ignored)',
  );
});

test.each([
  '',
  ' ',
  '\ufeff',
  'ada lovelace',
  'ada\nlovelace',
  'ada\u200blovelace',
  '¨ada',
  'x'.repeat(255),
  '\ud800',
  '-ada',
  ' -ada',
  '－h',
])('the username %j is refused', (username) => {
  expect(validateUsername(username)).not.toBeNull();
});

test.each(['ada', 'Ada.Lovelace', 'ada-', 'ada@example.com', 'Ζωή', '李', '李'.repeat(254)])(
  'the username %s is accepted',
  (username) => {
    expect(validateUsername(username)).toBeNull();
  },
);
