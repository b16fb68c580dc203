import { describe, expect, test } from 'vitest';
import { passwordFault } from './password-rules.ts';

describe('a new password', () => {
  test('has 15 to 256 characters, counted in code points after NFKC', () => {
    expect(passwordFault('a tree, a horse', 'ada')).toBeNull(); // 15
    expect(passwordFault('a tree, a hors', 'ada')).toBe('is shorter than 15 characters');
    expect(passwordFault('🐎🌳🐎🌳🐎🌳🐎🌲🐎🌳🐎🌳🐎🌳🐎', 'ada')).toBeNull(); // 15 code points, 30 units
    expect(passwordFault('🐎🌳🐎🌳🐎🌳🐎🌲🐎🌳🐎🌳🐎🌳', 'ada')).toBe('is shorter than 15 characters');
    const long = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join('');
    expect(passwordFault(long, 'ada')).toBeNull();
    expect(passwordFault(`${long}x`, 'ada')).toBe('is longer than 256 characters');
    expect(passwordFault('e\u0301a, e\u0301a, e\u0301a, x', 'ada')).toBe('is shorter than 15 characters'); // 17 before NFKC
  });

  test.each([
    'passwordpassword',
    'PasswordPassword',
    '123456789012345',
    'qwertyuiopasdfgh',
    'iloveyouiloveyou',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ',
  ])('is not a common one: %s', (password) => {
    expect(passwordFault(password, 'ada')).toContain('common');
  });

  test('is not the username', () => {
    expect(passwordFault('Ada.King.Countess.of.Lovelace', 'ada.king.countess.of.lovelace')).toBe(
      'is the username',
    );
  });

  test('may be of anything: there are no rules of composition', () => {
    for (const password of ['correct horse battery staple', 'onlylowercaseletters', '907163528401935']) {
      expect(passwordFault(password, 'ada')).toBeNull();
    }
  });

  test('is whole characters', () => {
    expect(passwordFault(`half of a horse \ud83d`, 'ada')).toBe('holds half of a character');
  });
});
