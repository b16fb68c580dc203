/** The guarantees of `SessionStore.endAtApp`: an app loses its access to sessions that go on. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, assertionBy, at, CONTEXT, FOO, type Given, IDLE_SINCE, LOREM, NOW } from './given.ts';

const OPERATOR = { at: NOW, actor: 'service', address: null };

export function appAccessContract(given: Given): void {
  const { inParallel, startMany, startSession, issueToken, noticesFor, detailsOf } = given;

  const appsOf = async (sid: string) =>
    (await allRows(given.stores.sessions.pages())).find((session) => session.sid === sid)?.apps;
  const endAtFoo = () => given.stores.sessions.endAtApp(FOO, OPERATOR);

  describe('an app that loses its access', () => {
    test('gets a notice for each session with a token for it, and the sessions go on', async () => {
      const [first, second, other] = [await startSession(), await startSession(), await startSession()];
      for (const { sid } of [first, second]) await issueToken(sid);
      for (const { sid } of [second, other]) await issueToken(sid, LOREM);
      expect(await endAtFoo()).toBe(2);
      const notice = { app: FOO, accountId: ADA.id, attempts: 0, issuedAt: NOW, id: expect.any(Number) };
      expect(await noticesFor(FOO)).toEqual([
        { ...notice, sid: first.sid },
        { ...notice, sid: second.sid },
      ]);
      expect(await noticesFor(LOREM)).toEqual([]);
      for (const { sid, tokenHash } of [first, second, other]) {
        expect(await given.stores.sessions.find(tokenHash)).toMatchObject({ sid });
      }
      expect([await appsOf(first.sid), await appsOf(second.sid)]).toEqual([[], [LOREM]]);
      const records = await allRows(given.stores.audit.pages({ kind: 'app access ended', limit: 10 }));
      expect(records).toMatchObject(
        [first, second].map(({ sid }) => ({
          ...OPERATOR,
          sid,
          app: FOO,
          accountId: ADA.id,
          username: 'ada',
        })),
      );
      expect([
        await endAtFoo(),
        await given.stores.sessions.endAtApp('https://none.example', OPERATOR),
      ]).toEqual([0, 0]);
    });

    test('doesn’t hear of the end of those sessions, and can’t end them', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      await issueToken(sid, LOREM);
      await given.stores.tokens.redeem(hash, assertionBy(FOO), IDLE_SINCE, CONTEXT);
      await endAtFoo();
      const byFoo = { sid, redeemedBy: FOO };
      expect(await given.stores.sessions.end(byFoo, 'signed out', CONTEXT)).toBe(0);
      expect(await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT)).toBe(1);
      expect(await noticesFor(FOO)).toHaveLength(1);
      expect(await noticesFor(LOREM)).toHaveLength(1);
    });

    test('and gets it again hears of the end, even if the first notice is still under way', async () => {
      const { sid } = await startSession();
      await issueToken(sid);
      await endAtFoo();
      const [first] = await noticesFor(FOO);
      await issueToken(sid);
      expect(await appsOf(sid)).toEqual([FOO]);
      expect(await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT)).toBe(1);
      await given.others.logoutNotices.delivered(first === undefined ? [] : [first], CONTEXT);
      const [second, ...more] = await noticesFor(FOO);
      expect(second).toMatchObject({ sid, attempts: 0 });
      expect(more).toEqual([]);
    });

    test('still gets a notice after the delivery of an earlier one was reported again', async () => {
      const sids: string[] = [];
      for (let count = 0; count < 2; count += 1) {
        const { sid } = await startSession();
        await issueToken(sid);
        sids.push(sid);
      }
      await endAtFoo();
      const delivered = await noticesFor(FOO);
      await given.stores.logoutNotices.delivered(delivered, CONTEXT);
      for (const sid of sids) await issueToken(sid);
      await endAtFoo();
      await given.others.logoutNotices.delivered(delivered, CONTEXT);
      expect((await noticesFor(FOO)).map(({ sid }) => sid)).toEqual(sids);
    });

    test('gets those notices after the ones of sessions that somebody ended', async () => {
      const [lost, ended] = [await startSession(), await startSession()];
      for (const { sid } of [lost, ended]) await issueToken(sid);
      await endAtFoo();
      await issueToken(ended.sid);
      await given.stores.sessions.end({ sids: [ended.sid] }, 'signed out', at(NOW + 1));
      const sids = (await noticesFor(FOO, NOW + 1)).map(({ sid }) => sid);
      expect(sids).toEqual([ended.sid, lost.sid, ended.sid]);
    });

    test('loses it in slices, each session once, however many processes end it', async () => {
      const sids = await startMany(300);
      const slices = await inParallel(4, async (each) => {
        const counts: number[] = [];
        do counts.push(await each.sessions.endAtApp(FOO, OPERATOR));
        while (counts.at(-1) !== 0);
        expect(await each.sessions.endAtApp(FOO, OPERATOR), 'zero means that none is left').toBe(0);
        return counts;
      });
      expect(Math.max(...slices.flat())).toBeLessThanOrEqual(250);
      expect(slices.flat().reduce((sum, count) => sum + count)).toBe(300);
      const notices = await given.stores.logoutNotices.due(FOO, 'all', NOW, 1000);
      expect(notices.map(({ sid }) => sid).toSorted()).toEqual(sids.toSorted());
      expect(await detailsOf('app access ended')).toHaveLength(300);
      expect(await allRows(given.stores.sessions.pages())).toHaveLength(300);
    });

    test('gets a notice for a token issued just before, and keeps the access of one just after', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { sid } = await startSession();
        const issuing = inParallel(4, () => issueToken(sid));
        const ended = await given.others.sessions.endAtApp(FOO, OPERATOR);
        expect((await issuing).map(({ isIssued }) => isIssued)).toEqual([true, true, true, true]);
        const notices = (await noticesFor(FOO)).filter((notice) => notice.sid === sid);
        expect(notices).toHaveLength(ended);
        expect(ended + ((await appsOf(sid))?.length ?? 0)).toBeGreaterThan(0);
        await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      }
    });

    test('gets one notice if the session ends at the same time', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { sid } = await startSession();
        await issueToken(sid);
        const [ended] = await Promise.all([
          given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT),
          given.others.sessions.endAtApp(FOO, OPERATOR),
        ]);
        expect(ended).toBe(1);
        expect((await noticesFor(FOO)).filter((notice) => notice.sid === sid)).toHaveLength(1);
      }
    });
  });
}
