import { hash } from '@node-rs/argon2';
import { Refusal } from '@samesite-sso/service';
import { expect, onTestFinished, test } from 'vitest';
import { hashPassword, verifyPassword } from './argon2.ts';
import { PasswordHasher } from './hasher.ts';

function newHasher(): PasswordHasher {
  const hasher = new PasswordHasher();
  onTestFinished(() => hasher.close());
  return hasher;
}

test('the child knows right from wrong, and nobody from somebody only by the answer', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('correct horse battery staple');
  expect(await hasher.check(stored, 'correct horse battery staple')).toEqual({
    isRight: true,
    rehashed: null,
  });
  expect(await hasher.check(stored, 'wrong horse')).toEqual({ isRight: false, rehashed: null });
  expect(await hasher.check(null, 'correct horse battery staple')).toEqual({
    isRight: false,
    rehashed: null,
  });
});

test('a right password whose hash is outdated comes back with a new hash', async () => {
  const hasher = newHasher();
  const old = await hash('correct horse battery staple', { memoryCost: 8192, timeCost: 1, parallelism: 1 });
  const { rehashed } = await hasher.check(old, 'correct horse battery staple');
  expect(rehashed).toContain('m=19456,t=2,p=1');
  expect(await verifyPassword(rehashed ?? '', 'correct horse battery staple')).toBe(true);
  expect(await hasher.check(old, 'wrong horse')).toEqual({ isRight: false, rehashed: null });
});

test('two run and 32 wait; whoever comes then is told that it is overloaded, and the others are served', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('correct horse battery staple');
  const checks = await Promise.allSettled(
    Array.from({ length: 40 }, () => hasher.check(stored, 'correct horse battery staple')),
  );
  expect(checks.filter(({ status }) => status === 'fulfilled')).toHaveLength(34);
  for (const check of checks) {
    if (check.status === 'fulfilled') continue;
    expect(check.reason).toBeInstanceOf(Refusal);
    expect(check.reason).toMatchObject({ code: 'overloaded', retryAfterSeconds: 2 });
  }
  expect(await hasher.check(stored, 'correct horse battery staple')).toMatchObject({ isRight: true });
});

test('a hash that cannot be read fails its own check, and no other', async () => {
  const hasher = newHasher();
  await expect(hasher.check('no hash at all', 'x')).rejects.toThrow('cannot be read');
  expect(await hasher.check(await hashPassword('x'), 'x')).toMatchObject({ isRight: true });
});

test('when the child is killed, the checks at work are refused and the next ones are served by another', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('x');
  const checks = Array.from({ length: 6 }, () => hasher.check(stored, 'x'));
  hasher.open().kill('SIGKILL');
  const results = await Promise.allSettled(checks);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(2);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'unavailable' });
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(4);
});
