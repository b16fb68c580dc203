import { describe, expect, test } from 'vitest';
import { hashPassword, isOutdated, verifyPassword } from './argon2.ts';
import { isBcrypt } from './bcrypt.ts';

/** Hashes from libxcrypt's `crypt`, so that no library is its own judge. */
const OF_ADA = '$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG';
const OF_72_TIMES_X = '$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i';
const NOT_NORMALIZED = '$2b$04$abcdefghijklmnopqrstuutOsPvxstUzc2CVJ2DV.EoW1QcCFZpHW';

test.each(['$2a', '$2b', '$2y'])(
  'a password is checked against a hash that begins with %s',
  async (prefix) => {
    const hash = prefix + OF_ADA;
    expect(await verifyPassword(hash, 'correct horse battery staple')).toBe(true);
    expect(await verifyPassword(hash, 'wrong horse battery staple')).toBe(false);
  },
);

describe('an imported bcrypt hash accepts what the old system accepted, where bcrypt reads', () => {
  test('no more than 72 bytes', async () => {
    expect(await verifyPassword(OF_72_TIMES_X, 'x'.repeat(72))).toBe(true);
    expect(await verifyPassword(OF_72_TIMES_X, `${'x'.repeat(72)}, and more`)).toBe(true);
    expect(await verifyPassword(OF_72_TIMES_X, 'x'.repeat(71))).toBe(false);
    expect(await verifyPassword(OF_72_TIMES_X, `${'x'.repeat(71)}y`)).toBe(false);
  });

  test('nothing after a NUL', async () => {
    expect(await verifyPassword(`$2a${OF_ADA}`, 'correct horse battery staple\0, and more')).toBe(true);
    expect(await verifyPassword(`$2a${OF_ADA}`, 'correct\0 horse battery staple')).toBe(false);
  });

  test('the characters as they were typed, not normalized', async () => {
    expect(await verifyPassword(NOT_NORMALIZED, 'Zoe\u0308 und ihr Pferd Ⅳ', true)).toBe(true);
    expect(await verifyPassword(NOT_NORMALIZED, 'Zoe und ihr Pferd Ⅳ', true)).toBe(false);
  });
});

test('a bcrypt hash of an empty password matches no password, even after a NUL', async () => {
  const hash = '$2b$04$UxgKS7PhOmQSAdyCCLnOb.pvGigpOFZse13ELP4tydcCB7g5MjODG';
  for (const password of ['', '\0', '\0x', '\0\0']) expect(await verifyPassword(hash, password)).toBe(false);
});

test('every bcrypt hash is outdated, and its replacement is not bcrypt', async () => {
  expect(isOutdated(NOT_NORMALIZED)).toBe(true);
  expect(isBcrypt(NOT_NORMALIZED)).toBe(true);
  expect(isBcrypt(await hashPassword('x'))).toBe(false);
});
