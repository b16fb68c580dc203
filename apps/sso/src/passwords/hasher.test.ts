import { ChildProcess } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hashPassword } from './argon2.ts';
import { PasswordHasher } from './hasher.ts';

/** How the system refuses a process: at once, or with one that has no channel and will never be. */
const refused = vi.hoisted(() => ({ by: [] as ('no process' | 'no channel')[] }));

vi.mock(import('node:child_process'), async (importOriginal) => {
  const original = await importOriginal();
  const fork = ((...started: Parameters<typeof original.fork>) => {
    const how = refused.by.shift();
    if (how === 'no process') throw Object.assign(new Error('fork'), { code: 'EAGAIN' });
    return how === 'no channel' ? new ChildProcess() : original.fork(...started);
  }) as typeof original.fork;
  return { ...original, fork };
});

test('where the system starts no process nobody is let in, nobody waits, and it is tried again for the next', async () => {
  const hasher = new PasswordHasher();
  onTestFinished(() => hasher.close());
  const stored = await hashPassword('correct horse battery staple');
  const check = () => hasher.verify(stored, 'correct horse battery staple', false);
  refused.by.push('no process', 'no channel', 'no process');
  for (let times = 1; times <= 3; times += 1) {
    await expect(check()).rejects.toMatchObject({ code: 'unavailable' });
  }
  expect(await check()).toBe(true);
});
