/**
 * The guarantees of `stores.ts` as tests that every backend runs: what must hold under parallel callers, in
 * two processes' connections at once, and after the stores were closed and opened again.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Stores } from './stores.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const FOO = 'http://foo.app.example.localhost:4001';
const LOREM = 'http://lorem.app.example.localhost:4002';
const ADA = { id: 'account-of-ada', username: 'ada', displayName: 'Ada Lovelace' };
const ACCOUNT = { ...ADA, usernameKey: 'ada', passwordHash: 'hash', createdAt: NOW };
const ALIVE = { now: NOW, idleSince: NOW - 1000 };
const LIMITS = { windowMilliseconds: 900_000, perAccount: 10, perAddress: 300 };

/** @param open opens the same stores anew at every call, empty at the first of a test */
export function describeStores(backend: string, open: () => Stores): void {
  describe(`the stores on ${backend}`, () => {
    let stores: Stores;
    let others: Stores;
    beforeEach(() => {
      stores = open();
      others = open();
      return () => {
        stores.close();
        others.close();
      };
    });

    /** Asks both connections, in turn, all at once. */
    const inParallel = <Result>(times: number, ask: (stores: Stores, index: number) => Promise<Result>) =>
      Promise.all(Array.from({ length: times }, (_, index) => ask(index % 2 === 0 ? stores : others, index)));

    async function startSession(settings: { endsAt?: number; replaced?: Buffer } = {}) {
      const secretHash = randomBytes(32);
      const sid = randomUUID();
      await stores.accounts.add(ACCOUNT);
      await stores.sessions.start(
        { sid, secretHash, accountId: ADA.id, startedAt: NOW, endsAt: settings.endsAt ?? NOW + 10_000 },
        settings.replaced ?? null,
      );
      return { sid, secretHash };
    }

    async function issueToken(sid: string) {
      const hash = randomBytes(32);
      const isIssued = await stores.tokens.issue({ hash, app: FOO, sid, expiresAt: NOW + 5000 });
      return { hash, isIssued };
    }

    test('add one account of a name, however many ask at once', async () => {
      const added = await inParallel(20, (each, index) =>
        each.accounts.add({ ...ACCOUNT, id: `account ${index}` }),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await stores.accounts.list()).toHaveLength(1);
    });

    test('find an account by its name’s key, and nothing by another', async () => {
      await stores.accounts.add(ACCOUNT);
      expect(await stores.accounts.findByUsernameKey('ada')).toEqual({ ...ADA, passwordHash: 'hash' });
      expect(await stores.accounts.findByUsernameKey('Ada')).toBeNull();
    });

    test('rehash a password only while it is the one that was checked', async () => {
      await stores.accounts.add(ACCOUNT);
      await stores.accounts.rehash(ADA.id, 'another hash', 'stale');
      expect((await stores.accounts.findByUsernameKey('ada'))?.passwordHash).toBe('hash');
      await stores.accounts.rehash(ADA.id, 'hash', 'stronger');
      expect((await stores.accounts.findByUsernameKey('ada'))?.passwordHash).toBe('stronger');
    });

    test('find a session by its secret’s hash or its public name, with its account', async () => {
      const { sid, secretHash } = await startSession();
      const session = { sid, account: ADA, lastSeenAt: NOW, endsAt: NOW + 10_000 };
      expect(await stores.sessions.find(secretHash)).toEqual(session);
      expect(await stores.sessions.findBySid(sid)).toEqual(session);
      expect(await stores.sessions.find(randomBytes(32))).toBeNull();
    });

    test('end the session that a new one replaces, and no other', async () => {
      const old = await startSession();
      const bystander = await startSession();
      const fresh = await startSession({ replaced: old.secretHash });
      expect(await stores.sessions.find(old.secretHash)).toBeNull();
      expect(await stores.sessions.find(bystander.secretHash)).not.toBeNull();
      expect(await stores.sessions.find(fresh.secretHash)).not.toBeNull();
    });

    test('keep the replaced session when the new one cannot be started', async () => {
      const old = await startSession();
      const broken = {
        sid: old.sid,
        secretHash: randomBytes(32),
        accountId: 'nobody',
        startedAt: NOW,
        endsAt: NOW,
      };
      await expect(stores.sessions.start(broken, old.secretHash)).rejects.toThrow();
      expect(await stores.sessions.find(old.secretHash)).not.toBeNull();
    });

    test('note the latest use, even if it is told late', async () => {
      const { sid, secretHash } = await startSession();
      await stores.sessions.touch(sid, NOW + 500);
      await stores.sessions.touch(sid, NOW + 200);
      expect((await stores.sessions.find(secretHash))?.lastSeenAt).toBe(NOW + 500);
    });

    test('redeem a token for exactly one of many who ask at once', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      const answers = await inParallel(50, (each) => each.tokens.redeem(hash, FOO, ALIVE));
      expect(answers.filter((answer) => answer !== null)).toEqual([sid]);
    });

    test('never redeem a token again after a restart', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      await stores.tokens.redeem(hash, FOO, ALIVE);
      const restarted = open();
      expect(await restarted.tokens.redeem(hash, FOO, ALIVE)).toBeNull();
      restarted.close();
    });

    test('leave a token that another app asks about good for its own', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      expect(await stores.tokens.redeem(hash, LOREM, ALIVE)).toBeNull();
      expect(await stores.tokens.redeem(hash, FOO, ALIVE)).toBe(sid);
    });

    test.each([
      ['at the moment it expires', NOW + 10_000, { now: NOW + 5000, idleSince: NOW - 1000 }],
      ['once its session has reached its latest end', NOW + 4000, { now: NOW + 4000, idleSince: NOW - 1000 }],
      ['once its session has idled away', NOW + 10_000, { now: NOW, idleSince: NOW }],
    ])('redeem no token %s', async (_name, endsAt, at) => {
      const { sid } = await startSession({ endsAt });
      const { hash } = await issueToken(sid);
      expect(await stores.tokens.redeem(hash, FOO, at)).toBeNull();
    });

    test('redeem no token of a session that has ended, and issue none for it', async () => {
      const { sid, secretHash } = await startSession();
      const { hash } = await issueToken(sid);
      await stores.sessions.end(secretHash);
      expect(await stores.tokens.redeem(hash, FOO, ALIVE)).toBeNull();
      expect((await issueToken(sid)).isIssued).toBe(false);
    });

    test('accept a client assertion once, however many send it at once, and after a restart', async () => {
      const accepted = await inParallel(20, (each) => each.clientAssertions.accept(FOO, 'one', NOW + 1000));
      expect(accepted.filter(Boolean)).toHaveLength(1);
      const restarted = open();
      expect(await restarted.clientAssertions.accept(FOO, 'one', NOW + 1000)).toBe(false);
      expect(await restarted.clientAssertions.accept(LOREM, 'one', NOW + 1000)).toBe(true);
      restarted.close();
    });

    test('count no more failed logins than the limit, however many come in at once', async () => {
      const ada = randomBytes(32);
      const throttled = await inParallel(30, (each) => each.loginFailures.add(ada, '192.0.2.1', NOW, LIMITS));
      expect(throttled.filter((until) => until === null)).toHaveLength(10);
      expect(throttled.filter((until) => until === NOW + 900_000)).toHaveLength(20);
    });

    test('count no failure of somebody who is throttled, so that the wait ends', async () => {
      const ada = randomBytes(32);
      for (let index = 0; index < 10; index += 1)
        await stores.loginFailures.add(ada, '192.0.2.1', NOW, LIMITS);
      for (let index = 0; index < 10; index += 1)
        await stores.loginFailures.add(ada, '192.0.2.1', NOW + 1, LIMITS);
      expect(await stores.loginFailures.throttledUntil(ada, '192.0.2.1', NOW + 900_000, LIMITS)).toBeNull();
    });

    test('throttle an address after 300 failures, whatever the accounts, until the oldest has aged', async () => {
      for (let index = 0; index < 300; index += 1) {
        expect(await stores.loginFailures.add(randomBytes(32), '192.0.2.1', NOW + index, LIMITS)).toBeNull();
      }
      const ask = (address: string, now: number) =>
        stores.loginFailures.throttledUntil(randomBytes(32), address, now, LIMITS);
      expect(await ask('192.0.2.1', NOW + 300)).toBe(NOW + 900_000);
      expect(await ask('192.0.2.2', NOW + 300)).toBeNull();
      expect(await ask('192.0.2.1', NOW + 899_999)).not.toBeNull();
      expect(await ask('192.0.2.1', NOW + 900_000)).toBeNull();
    });

    test('sweep what is over, and nothing that lives', async () => {
      const living = await startSession({ endsAt: NOW + 20_000 });
      const over = await startSession({ endsAt: NOW + 1000 });
      const token = await issueToken(living.sid);
      await stores.clientAssertions.accept(FOO, 'old', NOW + 1000);
      await stores.clientAssertions.accept(FOO, 'young', NOW + 3000);
      await stores.sweep({ now: NOW + 2000, idleSince: NOW - 1, failuresSince: NOW });
      expect(await stores.sessions.find(over.secretHash)).toBeNull();
      expect(await stores.sessions.find(living.secretHash)).not.toBeNull();
      expect(await stores.clientAssertions.accept(FOO, 'old', NOW + 5000)).toBe(true);
      expect(await stores.clientAssertions.accept(FOO, 'young', NOW + 5000)).toBe(false);
      expect(await stores.tokens.redeem(token.hash, FOO, { now: NOW + 2000, idleSince: NOW - 1 })).toBe(
        living.sid,
      );
    });
  });
}
