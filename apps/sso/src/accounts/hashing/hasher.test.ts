import { ChildProcess } from 'node:child_process';
import os from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hashPassword } from './argon2.ts';

/** How the system refuses the next hashers: no process, a process without a channel, or no low priority. */
const refused = vi.hoisted(() => ({ by: [] as ('no process' | 'no channel' | 'no priority')[] }));

/** As under a seccomp profile on a hardened host. */
const NO_PRIORITY = `data:text/javascript,${encodeURIComponent(
  `import os from 'node:os'; os.setPriority = () => { throw new Error('EPERM: setpriority'); };`,
)}`;

vi.mock(import('node:child_process'), async (importOriginal) => {
  const original = await importOriginal();
  const fork = ((...started: Parameters<typeof original.fork>) => {
    const how = refused.by.shift();
    if (how === 'no process') throw Object.assign(new Error('fork'), { code: 'EAGAIN' });
    if (how === 'no channel') return new ChildProcess();
    if (how !== 'no priority') return original.fork(...started);
    const [file, options] = started as [URL, object];
    return original.fork(file, { ...options, execArgv: ['--import', NO_PRIORITY] });
  }) as typeof original.fork;
  return { ...original, fork };
});

// Other files of this worker may have imported the module without the mock.
vi.resetModules();
const { PasswordHasher } = await import('./hasher.ts');

test('a password hasher that cannot be started refuses checks, and the next one tries again', async () => {
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

test('if the system refuses a low priority, hashing goes on after one warning [T-CRASH-07]', async () => {
  const warnings: string[] = [];
  const hasher = new PasswordHasher((message) => warnings.push(message));
  onTestFinished(() => hasher.close());
  refused.by.push('no priority', 'no priority');
  const stored = await hasher.hash('correct horse battery staple');
  expect(await hasher.verify(stored, 'correct horse battery staple', false)).toBe(true);
  const child = hasher.open();
  expect(os.getPriority(child.pid)).toBe(os.getPriority());
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  expect(await hasher.verify(stored, 'wrong', false)).toBe(false);
  expect(warnings).toEqual([
    'the password hasher runs at normal priority: EPERM: setpriority',
    'the password hasher ended (SIGKILL)',
  ]);
});
