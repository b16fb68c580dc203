/** `/readyz` of a running service while its hasher process hangs or dies. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { running } from '../../../test/support/sso/running-service.ts';

/** Needs Linux. */
function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Kills a process, unless it has ended. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function readyService() {
  const { child, url, logIn } = await running();
  const ready = async () => {
    const startedAt = performance.now();
    const { status } = await fetch(`${url}/readyz`);
    expect(performance.now() - startedAt).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
    return status;
  };
  await expect.poll(ready).toBe(200);
  return { hashers: () => childrenOf(child.pid), ready, logIn };
}

test('a hanging hasher fails sign-ins and readiness, and both recover [T-CRASH-07]', async () => {
  const { hashers, ready, logIn } = await readyService();
  const [hanging = 0] = hashers();
  process.kill(hanging, 'SIGSTOP');
  const startedAt = performance.now();
  const answer = logIn();
  await expect.poll(ready, { timeout: 10_000, interval: 200 }).toBe(503);
  expect((await answer).status).toBe(503);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await expect.poll(ready).toBe(200);
  expect((await logIn()).status).toBe(200);
  expect(hashers()).not.toContain(hanging);
}, 60_000);

test('a hasher that dies at each start fails readiness, and then a sign-in works [T-CRASH-07]', async () => {
  const { hashers, ready, logIn } = await readyService();
  const killing = new AbortController();
  onTestFinished(() => killing.abort());
  const killer = (async () => {
    while (!killing.signal.aborted) {
      for (const hasher of hashers()) kill(hasher);
      await delay(5);
    }
  })();
  await expect.poll(ready, { timeout: 10_000, interval: 200 }).toBe(503);
  for (let time = 0; time < 3; time += 1) {
    expect((await logIn()).status).toBe(503);
    expect(await ready()).toBe(503);
    await delay(1100); // By then the last result is too old, and a new test is made.
  }
  killing.abort();
  await killer;
  await expect.poll(ready).toBe(200);
  expect((await logIn()).status).toBe(200);
}, 60_000);
