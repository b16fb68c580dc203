import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { type KeyRing, openKeyRing } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { keysBeside } from '../../../../test/support/keys-beside.ts';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../../test/support/one-second.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  ADA,
  byPassword,
  FOO,
  LOREM,
  NO_REQUIREMENT,
  OPERATOR,
  SSO,
  temporaryFolder,
} from '../../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../../test/support/test-app.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import type { Stores } from '../storage/stores.ts';
import { LogoutDelivery } from './logout-delivery.ts';

/** The instance that delivers. The tests read notices under its leases. */
const HOLDER = 'an instance';
const START = Date.parse('2026-11-22T12:00:00Z');
let clock: { now: number };
let database: string;
let stores: Stores;
let keys: KeyRing;

beforeEach(async () => {
  clock = { now: START };
  database = path.join(temporaryFolder(), 'sso.sqlite');
  stores = openSqliteStores(database);
  onTestFinished(() => stores.close());
  keys = await openKeyRing(keysBeside(database));
  const account = { ...ADA, usernameKey: 'ada', passwordHash: 'hash' };
  await stores.accounts.add([account], OPERATOR);
});

/** Starts a session of ada, issues tokens of it to these apps, and ends it. */
async function endSession(apps: string[], endsAt = START + 3_600_000, accountId = ADA.id): Promise<string> {
  const sid = randomUUID();
  const context = { at: clock.now, actor: 'person', address: null };
  const session = { sid, tokenHash: randomBytes(32), accountId, proof: byPassword(), endsAt };
  await stores.sessions.start({ ...session, userAgent: '', device: '' }, null, 0, context);
  for (const app of apps) {
    const token = { hash: randomBytes(32), app, sid, expiresAt: clock.now + 30_000 };
    await stores.tokens.issue({ ...token, sessionTokenHash: session.tokenHash }, NO_REQUIREMENT, context);
  }
  await stores.sessions.end({ sids: [sid] }, 'signed out', context);
  return sid;
}

function newDelivery(servers: Record<string, string>) {
  const log = { warn: vi.fn() };
  const delivery = new LogoutDelivery(stores.logoutNotices, {
    holder: HOLDER,
    registry: { serverOf: (origin) => servers[origin] },
    findServers: () => stores.registry.servers(),
    issuer: SSO,
    keys,
    clock: () => clock.now,
    log,
  });
  onTestFinished(() => delivery.stop());
  return { delivery, log };
}

const recorded = async (kind: 'logout delivered' | 'logout given up') =>
  (await allRows(stores.audit.pages({ kind, limit: 100 }))).map(({ app, sid }) => `${app} ${sid}`);

test('every app that got a token of the session gets its own logout token', async () => {
  const [foo, lorem] = [await startTestApp(), await startTestApp()];
  const sid = await endSession([FOO, LOREM]);
  const { delivery } = newDelivery({ [FOO]: foo.server, [LOREM]: lorem.server });
  await delivery.poll();
  await expect.poll(() => [foo.tokens.length, lorem.tokens.length]).toEqual([1, 1]);
  for (const [app, [token = '']] of [
    [FOO, foo.tokens],
    [LOREM, lorem.tokens],
  ] as const) {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys.publicKeys), {
      typ: 'logout+jwt',
      currentDate: new Date(START),
    });
    expect(payload).toEqual({
      iss: SSO,
      aud: app,
      sub: ADA.id,
      sid,
      jti: expect.stringMatching(/^[\w-]{36}$/),
      iat: START / 1000,
      exp: START / 1000 + 120,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(Object.keys(decodeProtectedHeader(token)).sort()).toEqual(['alg', 'kid', 'typ']);
  }
  await expect.poll(() => recorded('logout delivered')).toHaveLength(2);
  clock.now += 3_600_000;
  await delivery.poll();
  expect(foo.tokens, 'once is enough').toHaveLength(1);
});

test('hundreds of notices of one account don’t delay those of another [T-FLOOD-04]', async () => {
  const grace = {
    id: 'account-of-grace',
    username: 'grace',
    displayName: 'Grace Hopper',
    usernameKey: 'grace',
  };
  await stores.accounts.add([{ ...grace, passwordHash: 'hash' }], OPERATOR);
  for (let count = 0; count < 300; count += 1) await endSession([FOO]);
  const sid = await endSession([FOO], START + 3_600_000, grace.id);
  const foo = await startTestApp();
  const { delivery } = newDelivery({ [FOO]: foo.server });
  await delivery.poll();
  await expect.poll(() => foo.sids(), { timeout: 30_000 }).toHaveLength(301);
  // It is sent with the first sixteen, which may arrive in any order.
  expect(foo.sids().indexOf(sid)).toBeLessThan(150);
});

test('an app that got no token of the session gets no logout token', async () => {
  const [foo, lorem] = [await startTestApp(), await startTestApp()];
  await endSession([FOO]);
  const { delivery } = newDelivery({ [FOO]: foo.server, [LOREM]: lorem.server });
  await delivery.poll();
  await expect.poll(() => recorded('logout delivered')).toHaveLength(1);
  expect(lorem.tokens).toEqual([]);
});

describe('an app that can’t be notified', () => {
  test.each([
    ['refuses', 400],
    ['fails', 500],
    ['doesn’t have the path', 404],
    ['redirects', 302],
  ])('because it %s is retried with growing pauses, each time with a new token', async (_name, status) => {
    const foo = await startTestApp();
    foo.answer = (response) => void response.writeHead(status, { location: '/elsewhere' }).end('<nonsense>');
    const sid = await endSession([FOO]);
    const { delivery, log } = newDelivery({ [FOO]: foo.server });
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await delivery.poll();
      await expect.poll(() => log.warn.mock.calls.length).toBe(attempt);
      const [notice] = await stores.logoutNotices.due(FOO, HOLDER, Number.MAX_SAFE_INTEGER, 1);
      expect(notice).toMatchObject({ sid, attempts: attempt });
      const before = clock.now;
      while ((await stores.logoutNotices.due(FOO, HOLDER, clock.now, 1)).length === 0) clock.now += 10;
      pauses.push(clock.now - before);
    }
    expect(foo.tokens).toHaveLength(5);
    expect(new Set(foo.tokens).size).toBe(5);
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(1000 * 2 ** index * 0.75);
      expect(pause).toBeLessThanOrEqual(1000 * 2 ** index + 10);
    }
    foo.answer = (response) => void response.writeHead(204).end();
    await delivery.poll();
    await expect.poll(() => recorded('logout delivered')).toEqual([`${FOO} ${sid}`]);
  });

  test('is tried for the last time when its session must have expired, which is logged', async () => {
    const sid = await endSession([FOO], START + 10_000);
    const { delivery, log } = newDelivery({ [FOO]: 'http://127.0.0.1:1' });
    await delivery.poll();
    await expect.poll(() => log.warn.mock.calls.length).toBe(1);
    clock.now = START + 70_000;
    await delivery.poll();
    expect(log.warn).toHaveBeenLastCalledWith({ app: FOO, sid, attempts: 1 }, 'logout given up');
    expect(await recorded('logout given up')).toEqual([`${FOO} ${sid}`]);
    expect(await stores.logoutNotices.due(FOO, HOLDER, Number.MAX_SAFE_INTEGER, 1)).toEqual([]);
  });

  test('because it never responds delays no other app, and the request times out', async () => {
    const [foo, lorem] = [await startTestApp(), await startTestApp()];
    foo.answer = () => {};
    for (let count = 0; count < 20; count += 1) await endSession([FOO, LOREM]);
    const { delivery, log } = newDelivery({ [FOO]: foo.server, [LOREM]: lorem.server });
    const started = performance.now();
    await delivery.poll();
    await delivery.poll();
    await expect.poll(() => lorem.tokens.length, { timeout: 2500 }).toBe(20);
    expect(log.warn, 'foo is still being waited for').not.toHaveBeenCalled();
    expect(foo.tokens.length, 'and gets a few requests at a time, however often it is polled').toBe(16);
    await expect.poll(() => log.warn.mock.calls.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(log.warn.mock.calls[0]?.[0]).toMatchObject({
      app: FOO,
      reason: expect.stringContaining('timeout'),
    });
  });

  test('because it is down is tried with one notice at a time, and gets all once it is up', async () => {
    const { port, stop } = await startTestApp();
    await stop();
    const sids: string[] = [];
    for (let count = 0; count < 50; count += 1) sids.push(await endSession([FOO]));
    const { delivery, log } = newDelivery({ [FOO]: `http://127.0.0.1:${port}` });
    await delivery.poll();
    await expect.poll(() => log.warn.mock.calls.length).toBe(1);
    const attempted = async () =>
      (await stores.logoutNotices.due(FOO, HOLDER, START + 3_000_000, 100)).filter(
        ({ attempts }) => attempts > 0,
      );
    await expect.poll(async () => (await attempted()).length).toBe(16);
    clock.now += 1000;
    await delivery.poll();
    await expect.poll(() => log.warn.mock.calls.length).toBe(2);
    const tries = (await attempted()).reduce((sum, { attempts }) => sum + attempts, 0);
    expect(tries).toBe(17);

    const foo = await startTestApp({ port });
    clock.now += 2000;
    await delivery.poll();
    await expect.poll(() => foo.sids().sort(), { timeout: 5000 }).toEqual(sids.sort());
  });

  test('of one session still gets all other notices', async () => {
    const foo = await startTestApp();
    const [first, ...others] = [await endSession([FOO]), await endSession([FOO]), await endSession([FOO])];
    foo.answer = (response) => void response.writeHead(foo.sids().at(-1) === first ? 400 : 200).end();
    const { delivery } = newDelivery({ [FOO]: foo.server });
    for (let times = 0; times < 5; times += 1) {
      clock.now += 4000;
      await delivery.poll();
      await delivery.idle();
    }
    expect((await recorded('logout delivered')).sort()).toEqual(others.map((sid) => `${FOO} ${sid}`).sort());
    expect(await stores.logoutNotices.due(FOO, HOLDER, START + 3_000_000, 10)).toMatchObject([
      { sid: first },
    ]);
  });

  test('because its response can’t be recorded is retried later, within the same limit', async () => {
    const foo = await startTestApp();
    for (let count = 0; count < 20; count += 1) await endSession([FOO]);
    const locker = new Sqlite(database);
    onTestFinished(() => void locker.close());
    foo.answer = (response) => {
      if (foo.tokens.length === 1) locker.exec('BEGIN IMMEDIATE'); // The lease is taken already.
      response.writeHead(200).end();
    };
    const { delivery, log } = newDelivery({ [FOO]: foo.server });
    await delivery.poll();
    await delivery.idle();
    expect(log.warn).toHaveBeenCalledWith(
      expect.objectContaining({ app: FOO, reason: expect.stringContaining('locked') }),
      'logout deliveries not recorded',
    );
    await delivery.poll();
    await delivery.idle();
    expect(foo.tokens, 'while the pause lasts nothing more is sent').toHaveLength(16);
    locker.exec('COMMIT');
    foo.answer = (response) => void response.writeHead(200).end();
    clock.now += 1000;
    await delivery.poll();
    await expect.poll(() => recorded('logout delivered')).toHaveLength(20);
    expect(new Set(foo.sids()).size).toBe(20);
  });
});

test('a notice that is delivered while another is being recorded is delivered once', async () => {
  const foo = await startTestApp();
  for (let count = 0; count < 8; count += 1) await endSession([FOO]);
  const locker = new Sqlite(database);
  onTestFinished(() => void locker.close());
  // The first response arrives at once but is recorded late; the others arrive meanwhile.
  foo.answer = (response) => {
    const take = () => void response.writeHead(200).end();
    if (foo.tokens.length > 1) return void setTimeout(take, 50);
    locker.exec('BEGIN IMMEDIATE');
    setTimeout(() => locker.exec('COMMIT'), 150);
    take();
  };
  const { delivery, log } = newDelivery({ [FOO]: foo.server });
  await delivery.poll();
  await delivery.idle();
  expect(await recorded('logout delivered')).toHaveLength(8);
  expect(foo.tokens).toHaveLength(8);
  expect(log.warn).not.toHaveBeenCalled();
});

test('a notice that wasn’t delivered before a stop is delivered after a restart', async () => {
  const foo = await startTestApp();
  let arrived = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  foo.answer = () => arrived();
  const sid = await endSession([FOO]);
  const before = newDelivery({ [FOO]: foo.server });
  await before.delivery.poll();
  await arrival;
  const started = performance.now();
  await before.delivery.stop();
  expect(performance.now() - started, 'stopping waits for no app').toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);

  foo.answer = (response) => void response.writeHead(200).end();
  await newDelivery({ [FOO]: foo.server }).delivery.poll();
  await expect.poll(() => foo.sids()).toEqual([sid, sid]);
  await expect.poll(() => recorded('logout delivered')).toHaveLength(1);
});
