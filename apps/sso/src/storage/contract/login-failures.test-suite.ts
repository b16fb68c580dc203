/** The guarantees of `LoginFailureStore`. */
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { FailureLimits } from '../stores.ts';
import { at, CONTEXT, failureOf, type Given, LIMITS, limitsOf, NOW } from './given.ts';

export function loginFailureContract(given: Given): void {
  const { inParallel, detailsOf } = given;

  test('count no more failed logins than the limit, however many calls run in parallel', async () => {
    const ada = randomBytes(32);
    const throttled = await inParallel(30, (each) => each.loginFailures.add(failureOf(ada), LIMITS, CONTEXT));
    expect(throttled.filter((reached) => reached === null)).toHaveLength(10);
    expect(throttled.filter((reached) => reached?.until === NOW + 900_000)).toHaveLength(20);
    expect(await detailsOf('login failed')).toHaveLength(10);
  });

  test('count no more failed logins from a network than its limit, even for different accounts', async () => {
    const limits = { windowMs: 900_000, networks: [{ ...limitsOf('office').networks[0], maxFailures: 7 }] };
    const throttled = await inParallel(30, (each) =>
      each.loginFailures.add(failureOf(randomBytes(32)), limits as FailureLimits, CONTEXT),
    );
    expect(throttled.filter((reached) => reached === null)).toHaveLength(7);
    expect(throttled.filter((reached) => reached?.of === 'address')).toHaveLength(23);
  });

  test('count parallel failures of overlapping networks, in either order', async () => {
    const [ada, limits] = [randomBytes(32), limitsOf('wide', 'middle', 'narrow')];
    const reversed = { ...limits, networks: limits.networks.toReversed() };
    const throttled = await inParallel(30, (each, index) =>
      each.loginFailures.add(failureOf(ada), index % 3 === 0 ? limits : reversed, CONTEXT),
    );
    expect(throttled.filter((reached) => reached === null)).toHaveLength(10);
  });

  test('count no failures while throttled, so that the throttle ends', async () => {
    const ada = randomBytes(32);
    for (let index = 0; index < 10; index += 1)
      await given.stores.loginFailures.add(failureOf(ada), LIMITS, CONTEXT);
    for (let index = 0; index < 10; index += 1)
      await given.stores.loginFailures.add(failureOf(ada), LIMITS, at(NOW + 1));
    expect(await given.stores.loginFailures.findReached(ada, LIMITS, NOW + 900_000)).toBeNull();
  });

  test('throttle an address after 300 failures for any accounts, until the oldest has aged', async () => {
    for (let index = 0; index < 300; index += 1) {
      const failure = failureOf(randomBytes(32));
      expect(await given.stores.loginFailures.add(failure, LIMITS, at(NOW + index))).toBeNull();
    }
    const ask = (address: string, now: number) =>
      given.stores.loginFailures.findReached(randomBytes(32), limitsOf(address), now);
    expect(await ask('192.0.2.1', NOW + 300)).toMatchObject({ until: NOW + 900_000 });
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
    expect(await loginFailures.add(failureOf(ada), limits, at(NOW + 3))).toMatchObject({
      until: NOW + 900_000,
    });
    expect(await loginFailures.findReached(ada, elsewhere, NOW + 3)).toMatchObject({ until: NOW + 900_000 });
    expect(await loginFailures.findReached(ada, limitsOf('narrow'), NOW + 3)).toBeNull();
    expect(await detailsOf('login failed')).toHaveLength(3);
  });

  test('list all reached limits, however many networks and accounts, and no others', async () => {
    const { loginFailures } = given.stores;
    const hashes = Array.from({ length: 600 }, () => randomBytes(32));
    const limits = {
      windowMs: 900_000,
      networks: [{ name: 'office', maxFailuresPerAccount: 2, maxFailures: 1200 }],
    };
    for (const usernameHash of hashes) await loginFailures.add(failureOf(usernameHash), limits, at(NOW));
    for (const usernameHash of hashes.slice(1))
      await loginFailures.add(failureOf(usernameHash), limits, at(NOW + 5));
    const limitsFor = () => ({ maxFailuresPerAccount: 2, maxFailures: 1199 });
    const listed = await allRows(loginFailures.pages(limitsFor, 900_000, NOW + 10));
    expect(listed[0]).toEqual({
      ...{ of: 'address', network: 'office', usernameHash: null },
      ...{ failures: 1199, maxFailures: 1199, until: NOW + 900_000 },
    });
    expect(listed).toHaveLength(600);
    expect(listed.at(-1)).toMatchObject({ of: 'account', network: 'office', failures: 2, maxFailures: 2 });
    const found = new Set(listed.map(({ usernameHash }) => usernameHash?.toString('hex')));
    expect(found).toEqual(new Set([undefined, ...hashes.slice(1).map((hash) => hash.toString('hex'))]));
    expect(await allRows(loginFailures.pages(limitsFor, 900_000, NOW + 900_005))).toEqual([]);
  });

  test('delete the failures of some networks or of one account, and return their number', async () => {
    const { loginFailures } = given.stores;
    const [ada, grace] = [randomBytes(32), randomBytes(32)];
    const limits = limitsOf('wide', 'narrow');
    for (let index = 0; index < 10; index += 1)
      await loginFailures.add(failureOf(ada), limits, at(NOW + index));
    for (let index = 0; index < 3; index += 1)
      await loginFailures.add(failureOf(grace), limits, at(NOW + index));
    const forget = (choice: Parameters<typeof loginFailures.forget>[0]) =>
      inParallel(4, (each) => each.loginFailures.forget(choice, { accountId: null, detail: 'x' }, CONTEXT));
    expect((await forget({ networks: ['elsewhere'] })).sort()).toEqual([0, 0, 0, 0]);
    expect((await forget({ networks: ['narrow'] })).sort()).toEqual([0, 0, 0, 13]);
    expect(await loginFailures.findReached(ada, limitsOf('narrow'), NOW + 10)).toBeNull();
    expect(await loginFailures.findReached(ada, limits, NOW + 10)).toMatchObject({
      network: 'wide',
      of: 'account',
    });
    expect((await forget({ usernameHash: ada })).sort()).toEqual([0, 0, 0, 10]);
    expect(await loginFailures.findReached(ada, limits, NOW + 10)).toBeNull();
    expect((await forget({ networks: ['wide'] })).sort()).toEqual([0, 0, 0, 3]);
    expect(await detailsOf('throttle lifted')).toEqual(
      [13, 10, 3].map((n) => `x: ${n} failed sign-ins deleted`),
    );
  });

  test('delete failures in slices, let other processes write in between, and record it once', async () => {
    const { loginFailures } = given.stores;
    const limits = {
      windowMs: 900_000,
      networks: [{ name: 'office', maxFailuresPerAccount: 10, maxFailures: 1200 }],
    };
    for (let index = 0; index < 600; index += 1)
      await loginFailures.add(failureOf(randomBytes(32)), limits, at(NOW));
    const counts = new Set<number>();
    let isDone = false;
    const choice = { networks: ['office'] };
    const forgetting = loginFailures
      .forget(choice, { accountId: null, detail: 'office' }, CONTEXT)
      .finally(() => (isDone = true));
    for (; !isDone; await setImmediate()) {
      const { loginFailures: others } = given.others;
      await others.add(failureOf(randomBytes(32)), limitsOf('elsewhere'), at(NOW));
      const limitsFor = () => ({ maxFailuresPerAccount: 10, maxFailures: 1 });
      const listed = await allRows(others.pages(limitsFor, 900_000, NOW));
      counts.add(listed.find(({ network }) => network === 'office')?.failures ?? 0);
    }
    expect(await forgetting).toBe(600);
    const partial = [...counts].filter((count) => count > 0 && count < 600);
    expect(partial.length).toBeGreaterThan(0);
    expect(await detailsOf('throttle lifted')).toEqual(['office: 600 failed sign-ins deleted']);
    expect(await loginFailures.forget(choice, { accountId: null, detail: 'office' }, CONTEXT)).toBe(0);
  });

  test('ignore failures far in the future, which a clock set back leaves [T-OUTAGE-06]', async () => {
    const ada = randomBytes(32);
    for (let index = 0; index < 10; index += 1)
      await given.stores.loginFailures.add(failureOf(ada), LIMITS, at(NOW));
    const ask = (now: number) => given.stores.loginFailures.findReached(ada, LIMITS, now);
    expect(await ask(NOW - 900_000)).toMatchObject({ until: NOW + 900_000 });
    expect(await ask(NOW - 900_001)).toBeNull();
  });
}
