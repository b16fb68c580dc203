import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { hashPassword, isOutdated, verifyPassword } from './argon2.ts';

test('a hash is Argon2id and names its parameters', async () => {
  expect(await hashPassword('correct horse battery staple')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('a password is the same however the keyboard composes it', async () => {
  const stored = await hashPassword('Zoë und ihr Pferd Ⅳ');
  expect(await verifyPassword(stored, 'Zoe\u0308 und ihr Pferd IV')).toBe(true);
  expect(await verifyPassword(stored, 'Zoe und ihr Pferd IV')).toBe(false);
});

test('no character of a long password is left out', async () => {
  const long = 'x'.repeat(255);
  const stored = await hashPassword(`${long}y`);
  expect(await verifyPassword(stored, `${long}y`)).toBe(true);
  expect(await verifyPassword(stored, long)).toBe(false);
  expect(await verifyPassword(stored, `${long}yz`)).toBe(false);
  expect(await verifyPassword(stored, `${long}z`)).toBe(false);
});

test('a hash of other parameters is outdated, today’s are not', async () => {
  expect(isOutdated(await hash('x', { memoryCost: 8192, timeCost: 1, parallelism: 1 }))).toBe(true);
  expect(isOutdated(await hashPassword('x'))).toBe(false);
});
