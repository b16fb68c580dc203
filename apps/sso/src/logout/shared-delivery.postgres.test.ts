/** Several instances that deliver the logout notices of one database. */
import { randomBytes, randomUUID } from 'node:crypto';
import path from 'node:path';
import { type KeyRing, openKeyRing } from '@samesite-sso/core';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { keysBeside } from '../../../../test/support/keys-beside.ts';
import { postgresUrl } from '../../../../test/support/postgres.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  ADA,
  byPassword,
  FOO,
  NO_REQUIREMENT,
  OPERATOR,
  SSO,
  temporaryFolder,
} from '../../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../../test/support/test-app.ts';
import { LEASE_MS } from '../storage/logout-notice-store.ts';
import { openStores } from '../storage/open-stores.ts';
import type { LogoutNoticeStore, Stores } from '../storage/stores.ts';
import { LogoutDelivery } from './logout-delivery.ts';

const START = Date.parse('2026-11-22T12:00:00Z');

const newFile = async () => path.join(temporaryFolder(), 'sso.sqlite');

describe.each([
  ['SQLite', newFile],
  ['PostgreSQL', () => postgresUrl()],
])('instances on one %s database', (_engine, newDatabase) => {
  let clock: { now: number };
  let database: string;
  let stores: Stores;
  let keys: KeyRing;

  async function open(): Promise<Stores> {
    const opened = await openStores(database);
    onTestFinished(() => opened.close());
    return opened;
  }

  beforeEach(async () => {
    clock = { now: START };
    database = await newDatabase();
    stores = await open();
    keys = await openKeyRing(keysBeside(await newFile()));
    await stores.accounts.add([{ ...ADA, usernameKey: 'ada', passwordHash: 'hash' }], OPERATOR);
  });

  /** Ends sessions that foo had a token of. @returns their sids */
  async function endSessions(count: number, { issuedAt = clock.now } = {}): Promise<string[]> {
    const sids = Array.from({ length: count }, () => randomUUID());
    const context = (at: number) => ({ at, actor: 'person', address: null });
    for (const sid of sids) {
      const session = { sid, tokenHash: randomBytes(32), accountId: ADA.id, proof: byPassword() };
      const more = { endsAt: START + 3_600_000, userAgent: '', device: '' };
      await stores.sessions.start({ ...session, ...more }, null, 0, context(clock.now));
      const token = { hash: randomBytes(32), app: FOO, sid, expiresAt: issuedAt + 30_000 };
      const { tokenHash: sessionTokenHash } = session;
      await stores.tokens.issue({ ...token, sessionTokenHash }, NO_REQUIREMENT, context(issuedAt));
      await stores.sessions.end({ sids: [sid] }, 'signed out', context(clock.now));
    }
    return sids;
  }

  /** Starts the delivery of an instance, with connections of its own. */
  async function startInstance(
    server: string | undefined,
    wrap = (store: LogoutNoticeStore): LogoutNoticeStore => store,
  ) {
    const own = await open();
    const log = { warn: vi.fn() };
    const delivery = new LogoutDelivery(wrap(own.logoutNotices), {
      holder: randomUUID(),
      registry: { serverOf: () => server },
      findServers: () => own.registry.servers(),
      issuer: SSO,
      keys,
      clock: () => clock.now,
      log,
    });
    onTestFinished(() => delivery.stop());
    const poll = async () => {
      await delivery.poll();
      await delivery.idle();
    };
    return { delivery, log, poll };
  }

  const deliveredSids = async () =>
    (await allRows(stores.audit.pages({ kind: 'logout delivered', limit: 1000 }))).map(({ sid }) => sid);

  test('send each notice once, though all of them poll', async () => {
    const foo = await startTestApp();
    const sids = await endSessions(60);
    const instances = [await startInstance(foo.server), await startInstance(foo.server)];
    while ((await deliveredSids()).length < 60) await Promise.all(instances.map(({ poll }) => poll()));
    expect(foo.sids().sort()).toEqual(sids.sort());
  });

  test('keep the pace of an app that fails: one request after each pause for all of them', async () => {
    const foo = await startTestApp();
    const requestedAt: number[] = [];
    foo.answer = (response) => {
      requestedAt.push(clock.now);
      response.writeHead(500).end();
    };
    await endSessions(40);
    const [one, another] = [await startInstance(foo.server), await startInstance(foo.server)];
    for (; clock.now < START + 66_000; clock.now += 500) {
      await one.poll();
      await another.poll();
    }
    expect(requestedAt.slice(0, 16)).toEqual(Array(16).fill(START));
    const pauses = requestedAt.slice(15).map((at, index, all) => at - (all[index - 1] ?? at));
    for (const [index, pauseMs] of pauses.slice(1).entries()) {
      expect(pauseMs).toBeGreaterThanOrEqual(750 * 2 ** index);
      expect(pauseMs).toBeLessThan(1000 * 2 ** index + 500);
    }
    expect(pauses.length).toBeGreaterThanOrEqual(6);
    expect(another.log.warn).not.toHaveBeenCalled();
  });

  test('take over from one that dies with requests under way, and record each delivery once', async () => {
    const foo = await startTestApp();
    const held: (() => void)[] = [];
    foo.answer = (response) => void held.push(() => void response.writeHead(200).end());
    const sids = await endSessions(20);
    const [dead, alive] = [await startInstance(foo.server), await startInstance(foo.server)];
    await dead.delivery.poll();
    await expect.poll(() => held.length).toBe(16);
    foo.answer = (response) => void response.writeHead(200).end();
    clock.now += LEASE_MS - 1;
    await alive.poll();
    expect(foo.tokens, 'the lease is in force').toHaveLength(16);
    clock.now += 1;
    await alive.poll();
    expect((await deliveredSids()).sort()).toEqual([...sids].sort());
    expect(foo.tokens).toHaveLength(36);
    // Now it turns out that it was only suspended.
    for (const answer of held) answer();
    await dead.delivery.idle();
    expect(await deliveredSids()).toHaveLength(20);
    expect(foo.tokens, 'it sends nothing more').toHaveLength(36);
  });

  test('send nothing that was due before they were suspended', async () => {
    const foo = await startTestApp();
    await endSessions(1);
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let suspendedMs = LEASE_MS;
    const suspended = await startInstance(foo.server, (store) => ({
      ...store,
      giveUp: async () => [],
      async due(...choice) {
        const notices = await store.due(...choice);
        vi.advanceTimersByTime(suspendedMs);
        return notices;
      },
    }));
    await suspended.poll();
    expect(foo.tokens).toEqual([]);
    suspendedMs = 0;
    await suspended.poll();
    expect(foo.tokens).toHaveLength(1);
  });

  test('take over at once from one that stops', async () => {
    const foo = await startTestApp();
    foo.answer = () => {};
    const [sid] = await endSessions(1);
    const [stopping, other] = [await startInstance(foo.server), await startInstance(foo.server)];
    await stopping.delivery.poll();
    await expect.poll(() => foo.tokens.length).toBe(1);
    foo.answer = (response) => void response.writeHead(200).end();
    await other.poll();
    expect(foo.tokens).toHaveLength(1);
    await stopping.delivery.stop();
    await other.poll();
    expect(foo.sids()).toEqual([sid, sid]);
    expect(await deliveredSids()).toEqual([sid]);
  });

  test('date a logout token like the last authentication token, but at most a minute back', async () => {
    const foo = await startTestApp();
    await endSessions(1, { issuedAt: START + 1999 });
    await endSessions(1, { issuedAt: START - 1999 });
    await endSessions(1, { issuedAt: START - 3_600_000 });
    await (await startInstance(foo.server)).poll();
    const issuedAt = foo.tokens.map((token) => decodeJwt(token).iat).sort();
    expect(issuedAt).toEqual([-60, -2, 1].map((seconds) => START / 1000 + seconds));
  });

  test('date no logout token in the future after the clock was set back', async () => {
    const foo = await startTestApp();
    await endSessions(1, { issuedAt: START + 3_600_000 });
    await (await startInstance(foo.server)).poll();
    expect(foo.tokens.map((token) => decodeJwt(token).iat)).toEqual([START / 1000]);
  });

  test('notify an app that was removed at its last known server', async () => {
    const foo = await startTestApp();
    const [sid] = await endSessions(1);
    const { poll, log } = await startInstance(undefined);
    await poll();
    expect(log.warn.mock.lastCall?.[0]).toMatchObject({
      app: FOO,
      reason: expect.stringContaining('unknown'),
    });
    const apps = [{ origin: FOO, name: 'Foo', server: foo.server }];
    await stores.registry.record({ instance: 'an earlier one', apps, loadedAt: START }, START);
    clock.now += 1000;
    await poll();
    expect(foo.sids()).toEqual([sid]);
  });
});
