import os from 'node:os';
import { hash } from '@node-rs/argon2';
import { Refusal } from '@samesite-sso/service';
import { expect, onTestFinished, test } from 'vitest';
import { hashPassword, verifyPassword } from './argon2.ts';
import { AT_ONCE, PasswordHasher } from './hasher.ts';
import { importedHashFault } from './imported-hash.ts';

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
  for (const standIn of [stored, null]) {
    expect(await hasher.checkInVain(standIn, 'correct horse battery staple')).toEqual({
      isRight: false,
      rehashed: null,
    });
  }
});

test('a right password whose hash is outdated comes back with a new hash', async () => {
  const hasher = newHasher();
  const old = await hash('correct horse battery staple', { memoryCost: 8192, timeCost: 1, parallelism: 1 });
  const { rehashed } = await hasher.check(old, 'correct horse battery staple');
  expect(rehashed).toContain('m=19456,t=2,p=1');
  expect(await verifyPassword(rehashed ?? '', 'correct horse battery staple')).toBe(true);
  expect(await hasher.check(old, 'wrong horse')).toEqual({ isRight: false, rehashed: null });
  expect(await hasher.checkInVain(old, 'correct horse battery staple')).toMatchObject({ rehashed: null });
});

test.each([
  '$2b$13$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG',
  '$argon2id$v=19$m=131072,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$BwcHBwcHBwcHBwcHBwcHBw',
  '$argon2id$v=19$m=8,t=32768,p=1$c2FsdHNhbHRzYWx0c2FsdA$BwcHBwcHBwcHBwcHBwcHBw',
])('%s, as dear as an import may be, is checked well within the 5 s that pages wait', async (stored) => {
  expect(importedHashFault(stored)).toBeNull();
  const hasher = newHasher();
  await hasher.checkInVain(null, 'x');
  const started = performance.now();
  expect(await hasher.check(stored, 'x')).toMatchObject({ isRight: false });
  expect(performance.now() - started).toBeLessThan(2500);
});

test('34 run or wait; whoever comes then is told that it is overloaded, and the others are served', async () => {
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

test('nobody takes as long as somebody whose password is wrong', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('x');
  const took = async (check: () => Promise<unknown>) => {
    const started = performance.now();
    for (let round = 0; round < 8; round += 1) await check();
    return performance.now() - started;
  };
  const ofNobody = () => hasher.checkInVain(null, 'wrong');
  await took(ofNobody);
  const [nobody, somebody] = [await took(ofNobody), await took(() => hasher.check(stored, 'wrong'))];
  // The work is the same; the bound only has to tell it from none at all on a noisy machine.
  expect(nobody / somebody).toBeGreaterThan(0.3);
});

test('the child yields to everything else', async () => {
  const { pid } = newHasher().open();
  await expect.poll(() => os.getPriority(pid), { timeout: 10_000 }).toBe(os.constants.priority.PRIORITY_LOW);
});

test('a child that cannot be told anything any more fails its checks, and nothing else', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('x');
  await hasher.check(stored, 'x');
  const child = hasher.open();
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  // This process notices nothing yet, and writes into a pipe that nobody reads: twice, where two run at once.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  const results = await Promise.allSettled([hasher.check(stored, 'x'), hasher.check(stored, 'x')]);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(AT_ONCE);
  await ended;
  expect(await hasher.check(stored, 'x')).toMatchObject({ isRight: true });
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
  expect(refused).toHaveLength(AT_ONCE);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'unavailable' });
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(6 - AT_ONCE);
});
