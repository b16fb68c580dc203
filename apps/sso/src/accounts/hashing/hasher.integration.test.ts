import os from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { hashPassword } from './argon2.ts';
import { PasswordHasher } from './hasher.ts';
import { validateImportedHash } from './imported-hash.ts';

function newHasher(): PasswordHasher {
  const hasher = new PasswordHasher();
  onTestFinished(() => hasher.close());
  return hasher;
}

test('the password hasher accepts the right password and rejects a wrong one', async () => {
  const hasher = newHasher();
  const stored = await hasher.hash('correct horse battery staple');
  expect(await hasher.verify(stored, 'correct horse battery staple', false)).toBe(true);
  expect(await hasher.verify(stored, 'wrong horse', false)).toBe(false);
});

test.each([
  '$2b$13$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG',
  '$argon2id$v=19$m=131072,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$BwcHBwcHBwcHBwcHBwcHBw',
  '$argon2id$v=19$m=8,t=32768,p=1$c2FsdHNhbHRzYWx0c2FsdA$BwcHBwcHBwcHBwcHBwcHBw',
])('the most expensive hash of its kind that can be imported is verified: %s', async (stored) => {
  expect(validateImportedHash(stored)).toBeNull();
  expect(await newHasher().verify(stored, 'x', true)).toBe(false);
});

test('the password hasher runs at low priority', async () => {
  const { pid } = newHasher().open();
  await expect.poll(() => os.getPriority(pid)).toBe(os.constants.priority.PRIORITY_LOW);
});

test('a password hasher whose channel is closed fails its checks, and nothing else', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('x');
  await hasher.verify(stored, 'x', false);
  const child = hasher.open();
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  // This process doesn't notice yet, and writes into a pipe that nobody reads.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  await expect(hasher.verify(stored, 'x', false)).rejects.toMatchObject({ code: 'unavailable' });
  await ended;
  expect(await hasher.verify(stored, 'x', false)).toBe(true);
});

test('a malformed hash fails its own check, and no other', async () => {
  const hasher = newHasher();
  await expect(hasher.verify('no hash at all', 'x', false)).rejects.toThrow("can't be read");
  expect(await hasher.verify(await hashPassword('x'), 'x', false)).toBe(true);
});

test('when the password hasher is killed, its check is refused and another one does the next', async () => {
  const hasher = newHasher();
  const stored = await hashPassword('x');
  const checks = [hasher.verify(stored, 'x', false), hasher.verify(stored, 'x', false)];
  hasher.open().kill('SIGKILL');
  for (const check of checks) await expect(check).rejects.toMatchObject({ code: 'unavailable' });
  expect(await hasher.verify(stored, 'x', false)).toBe(true);
});

test('a password hasher that hangs is replaced within 10 s, and its checks are refused', async () => {
  const warnings: string[] = [];
  const hasher = new PasswordHasher((message) => warnings.push(message));
  onTestFinished(() => hasher.close());
  const stored = await hasher.hash('x');
  const hanging = hasher.open();
  hanging.kill('SIGSTOP');
  const startedAt = performance.now();
  const checks = [hasher.verify(stored, 'x', false), hasher.verify(stored, 'y', false)];
  for (const check of checks) await expect(check).rejects.toMatchObject({ code: 'unavailable' });
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(await hasher.verify(stored, 'x', false)).toBe(true);
  expect(hasher.open().pid).not.toBe(hanging.pid);
  expect(warnings).toEqual(['the password hasher hangs']);
}, 30_000);

test('closing the service ends a suspended password hasher', async () => {
  const hasher = new PasswordHasher();
  await hasher.hash('x');
  const child = hasher.open();
  const ended = new Promise((resolve) => child.once('close', (_status, signal) => resolve(signal)));
  child.kill('SIGSTOP');
  hasher.close();
  expect(await ended).toBe('SIGKILL');
});
