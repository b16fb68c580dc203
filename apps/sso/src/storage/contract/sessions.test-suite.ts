/** Guarantees of `SessionStore` for active sessions. For their end, see `session-endings.test-suite.ts`. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import {
  ACCOUNT,
  ACCOUNT_OF_GRACE,
  ADA,
  at,
  CONTEXT,
  FOO,
  type Given,
  GRACE,
  IDLE_SINCE,
  LOREM,
  NOW,
} from './given.ts';

export function sessionContract(given: Given): void {
  const { inParallel, newSession, startSession, issueToken, sidsOf, noticesFor, detailsOf } = given;

  test('find a session by its token hash or its sid, with its account', async () => {
    const { sid, tokenHash, endsAt } = await startSession();
    const session = { sid, account: ADA, lastSeenAt: NOW, endsAt, authenticatedAt: NOW, amr: ['pwd'] };
    expect(await given.stores.sessions.find(tokenHash)).toEqual(session);
    expect(await given.stores.sessions.findBySid(sid)).toEqual(session);
    expect(await given.stores.sessions.find(randomBytes(32))).toBeNull();
  });

  test('list the sessions of one account, most recently used first, each with its apps', async () => {
    const [first, second] = [await startSession(), await startSession()];
    for (const app of [LOREM, FOO, LOREM]) await issueToken(first.sid, app);
    await given.stores.sessions.touch(first.sid, NOW + 5);
    const listed = await allRows(given.stores.sessions.pages(ADA.id));
    expect(listed.map(({ sid }) => sid)).toEqual([first.sid, second.sid]);
    expect(listed[0]).toEqual({
      sid: first.sid,
      account: ADA,
      startedAt: NOW,
      lastSeenAt: NOW + 5,
      endsAt: NOW + 10_000,
      authenticatedAt: NOW,
      amr: ['pwd'],
      address: '192.0.2.1',
      userAgent: 'Browser/1.0',
      device: 'Browser',
      apps: [LOREM, FOO],
    });
    expect(await allRows(given.stores.sessions.pages(GRACE.id))).toEqual([]);
    expect(await allRows(given.stores.sessions.pages())).toHaveLength(2);
  });

  test('list any number of sessions in pages, without a read transaction between two of them', async () => {
    await given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
    const started: string[] = [];
    for (let count = 0; count < 510; count += 1) {
      const session = newSession(count % 2 === 0 ? { accountId: GRACE.id } : {});
      await given.stores.sessions.start(session, null, IDLE_SINCE, at(NOW + Math.floor(count / 3)));
      started.unshift(session.sid);
    }
    // The last session of page 1 and the first one of page 2 have the same `lastSeenAt`.
    const pages: string[][] = [];
    for await (const page of given.stores.sessions.pages()) {
      pages.push(page.map(({ sid }) => sid));
      // Later pages contain no session of grace.
      await given.others.sessions.end({ accountId: GRACE.id }, 'signed out', CONTEXT);
    }
    expect(pages[0]).toEqual(started.slice(0, 500));
    expect(pages.slice(1).flat()).toEqual(started.slice(500).filter((_, index) => index % 2 === 0));
  });

  describe('the newest sessions of an account', () => {
    const expiry = { now: NOW, idleSince: NOW - 1000 };
    const newest = async (sid: string, limit: number) => {
      const { sessions, count } = await given.stores.sessions.newest(
        { sid, accountId: ADA.id },
        expiry,
        limit,
      );
      return { sids: sessions.map((session) => session.sid), count };
    };

    test('are the current one and the latest used, up to a limit, with the count [T-FLOOD-02]', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      await startSession({ accountId: GRACE.id });
      const sids: string[] = [];
      for (let count = 0; count < 6; count += 1) sids.push((await startSession()).sid);
      for (const [index, sid] of sids.entries()) await given.stores.sessions.touch(sid, NOW + index);
      const [own = '', , , fourth, fifth, sixth] = sids;
      await issueToken(own, LOREM);
      expect(await newest(own, 4)).toEqual({ sids: [own, sixth, fifth, fourth], count: 6 });
      const { sessions } = await given.stores.sessions.newest({ sid: own, accountId: ADA.id }, expiry, 1);
      expect(sessions).toEqual([expect.objectContaining({ sid: own, device: 'Browser', apps: [LOREM] })]);
    });

    test('omit expired sessions, even before they are ended', async () => {
      const { sid } = await startSession({ endsAt: NOW + 1 });
      await startSession({ endsAt: NOW });
      await given.stores.sessions.start(newSession(), null, IDLE_SINCE, at(NOW - 1000));
      expect(await newest(sid, 50)).toEqual({ sids: [sid], count: 1 });
    });

    test('are none if the current session has ended, or belongs to another account', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const graces = await startSession({ accountId: GRACE.id });
      const { sid } = await startSession();
      await startSession();
      await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      for (const each of [sid, graces.sid]) expect(await newest(each, 50)).toEqual({ sids: [], count: 0 });
    });
  });

  test('end the session that one of another account replaces, and no other', async () => {
    await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
    const old = await startSession({ accountId: GRACE.id });
    const bystander = await startSession();
    await issueToken(old.sid);
    const fresh = await startSession({ replaced: old.tokenHash });
    expect(await given.stores.sessions.find(old.tokenHash)).toBeNull();
    expect(await given.stores.sessions.find(bystander.tokenHash)).not.toBeNull();
    expect(await given.stores.sessions.find(fresh.tokenHash)).not.toBeNull();
    expect(await noticesFor(FOO)).toMatchObject([{ sid: old.sid }]);
  });

  test('end an account’s least used sessions beyond 1,000, however many start [T-FLOOD-02]', async () => {
    const [used, ...others] = [await startSession(), await startSession(), await startSession()];
    await given.stores.sessions.touch(used?.sid ?? '', NOW + 5);
    for (const { sid } of others) await issueToken(sid);
    for (let count = 4; count <= 1002; count += 1) {
      await given.stores.sessions.start(newSession(), null, IDLE_SINCE, at(NOW + 1));
    }
    const [sids, isNoted] = [await sidsOf(ADA.id), (await noticesFor(FOO, NOW + 1)).map(({ sid }) => sid)];
    expect(sids).toHaveLength(1000);
    expect(sids).toContain(used?.sid);
    for (const { sid } of others) expect([sids.includes(sid), isNoted.includes(sid)]).toEqual([false, true]);
    const last = await startSession({ accountId: ADA.id });
    expect(await given.stores.sessions.find(last.tokenHash)).not.toBeNull();
    for (let round = 2; round < 10; round += 1) {
      const started = Array.from({ length: 6 }, () => newSession());
      await inParallel(6, (each, index) =>
        each.sessions.start(started[index] ?? newSession(), null, IDLE_SINCE, at(NOW + 5 + round)),
      );
      const kept = await sidsOf(ADA.id);
      expect(kept).toHaveLength(1000);
      expect(kept.slice(0, 6).sort()).toEqual(started.map(({ sid }) => sid).sort());
    }
  });

  test.each([
    ['for an unknown account', { accountId: 'nobody' }, async () => {}],
    ['for a disabled account', {}, async () => void (await given.stores.accounts.disable(ADA.id, CONTEXT))],
    [
      'for a password that was changed meanwhile',
      {},
      async () => void (await given.stores.accounts.setPassword(ADA.id, 'new', {}, CONTEXT)),
    ],
  ])('start no session %s', async (_name, settings, change) => {
    const { tokenHash } = await startSession();
    await change();
    const before = await allRows(given.stores.sessions.pages());
    const started = given.stores.sessions.start(newSession(settings), tokenHash, IDLE_SINCE, CONTEXT);
    expect(await started).toEqual({ refusal: 'account changed' });
    expect(await allRows(given.stores.sessions.pages())).toEqual(before);
    expect(await detailsOf('login succeeded')).toHaveLength(1);
    expect(await detailsOf('login failed'), 'the caller records it').toEqual([]);
  });

  test('keep the replaced session if the new one can’t start', async () => {
    await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
    const old = await startSession({ accountId: GRACE.id });
    await expect(
      given.stores.sessions.start(newSession({ sid: old.sid }), old.tokenHash, IDLE_SINCE, CONTEXT),
    ).rejects.toThrow();
    expect(await given.stores.sessions.find(old.tokenHash)).not.toBeNull();
    expect(await detailsOf('login succeeded')).toHaveLength(1);
  });

  test('record the latest use, even if reported out of order', async () => {
    const { sid, tokenHash } = await startSession();
    await given.stores.sessions.touch(sid, NOW + 500);
    await given.stores.sessions.touch(sid, NOW + 200);
    expect((await given.stores.sessions.find(tokenHash))?.lastSeenAt).toBe(NOW + 500);
  });
}
