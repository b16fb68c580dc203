import { beforeEach, describe, expect, test, vi } from 'vitest';

// The library as it is, with its calls counted.
vi.mock(import('@node-rs/argon2'), async (importOriginal) => {
  const original = await importOriginal();
  return { ...original, verify: vi.fn(original.verify) };
});
// Other files of this worker may have imported the modules without the mock.
vi.resetModules();
const argon2 = await import('@node-rs/argon2');
const { createDummyHash, hashPassword, isOutdated, verifyPassword } = await import('./argon2.ts');
const verify = vi.mocked(argon2.verify);
beforeEach(() => {
  verify.mockClear();
});

test('a hash is Argon2id and names its parameters', async () => {
  expect(await hashPassword('correct horse battery staple')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('a password is the same however the keyboard composes it', async () => {
  const stored = await hashPassword('Zoë und ihr Pferd Ⅳ');
  expect(await verifyPassword(stored, 'Zoe\u0308 und ihr Pferd IV')).toBe(true);
  expect(await verifyPassword(stored, 'Zoe und ihr Pferd IV')).toBe(false);
});

test('every character of a long password counts', async () => {
  const long = 'x'.repeat(255);
  const stored = await hashPassword(`${long}y`);
  expect(await verifyPassword(stored, `${long}y`)).toBe(true);
  expect(await verifyPassword(stored, long)).toBe(false);
  expect(await verifyPassword(stored, `${long}yz`)).toBe(false);
  expect(await verifyPassword(stored, `${long}z`)).toBe(false);
});

test('a hash with other parameters is outdated, and one with today’s isn’t', async () => {
  expect(isOutdated(await argon2.hash('x', { memoryCost: 8192, timeCost: 1, parallelism: 1 }))).toBe(true);
  expect(isOutdated(await hashPassword('x'))).toBe(false);
});

describe('the work of a check', () => {
  const FULL_WIDTH = 'ｃｏｒｒｅｃｔ ｈｏｒｓｅ';

  test.each([
    ['our own hash', false, 'correct horse', 1],
    ['our own hash, full-width', false, FULL_WIDTH, 1],
    ['an imported hash', true, 'correct horse', 1],
    ['an imported hash, full-width', true, FULL_WIDTH, 2],
  ])(
    'is the same whether the password is right or wrong: %s [T-ENUM-05]',
    async (_what, isImported, typed, checks) => {
      const [right, wrong] = [await hashPassword('correct horse'), await hashPassword('another horse')];
      expect(await verifyPassword(right, typed, isImported)).toBe(true);
      expect(verify).toHaveBeenCalledTimes(checks);
      verify.mockClear();
      expect(await verifyPassword(wrong, typed, isImported)).toBe(false);
      expect(verify).toHaveBeenCalledTimes(checks);
    },
  );

  test('includes the password as typed for an imported hash, and for no other', async () => {
    const asTyped = await argon2.hash(FULL_WIDTH);
    expect(await verifyPassword(asTyped, FULL_WIDTH, true)).toBe(true);
    expect(await verifyPassword(asTyped, FULL_WIDTH, false)).toBe(false);
  });
});

test('a dummy hash has our parameters, differs each time, and matches no password', async () => {
  const dummy = createDummyHash();
  expect(isOutdated(dummy)).toBe(false);
  expect(argon2.parseOptions(dummy)).toEqual(argon2.parseOptions(await hashPassword('x')));
  expect(createDummyHash()).not.toBe(dummy);
  expect(await verifyPassword(dummy, 'x')).toBe(false);
});
