/**
 * The guarantees of `stores.ts` as tests that every backend runs: what must hold under parallel callers, in
 * two processes' connections at once, and after the stores were closed and opened again.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AuditKind } from '../audit/audit-event.ts';
import type { Act, NewSession, SessionChoice, Stores } from './stores.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const FOO = 'http://foo.app.example.localhost:4001';
const LOREM = 'http://lorem.app.example.localhost:4002';
const ADA = { id: 'account-of-ada', username: 'ada', displayName: 'Ada Lovelace' };
const ACCOUNT = { ...ADA, usernameKey: 'ada', passwordHash: 'hash' };
const GRACE = { id: 'account-of-grace', username: 'grace', displayName: 'Grace Hopper' };
const ACT: Act = { at: NOW, by: 'person', address: '192.0.2.1' };
const IDLE_SINCE = NOW - 1000;
const at = (now: number): Act => ({ ...ACT, at: now });
const failureOf = (usernameHash: Buffer) => ({ usernameHash, network: '192.0.2.1', accountId: null });
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

    function newSession(settings: Partial<NewSession> = {}): NewSession {
      return {
        sid: randomUUID(),
        secretHash: randomBytes(32),
        accountId: ADA.id,
        passwordVersion: 1,
        endsAt: NOW + 10_000,
        userAgent: 'Browser/1.0',
        ...settings,
      };
    }

    async function startSession({ replaced, ...settings }: Partial<NewSession> & { replaced?: Buffer } = {}) {
      await stores.accounts.add([ACCOUNT], ACT);
      const session = newSession(settings);
      expect(await stores.sessions.start(session, replaced ?? null, ACT)).toBe(true);
      return session;
    }

    async function issueToken(sid: string, app = FOO) {
      const hash = randomBytes(32);
      const isIssued = await stores.tokens.issue({ hash, app, sid, expiresAt: NOW + 5000 }, ACT);
      return { hash, isIssued };
    }

    const noticesFor = (app: string, now = NOW) => stores.logoutNotices.due(app, now, 100);
    const told = async (kind: AuditKind) =>
      (await stores.audit.list({ kind, limit: 1000 })).map(({ detail }) => detail);

    describe('accounts', () => {
      test('add one of a name, however many ask at once', async () => {
        const taken = await inParallel(20, (each, index) =>
          each.accounts.add([{ ...ACCOUNT, id: `account ${index}` }], ACT),
        );
        expect(taken.filter(({ length }) => length === 0)).toHaveLength(1);
        expect(await stores.accounts.list()).toHaveLength(1);
      });

      test('add all of many, or none, and say whose names are taken', async () => {
        await stores.accounts.add([ACCOUNT], ACT);
        const grace = { ...GRACE, usernameKey: 'grace', passwordHash: 'hash' };
        const many = [grace, { ...ACCOUNT, id: 'other' }, { ...grace, id: 'twin' }];
        expect(await stores.accounts.add(many, ACT)).toEqual([1, 2]);
        expect(await stores.accounts.list()).toHaveLength(1);
        expect(await told('account added')).toHaveLength(1);
        expect(await stores.accounts.add([grace], ACT)).toEqual([]);
      });

      test('are found by their name’s key, and by nothing else', async () => {
        await stores.accounts.add([ACCOUNT], ACT);
        const credentials = { account: ADA, passwordHash: 'hash', passwordVersion: 1, isDisabled: false };
        expect(await stores.accounts.findCredentials('ada')).toEqual(credentials);
        expect(await stores.accounts.find('ada')).toEqual({ ...ADA, createdAt: NOW, disabledAt: null });
        expect(await stores.accounts.findCredentials('Ada')).toBeNull();
        expect(await stores.accounts.find('Ada')).toBeNull();
      });

      test('are renamed, but never to another’s name', async () => {
        await stores.accounts.add([ACCOUNT, { ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], ACT);
        const renamed = { ...ADA, username: 'Grace', usernameKey: 'grace' };
        expect(await stores.accounts.rename(renamed, ACT)).toBe('taken');
        expect(await stores.accounts.rename({ ...ADA, id: 'nobody', usernameKey: 'ada' }, ACT)).toBe('gone');
        expect(await told('account renamed')).toEqual([]);
        expect(
          await stores.accounts.rename({ ...ADA, displayName: 'Ada King', usernameKey: 'ada' }, ACT),
        ).toBeNull();
        expect(await stores.accounts.list()).toMatchObject([{ displayName: 'Ada King' }, GRACE]);
      });

      test('are rehashed only while the password is the one that was checked', async () => {
        await stores.accounts.add([ACCOUNT], ACT);
        await stores.accounts.rehash(ADA.id, 'another hash', 'stale');
        expect((await stores.accounts.findCredentials('ada'))?.passwordHash).toBe('hash');
        await stores.accounts.rehash(ADA.id, 'hash', 'stronger');
        const credentials = await stores.accounts.findCredentials('ada');
        expect(credentials).toMatchObject({ passwordHash: 'stronger', passwordVersion: 1 });
      });

      test('get a new password once, however many set one over the same old one', async () => {
        await stores.accounts.add([ACCOUNT], ACT);
        const set = await inParallel(20, (each, index) =>
          each.accounts.setPassword(ADA.id, `hash ${index}`, { passwordVersion: 1 }, ACT),
        );
        expect(set.filter((ended) => ended !== null)).toEqual([0]);
        expect(await told('password changed')).toHaveLength(1);
      });

      test('lose every session but the one that is kept, under a new secret, when their password is set', async () => {
        const [kept, other] = [await startSession(), await startSession()];
        await issueToken(kept.sid);
        await issueToken(other.sid);
        const secretHash = randomBytes(32);
        const change = { passwordVersion: 1, keep: { sid: kept.sid, secretHash } };
        expect(await stores.accounts.setPassword(ADA.id, 'new', change, ACT)).toBe(1);
        expect(await stores.sessions.find(kept.secretHash)).toBeNull();
        expect(await stores.sessions.find(secretHash)).toMatchObject({ sid: kept.sid });
        expect(await noticesFor(FOO)).toMatchObject([{ sid: other.sid }]);
      });

      test('keep their password when the session to keep has ended', async () => {
        const { sid } = await startSession();
        await stores.sessions.end({ sid }, 'signed out', ACT);
        const keep = { sid, secretHash: randomBytes(32) };
        expect(await stores.accounts.setPassword(ADA.id, 'new', { keep }, ACT)).toBeNull();
        expect((await stores.accounts.findCredentials('ada'))?.passwordHash).toBe('hash');
      });

      test('are disabled with all their sessions, once, and enabled again', async () => {
        const { sid } = await startSession();
        await startSession();
        await issueToken(sid);
        const disabled = await inParallel(10, (each) => each.accounts.disable(ADA.id, ACT));
        expect(disabled.filter((ended) => ended !== null)).toEqual([2]);
        expect(await stores.sessions.list(ADA.id)).toEqual([]);
        expect(await told('session ended')).toEqual(['account disabled', 'account disabled']);
        expect(await noticesFor(FOO)).toHaveLength(1);
        expect(await stores.accounts.findCredentials('ada')).toMatchObject({ isDisabled: true });
        expect(await stores.accounts.enable(ADA.id, ACT)).toBe(true);
        expect(await stores.accounts.enable(ADA.id, ACT)).toBe(false);
        expect(await stores.accounts.find('ada')).toMatchObject({ disabledAt: null });
      });

      test('are removed with their sessions, and leave notices and records behind', async () => {
        const { sid } = await startSession();
        await issueToken(sid);
        expect(await stores.accounts.remove(ADA.id, ACT)).toBe(1);
        expect(await stores.accounts.remove(ADA.id, ACT)).toBeNull();
        expect(await stores.accounts.find('ada')).toBeNull();
        expect(await noticesFor(FOO)).toMatchObject([{ sid, accountId: ADA.id }]);
        const records = await stores.audit.list({ account: 'ada', limit: 100 });
        const ended = {
          kind: 'session ended',
          username: 'ada',
          accountId: ADA.id,
          detail: 'account removed',
        };
        expect(records.at(-1)).toMatchObject(ended);
      });
    });

    test('find a session by its secret’s hash or its public name, with its account', async () => {
      const { sid, secretHash, endsAt } = await startSession();
      const session = { sid, account: ADA, lastSeenAt: NOW, endsAt };
      expect(await stores.sessions.find(secretHash)).toEqual(session);
      expect(await stores.sessions.findBySid(sid)).toEqual(session);
      expect(await stores.sessions.find(randomBytes(32))).toBeNull();
    });

    test('list the sessions of one account, the last seen first, each with its apps', async () => {
      const [first, second] = [await startSession(), await startSession()];
      for (const app of [LOREM, FOO, LOREM]) await issueToken(first.sid, app);
      await stores.sessions.touch(first.sid, NOW + 5);
      const listed = await stores.sessions.list(ADA.id);
      expect(listed.map(({ sid }) => sid)).toEqual([first.sid, second.sid]);
      expect(listed[0]).toEqual({
        sid: first.sid,
        account: ADA,
        startedAt: NOW,
        lastSeenAt: NOW + 5,
        endsAt: NOW + 10_000,
        address: '192.0.2.1',
        userAgent: 'Browser/1.0',
        apps: [LOREM, FOO],
      });
      expect(await stores.sessions.list(GRACE.id)).toEqual([]);
      expect(await stores.sessions.list()).toHaveLength(2);
    });

    test('end the session that a new one replaces, and no other', async () => {
      const old = await startSession();
      const bystander = await startSession();
      await issueToken(old.sid);
      const fresh = await startSession({ replaced: old.secretHash });
      expect(await stores.sessions.find(old.secretHash)).toBeNull();
      expect(await stores.sessions.find(bystander.secretHash)).not.toBeNull();
      expect(await stores.sessions.find(fresh.secretHash)).not.toBeNull();
      expect(await noticesFor(FOO)).toMatchObject([{ sid: old.sid }]);
    });

    test.each([
      ['nobody’s', { accountId: 'nobody' }, async () => {}],
      ['of a disabled account', {}, async () => void (await stores.accounts.disable(ADA.id, ACT))],
      [
        'by a password that was changed meanwhile',
        {},
        async () => void (await stores.accounts.setPassword(ADA.id, 'new', {}, ACT)),
      ],
    ])('start no session that is %s', async (_name, settings, change) => {
      await startSession();
      await change();
      const before = await stores.sessions.list();
      expect(await stores.sessions.start(newSession(settings), null, ACT)).toBe(false);
      expect(await stores.sessions.list()).toEqual(before);
      expect(await told('login succeeded')).toHaveLength(1);
      expect(await told('login failed')).toEqual(['the account changed meanwhile']);
    });

    test('keep the replaced session when the new one cannot be started', async () => {
      const old = await startSession();
      await expect(
        stores.sessions.start(newSession({ sid: old.sid }), old.secretHash, ACT),
      ).rejects.toThrow();
      expect(await stores.sessions.find(old.secretHash)).not.toBeNull();
      expect(await told('login succeeded')).toHaveLength(1);
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
      const answers = await inParallel(50, (each) => each.tokens.redeem(hash, FOO, IDLE_SINCE, ACT));
      expect(answers.filter((answer) => 'session' in answer)).toMatchObject([{ session: { sid } }]);
      expect(await told('token redeemed')).toHaveLength(1);
      expect(await told('token refused')).toEqual(Array(49).fill('spent'));
    });

    test('never redeem a token again after a restart', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      await stores.tokens.redeem(hash, FOO, IDLE_SINCE, ACT);
      const restarted = open();
      expect(await restarted.tokens.redeem(hash, FOO, IDLE_SINCE, ACT)).toEqual({ fault: 'spent' });
      restarted.close();
    });

    test('leave a token that another app asks about good for its own', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      const refused = { fault: 'issued to another app' };
      expect(await stores.tokens.redeem(hash, LOREM, IDLE_SINCE, ACT)).toEqual(refused);
      expect(await stores.tokens.redeem(hash, FOO, IDLE_SINCE, ACT)).toMatchObject({ session: { sid } });
    });

    test.each([
      ['at the moment it expires', NOW + 10_000, NOW + 5000, IDLE_SINCE, 'expired'],
      ['once its session has reached its end', NOW + 4000, NOW + 4000, IDLE_SINCE, 'its session has run out'],
      ['once its session has idled away', NOW + 10_000, NOW, NOW, 'its session has run out'],
    ])('redeem no token %s', async (_name, endsAt, now, idleSince, fault) => {
      const { sid } = await startSession({ endsAt });
      const { hash } = await issueToken(sid);
      expect(await stores.tokens.redeem(hash, FOO, idleSince, at(now))).toEqual({ fault });
    });

    test('redeem no token of a session that has ended, and issue none for it', async () => {
      const { sid, secretHash } = await startSession();
      const { hash } = await issueToken(sid);
      await stores.sessions.end({ secretHash }, 'signed out', ACT);
      const fault = 'unknown, or its session has ended';
      expect(await stores.tokens.redeem(hash, FOO, IDLE_SINCE, ACT)).toEqual({ fault });
      expect((await issueToken(sid)).isIssued).toBe(false);
    });

    describe('a session that ends', () => {
      test('leaves one notice for each app that got a token from it, and none for another', async () => {
        const { sid } = await startSession();
        const bystander = await startSession();
        for (const app of [FOO, FOO, LOREM]) await issueToken(sid, app);
        await issueToken(bystander.sid, 'https://other.example');
        expect(await stores.sessions.end({ sid }, 'signed out', ACT)).toBe(1);
        const notice = { sid, accountId: ADA.id, attempts: 0 };
        expect(await noticesFor(FOO)).toEqual([{ ...notice, app: FOO, id: expect.any(Number) }]);
        expect(await noticesFor(LOREM)).toMatchObject([{ ...notice, app: LOREM }]);
        expect(await noticesFor('https://other.example')).toEqual([]);
      });

      test('leaves them however many end it at once, and only once', async () => {
        const { sid } = await startSession();
        await issueToken(sid);
        const ended = await inParallel(20, (each) => each.sessions.end({ sid }, 'signed out', ACT));
        expect(ended.reduce((sum, count) => sum + count)).toBe(1);
        expect(await noticesFor(FOO)).toHaveLength(1);
        expect(await told('session ended')).toEqual(['signed out']);
      });

      test('leaves none if a token is issued when it has just ended, and one if just before', async () => {
        for (let round = 0; round < 10; round += 1) {
          const { sid } = await startSession();
          const [{ isIssued }] = await Promise.all([
            issueToken(sid),
            others.sessions.end({ sid }, 'signed out', ACT),
          ]);
          const notices = (await noticesFor(FOO)).filter((notice) => notice.sid === sid);
          expect(notices).toHaveLength(isIssued ? 1 : 0);
        }
      });

      test('is chosen by its person’s account too, so that nobody ends another’s', async () => {
        const { sid } = await startSession();
        const end = (accountId: string) =>
          stores.sessions.end({ sid, accountId }, 'ended by its person', ACT);
        expect([await end(GRACE.id), await end(ADA.id), await end(ADA.id)]).toEqual([0, 1, 0]);
      });

      test('may be all of an account but one', async () => {
        const sessions = [await startSession(), await startSession(), await startSession()];
        const [kept] = sessions;
        const choice = { accountId: ADA.id, exceptSid: kept?.sid ?? '' };
        expect(await stores.sessions.end(choice, 'ended by its person', ACT)).toBe(2);
        expect((await stores.sessions.list()).map(({ sid }) => sid)).toEqual([kept?.sid]);
      });

      test('may be one of several that are named; who is gone is not counted', async () => {
        const sessions = [await startSession(), await startSession(), await startSession()];
        const sids = sessions.map(({ sid }) => sid);
        const ended = await inParallel(4, (each, index) =>
          each.sessions.end({ sids: sids.slice(0, index + 1) }, 'ended by an operator', ACT),
        );
        expect(ended.reduce((sum, count) => sum + count)).toBe(3);
        const unknown = { sids: ['nobody’s', sids[0] ?? ''] };
        expect(await stores.sessions.end(unknown, 'ended by an operator', ACT)).toBe(0);
        expect(await stores.sessions.end({ sids: [] }, 'ended by an operator', ACT)).toBe(0);
        expect(await told('session ended')).toHaveLength(3);
      });

      test('may be everybody’s', async () => {
        await stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], ACT);
        const [{ sid }] = [await startSession(), await startSession({ accountId: GRACE.id })];
        await issueToken(sid);
        expect(await stores.sessions.end({ all: true }, 'ended by an operator', ACT)).toBe(2);
        expect(await stores.sessions.list()).toEqual([]);
        expect(await noticesFor(FOO)).toMatchObject([{ sid }]);
        expect(await stores.sessions.end({ all: true }, 'ended by an operator', ACT)).toBe(0);
      });

      test.each<[string, SessionChoice]>([
        ['that are named', { sids: ['a', 'b', 'c'] }],
        ['of an account', { accountId: ADA.id }],
        ['of everybody', { all: true }],
      ])('ends with all others %s, or none does', async (_name, choice) => {
        // A second session of the name `b` cannot leave its notice: that of the first is there.
        await issueToken((await startSession({ sid: 'b' })).sid);
        await stores.sessions.end({ sid: 'b' }, 'signed out', ACT);
        for (const sid of ['a', 'b', 'c']) await issueToken((await startSession({ sid })).sid);
        await expect(stores.sessions.end(choice, 'ended by an operator', ACT)).rejects.toThrow();
        expect(await stores.sessions.list()).toHaveLength(3);
        expect(await noticesFor(FOO)).toHaveLength(1);
        expect(await told('session ended')).toEqual(['signed out']);
      });

      test.each([
        ['at its latest end', { now: NOW + 4000, idleSince: NOW - 1 }, 'reached its latest end'],
        ['when it was unused for too long', { now: NOW + 10, idleSince: NOW }, 'unused for too long'],
      ])('ends by itself %s, like any other', async (_name, time, why) => {
        const { sid } = await startSession({ endsAt: NOW + 4000 });
        const living = await startSession({ endsAt: NOW + 9000 });
        await stores.sessions.touch(living.sid, NOW + 1);
        await issueToken(sid);
        expect(await stores.sessions.endOverdue({ now: NOW + 5, idleSince: NOW - 1 })).toBe(0);
        const ended = await inParallel(4, (each) => each.sessions.endOverdue(time));
        expect(ended.reduce((sum, count) => sum + count)).toBe(1);
        expect(await noticesFor(FOO, time.now)).toMatchObject([{ sid }]);
        expect(await told('session ended')).toEqual([why]);
        expect(await stores.sessions.findBySid(living.sid)).not.toBeNull();
      });
    });

    test('sessions that are overdue together end some hundreds at a time, so that nobody waits for all', async () => {
      await stores.accounts.add([ACCOUNT], ACT);
      for (let count = 0; count < 450; count += 1) {
        await stores.sessions.start(newSession({ endsAt: NOW + 10 }), null, ACT);
      }
      const overdue = { now: NOW + 10, idleSince: 0 };
      const ended: number[] = [];
      do ended.push(await stores.sessions.endOverdue(overdue));
      while (ended.at(-1) !== 0);
      expect(ended).toEqual([200, 200, 50, 0]);
    });

    describe('a logout notice', () => {
      async function leaveNotice(endsAt = NOW + 10_000) {
        const { sid } = await startSession({ endsAt });
        await issueToken(sid);
        await stores.sessions.end({ sid }, 'signed out', ACT);
        const notice = (await noticesFor(FOO)).find((each) => each.sid === sid);
        if (notice === undefined) throw new Error('there is no notice');
        return notice;
      }

      test('is there after a restart, until it was delivered', async () => {
        const notice = await leaveNotice();
        const restarted = open();
        expect(await restarted.logoutNotices.due(FOO, NOW, 10)).toEqual([notice]);
        await restarted.logoutNotices.delivered([notice], ACT);
        await restarted.logoutNotices.delivered([notice], ACT);
        restarted.close();
        expect(await noticesFor(FOO, NOW + 1_000_000)).toEqual([]);
        expect(await told('logout delivered')).toHaveLength(1);
      });

      test('that failed is due again when its pause is over, and counts its attempts', async () => {
        const notice = await leaveNotice();
        await stores.logoutNotices.postpone(notice, NOW + 2000);
        expect(await noticesFor(FOO, NOW + 1999)).toEqual([]);
        expect(await noticesFor(FOO, NOW + 2000)).toEqual([{ ...notice, attempts: 1 }]);
      });

      test('is given up a minute after its app session must have run out, and not before', async () => {
        const notice = await leaveNotice(NOW + 10_000);
        expect(await stores.logoutNotices.giveUp(at(NOW + 69_999))).toEqual([]);
        expect(await stores.logoutNotices.giveUp(at(NOW + 70_000))).toEqual([notice]);
        expect(await noticesFor(FOO, NOW + 1_000_000)).toEqual([]);
        expect(await told('logout given up')).toEqual(['after 0 attempts']);
      });

      test('of a session that was found overdue late is still tried for a minute', async () => {
        const { sid } = await startSession({ endsAt: NOW + 4000 });
        await issueToken(sid);
        await stores.sessions.endOverdue({ now: NOW + 1_000_000, idleSince: 0 });
        expect(await stores.logoutNotices.giveUp(at(NOW + 1_059_999))).toEqual([]);
        expect(await stores.logoutNotices.giveUp(at(NOW + 1_060_000))).toMatchObject([{ sid }]);
      });

      test('of a session that somebody ended comes before those of sessions that time ended', async () => {
        const { sid } = await startSession({ endsAt: NOW + 10 });
        await issueToken(sid);
        await stores.sessions.endOverdue({ now: NOW + 10, idleSince: 0 });
        const urgent = await leaveNotice();
        await stores.logoutNotices.postpone(urgent, NOW + 20);
        const due = await stores.logoutNotices.due(FOO, NOW + 20, 10);
        expect(due.map((notice) => notice.sid)).toEqual([urgent.sid, sid]);
      });

      test('waits for no clock that was set back: later than the longest pause is now', async () => {
        const notice = await leaveNotice();
        await stores.logoutNotices.postpone(notice, NOW + 60_000);
        expect(await noticesFor(FOO)).toEqual([]);
        expect(await noticesFor(FOO, NOW - 1)).toMatchObject([{ id: notice.id }]);
      });

      test('comes in turn: the longest due first, and no more than were asked for', async () => {
        const [first, second, third] = [await leaveNotice(), await leaveNotice(), await leaveNotice()];
        await stores.logoutNotices.postpone(first, NOW + 5);
        const due = await stores.logoutNotices.due(FOO, NOW + 10, 2);
        expect(due.map(({ sid }) => sid)).toEqual([second.sid, third.sid]);
      });
    });

    describe('the audit trail', () => {
      test('finds records by account, even under the name it had, by kind and by time', async () => {
        await startSession();
        await stores.accounts.rename({ ...ADA, username: 'countess', usernameKey: 'countess' }, at(NOW + 10));
        await stores.accounts.disable(ADA.id, at(NOW + 20));
        const kinds = async (filter: object) =>
          (await stores.audit.list({ limit: 100, ...filter })).map(({ kind }) => kind);
        const all = [
          'account added',
          'login succeeded',
          'session started',
          'account renamed',
          'account disabled',
          'session ended',
        ];
        expect(await kinds({})).toEqual(all);
        for (const account of ['countess', ADA.id]) expect(await kinds({ account })).toEqual(all);
        expect(await kinds({ account: 'ada' })).toEqual(all.slice(0, 4));
        expect(await kinds({ account: 'grace' })).toEqual([]);
        expect(await kinds({ kind: 'session ended' })).toEqual(['session ended']);
        expect(await kinds({ since: NOW + 10, until: NOW + 20 })).toEqual(['account renamed']);
        expect(await kinds({ limit: 2 })).toEqual(['account disabled', 'session ended']);
      });

      test('says who, from where and when', async () => {
        await startSession();
        const [record] = await stores.audit.list({ kind: 'session started', limit: 1 });
        expect(record).toMatchObject({ at: NOW, by: 'person', address: '192.0.2.1', username: 'ada' });
      });

      test('takes what anybody can cause once in a while only, however many cause it at once', async () => {
        const throttled = { kind: 'login throttled', accountId: null } as const;
        await inParallel(20, (each) => each.audit.addOnceSince(NOW - 60_000, throttled, ACT));
        expect(await told('login throttled')).toHaveLength(1);
        await stores.audit.addOnceSince(NOW - 60_000, throttled, { ...ACT, address: '192.0.2.2' });
        await stores.audit.addOnceSince(NOW + 1, throttled, at(NOW + 60_001));
        expect(await told('login throttled')).toHaveLength(3);
      });
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
      const throttled = await inParallel(30, (each) => each.loginFailures.add(failureOf(ada), LIMITS, ACT));
      expect(throttled.filter((until) => until === null)).toHaveLength(10);
      expect(throttled.filter((until) => until === NOW + 900_000)).toHaveLength(20);
      expect(await told('login failed')).toHaveLength(10);
    });

    test('count no failure of somebody who is throttled, so that the wait ends', async () => {
      const ada = randomBytes(32);
      for (let index = 0; index < 10; index += 1) await stores.loginFailures.add(failureOf(ada), LIMITS, ACT);
      for (let index = 0; index < 10; index += 1)
        await stores.loginFailures.add(failureOf(ada), LIMITS, at(NOW + 1));
      expect(await stores.loginFailures.throttledUntil(ada, '192.0.2.1', NOW + 900_000, LIMITS)).toBeNull();
    });

    test('throttle an address after 300 failures, whatever the accounts, until the oldest has aged', async () => {
      for (let index = 0; index < 300; index += 1) {
        const failure = failureOf(randomBytes(32));
        expect(await stores.loginFailures.add(failure, LIMITS, at(NOW + index))).toBeNull();
      }
      const ask = (address: string, now: number) =>
        stores.loginFailures.throttledUntil(randomBytes(32), address, now, LIMITS);
      expect(await ask('192.0.2.1', NOW + 300)).toBe(NOW + 900_000);
      expect(await ask('192.0.2.2', NOW + 300)).toBeNull();
      expect(await ask('192.0.2.1', NOW + 899_999)).not.toBeNull();
      expect(await ask('192.0.2.1', NOW + 900_000)).toBeNull();
    });

    test('sweep a thousand at a time, and say so', async () => {
      for (let index = 0; index < 1500; index += 1) {
        await stores.clientAssertions.accept(FOO, `assertion ${index}`, NOW);
      }
      const before = { now: NOW, failuresSince: 0, auditSince: 0 };
      expect([await stores.sweep(before), await stores.sweep(before)]).toEqual([true, false]);
      expect(await stores.clientAssertions.accept(FOO, 'assertion 1499', NOW + 1)).toBe(true);
    });

    test('sweep what is over, and nothing that lives', async () => {
      const { sid } = await startSession({ endsAt: NOW + 20_000 });
      const token = await issueToken(sid);
      await stores.clientAssertions.accept(FOO, 'old', NOW + 1000);
      await stores.clientAssertions.accept(FOO, 'young', NOW + 3000);
      await stores.audit.add({ kind: 'key rotated' }, at(NOW - 1));
      const before = { now: NOW + 2000, failuresSince: NOW, auditSince: NOW };
      expect(await stores.sweep(before)).toBe(false);
      expect(await stores.sessions.findBySid(sid)).not.toBeNull();
      expect(await stores.clientAssertions.accept(FOO, 'old', NOW + 5000)).toBe(true);
      expect(await stores.clientAssertions.accept(FOO, 'young', NOW + 5000)).toBe(false);
      expect(await stores.tokens.redeem(token.hash, FOO, NOW - 1, at(NOW + 2000))).toMatchObject({
        session: { sid },
      });
      expect(await told('key rotated')).toEqual([]);
      expect(await told('session started')).toHaveLength(1);
    });
  });
}
