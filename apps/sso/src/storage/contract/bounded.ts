/** What is kept for a while only: client assertions, failed logins, and what a sweep forgets. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ACT, at, FOO, failureOf, type Given, LIMITS, LOREM, limitsOf, NOW } from './given.ts';

/** By as much the clock can be set back, and no client assertion is good again. */
const HOUR = 3_600_000;

export function boundedContract(given: Given): void {
  const { inParallel, startSession, issueToken, told } = given;

  test('accept a client assertion once, however many send it at once, and after a restart', async () => {
    const accepted = await inParallel(20, (each) => each.clientAssertions.accept(FOO, 'one', NOW + 1000));
    expect(accepted.filter(Boolean)).toHaveLength(1);
    const restarted = given.open();
    expect(await restarted.clientAssertions.accept(FOO, 'one', NOW + 1000)).toBe(false);
    expect(await restarted.clientAssertions.accept(LOREM, 'one', NOW + 1000)).toBe(true);
    restarted.close();
  });

  test('count no more failed logins than the limit, however many come in at once', async () => {
    const ada = randomBytes(32);
    const throttled = await inParallel(30, (each) => each.loginFailures.add(failureOf(ada), LIMITS, ACT));
    expect(throttled.filter((until) => until === null)).toHaveLength(10);
    expect(throttled.filter((until) => until === NOW + 900_000)).toHaveLength(20);
    expect(await told('login failed')).toHaveLength(10);
  });

  test('count no failure of somebody who is throttled, so that the wait ends', async () => {
    const ada = randomBytes(32);
    for (let index = 0; index < 10; index += 1)
      await given.stores.loginFailures.add(failureOf(ada), LIMITS, ACT);
    for (let index = 0; index < 10; index += 1)
      await given.stores.loginFailures.add(failureOf(ada), LIMITS, at(NOW + 1));
    expect(await given.stores.loginFailures.throttledUntil(ada, LIMITS, NOW + 900_000)).toBeNull();
  });

  test('throttle an address after 300 failures, whatever the accounts, until the oldest has aged', async () => {
    for (let index = 0; index < 300; index += 1) {
      const failure = failureOf(randomBytes(32));
      expect(await given.stores.loginFailures.add(failure, LIMITS, at(NOW + index))).toBeNull();
    }
    const ask = (address: string, now: number) =>
      given.stores.loginFailures.throttledUntil(randomBytes(32), limitsOf(address), now);
    expect(await ask('192.0.2.1', NOW + 300)).toBe(NOW + 900_000);
    expect(await ask('192.0.2.2', NOW + 300)).toBeNull();
    expect(await ask('192.0.2.1', NOW + 899_999)).not.toBeNull();
    expect(await ask('192.0.2.1', NOW + 900_000)).toBeNull();
  });

  test('count a failure for each network of its client, each with its own limit', async () => {
    const ada = randomBytes(32);
    const [wide, narrow] = limitsOf('wide', 'narrow').networks;
    if (wide === undefined || narrow === undefined) throw new Error('two networks');
    const limits = { windowMs: 900_000, networks: [{ ...wide, maxFailuresPerAccount: 3 }, narrow] };
    const elsewhere = { ...limits, networks: [{ ...wide, maxFailuresPerAccount: 3 }] };
    const { loginFailures } = given.stores;
    for (let index = 0; index < 3; index += 1) {
      expect(await loginFailures.add(failureOf(ada), limits, at(NOW + index))).toBeNull();
    }
    expect(await loginFailures.add(failureOf(ada), limits, at(NOW + 3))).toBe(NOW + 900_000);
    expect(await loginFailures.throttledUntil(ada, elsewhere, NOW + 3)).toBe(NOW + 900_000);
    expect(await loginFailures.throttledUntil(ada, limitsOf('narrow'), NOW + 3)).toBeNull();
    expect(await told('login failed')).toHaveLength(3);
  });

  test('throttle nobody for failures that lie far ahead, because the clock was set back since', async () => {
    const ada = randomBytes(32);
    for (let index = 0; index < 10; index += 1)
      await given.stores.loginFailures.add(failureOf(ada), LIMITS, at(NOW));
    const ask = (now: number) => given.stores.loginFailures.throttledUntil(ada, LIMITS, now);
    expect(await ask(NOW - 900_000)).toBe(NOW + 900_000);
    expect(await ask(NOW - 900_001)).toBeNull();
  });

  test('sweep in slices until nothing expired is left, and say so', async () => {
    for (let index = 0; index < 600; index += 1) {
      await given.stores.clientAssertions.accept(FOO, `assertion ${index}`, NOW);
    }
    const before = { now: NOW + HOUR, failuresSince: 0, auditSince: 0 };
    expect(await given.stores.sweep(before), 'a slice has at most 250 rows').toBe(true);
    for (let slices = 1; await given.stores.sweep(before); slices += 1) expect(slices).toBeLessThan(600);
    expect(await given.stores.sweep(before)).toBe(false);
    expect(await given.stores.clientAssertions.accept(FOO, 'assertion 599', NOW + 1)).toBe(true);
  });

  test('sweep what is over, client assertions an hour later, and nothing that lives', async () => {
    const { sid } = await startSession({ endsAt: NOW + 20_000 });
    const token = await issueToken(sid);
    await given.stores.clientAssertions.accept(FOO, 'old', NOW + 1000 - HOUR);
    await given.stores.clientAssertions.accept(FOO, 'young', NOW + 3000 - HOUR);
    await given.stores.audit.add({ kind: 'key rotated' }, at(NOW - 1));
    const before = { now: NOW + 2000, failuresSince: NOW, auditSince: NOW };
    expect(await given.stores.sweep(before)).toBe(false);
    expect(await given.stores.sessions.findBySid(sid)).not.toBeNull();
    expect(await given.stores.clientAssertions.accept(FOO, 'old', NOW + 5000)).toBe(true);
    expect(await given.stores.clientAssertions.accept(FOO, 'young', NOW + 5000)).toBe(false);
    expect(await given.stores.tokens.redeem(token.hash, FOO, NOW - 1, at(NOW + 2000))).toMatchObject({
      session: { sid },
    });
    expect(await told('key rotated')).toEqual([]);
    expect(await told('session started')).toHaveLength(1);
  });
}
