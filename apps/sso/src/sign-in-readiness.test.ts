import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { testService } from '../../../test/support/sso/test-service.ts';
import { Readiness } from './sign-in-readiness.ts';

/** A readiness whose hasher and clock the test controls. */
function readiness() {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const checks: { succeed(): void; fail(): void }[] = [];
  let writes = 0;
  const tryWrite = async () => {
    writes += 1;
    return true;
  };
  const stores = { isReady: async () => true, tryWrite };
  const verify = () =>
    new Promise<boolean>((resolve, reject) => {
      checks.push({ succeed: () => resolve(false), fail: () => reject(new Error('no child')) });
    });
  const subject = new Readiness({ verify }, stores);
  return { ask: () => subject.isReady(), checks, writes: () => writes };
}

test('any number of readiness requests cause one test in four seconds [T-FLOOD-10]', async () => {
  const { ask, checks, writes } = readiness();
  const first = Array.from({ length: 100 }, ask);
  checks[0]?.succeed();
  expect(new Set(await Promise.all(first))).toEqual(new Set([true]));
  for (let time = 0; time < 39; time += 1) {
    vi.advanceTimersByTime(100);
    expect(await ask()).toBe(true);
  }
  expect([checks.length, writes()]).toEqual([1, 1]);
  vi.advanceTimersByTime(200);
  const next = ask();
  checks[1]?.succeed();
  expect(await next).toBe(true);
  expect([checks.length, writes()]).toEqual([2, 2]);
});

test('a failing hasher isn’t ready, is tested again after a second, and recovers', async () => {
  const { ask, checks } = readiness();
  const failed = ask();
  checks[0]?.fail();
  expect(await failed).toBe(false);
  expect(await ask()).toBe(false);
  expect(checks).toHaveLength(1);
  vi.advanceTimersByTime(1001);
  const again = ask();
  checks[1]?.succeed();
  expect(await again).toBe(true);
});

test('an unresponsive hasher isn’t ready after four seconds, and no request waits for it', async () => {
  const { ask, checks } = readiness();
  const first = ask();
  checks[0]?.succeed();
  expect(await first).toBe(true);
  vi.advanceTimersByTime(4001);
  let longestMs = 0;
  const askAndMeasure = async () => {
    const startedAt = Date.now();
    const isReady = await ask();
    longestMs = Math.max(longestMs, Date.now() - startedAt);
    return isReady;
  };
  expect(await askAndMeasure()).toBe(true);
  await expect.poll(askAndMeasure, { timeout: 8000, interval: 1 }).toBe(false);
  expect(longestMs).toBeLessThan(1000);
  expect(checks).toHaveLength(2);
});

test('a database that can’t be written isn’t ready, even without an earlier write', async () => {
  const { stores, config } = await testService();
  const holder = new Sqlite(config.database);
  onTestFinished(() => void holder.close());
  holder.exec('BEGIN IMMEDIATE');
  const ask = () => new Readiness({ verify: async () => false }, stores).isReady();
  expect(await ask()).toBe(false);
  holder.exec('ROLLBACK');
  expect(await ask()).toBe(true);
});
