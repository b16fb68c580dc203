/** The guarantees of `SessionStore.endAtApp`: an app loses its access to sessions that go on. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { AppRequirement } from '../stores.ts';
import {
  ACCOUNT_OF_GRACE,
  ADA,
  assertionBy,
  at,
  CONTEXT,
  FOO,
  type Given,
  GRACE,
  IDLE_SINCE,
  LOREM,
  NO_REQUIREMENT,
  NOW,
  newToken,
  SERVICE,
} from './given.ts';

/** An app that lost its access gets no token in the second of its last one. */
const NEXT_SECOND = NOW + 1000;
const FOR_STAFF = new Map([[FOO, ['staff']]]);

export function appAccessContract(given: Given): void {
  const { inParallel, startMany, startSession, issueToken, appsOf, noticesFor, detailsOf } = given;

  const endAtFoo = () => given.stores.sessions.endAtApp(FOO, SERVICE);
  async function endExcluded(required: AppRequirement): Promise<void> {
    for await (const _ of given.stores.sessions.endExcluded(FOO, required, SERVICE));
  }

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
          ...SERVICE,
          sid,
          app: FOO,
          accountId: ADA.id,
          username: 'ada',
        })),
      );
      expect([
        await endAtFoo(),
        await given.stores.sessions.endAtApp('https://none.example', SERVICE),
      ]).toEqual([0, 0]);
    });

    test('doesn’t hear of the end of those sessions, and can’t end them', async () => {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      await issueToken(sid, LOREM);
      await given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
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
      await issueToken(sid, FOO, NEXT_SECOND);
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
      for (const sid of sids) await issueToken(sid, FOO, NEXT_SECOND);
      await endAtFoo();
      await given.others.logoutNotices.delivered(delivered, CONTEXT);
      expect((await noticesFor(FOO)).map(({ sid }) => sid)).toEqual(sids);
    });

    test.each<[string, () => Promise<unknown>]>([
      ['as a whole', endAtFoo],
      ['as its groups change', () => endExcluded({ groups: ['staff'], secondFactor: false })],
      ['as an account leaves a group', () => given.stores.groups.review(ADA.id, FOR_STAFF, SERVICE)],
    ])('%s gets its notices before those of expired sessions, by turns', async (_how, endAccess) => {
      const expired = await startSession({ endsAt: NOW });
      await issueToken(expired.sid);
      expect(await given.stores.sessions.endExpired({ now: NOW, idleSince: IDLE_SINCE })).toBe(1);
      const lost = [await startSession(), await startSession()].map(({ sid }) => sid);
      for (const sid of lost) await issueToken(sid);
      await endAccess();
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const ended = await startSession({ accountId: GRACE.id });
      await issueToken(ended.sid);
      await given.stores.sessions.end({ sids: [ended.sid] }, 'signed out', at(NOW + 1));
      const sids = (await noticesFor(FOO, NOW + 1)).map(({ sid }) => sid);
      expect(sids).toEqual([lost[0], ended.sid, lost[1], expired.sid]);
    });

    test.each<[string, () => Promise<unknown>]>([
      ['as a whole', endAtFoo],
      ['as its groups change', () => endExcluded({ groups: ['staff'], secondFactor: false })],
      ['as an account leaves a group', () => given.stores.groups.review(ADA.id, FOR_STAFF, SERVICE)],
    ])('%s gets tokens only in a later second than its last one [T-GROUP-05]', async (_how, endAccess) => {
      const { sid } = await startSession();
      await issueToken(sid, FOO, NOW + 300);
      await endAccess();
      const issue = (now: number) => given.others.tokens.issue(newToken(sid), NO_REQUIREMENT, at(now));
      for (const now of [NOW - 2000, NOW + 300, NOW + 999]) {
        expect(await issue(now)).toEqual({ issuableAt: NEXT_SECOND });
      }
      expect(await appsOf(sid)).toEqual([]);
      expect(await detailsOf('token issued')).toHaveLength(1);
      expect(await issue(NEXT_SECOND)).toBeNull();
      expect(await issue(NOW + 999), 'by an instance whose clock is slow').toEqual({
        issuableAt: NEXT_SECOND,
      });
      expect(await issue(NOW - 4701), 'after the clock was set back').toBeNull();
    });

    test('loses it in slices, each session once, however many processes end it', async () => {
      const sids = await startMany(300);
      const slices = await inParallel(4, async (each) => {
        const counts: number[] = [];
        do counts.push(await each.sessions.endAtApp(FOO, SERVICE));
        while (counts.at(-1) !== 0);
        expect(await each.sessions.endAtApp(FOO, SERVICE), 'zero means that none is left').toBe(0);
        return counts;
      });
      expect(Math.max(...slices.flat())).toBeLessThanOrEqual(250);
      expect(slices.flat().reduce((sum, count) => sum + count)).toBe(300);
      const notices = await given.stores.logoutNotices.due(FOO, 'all', NOW, 1000);
      expect(notices.map(({ sid }) => sid).toSorted()).toEqual(sids.toSorted());
      expect(await detailsOf('app access ended')).toHaveLength(300);
      expect(await allRows(given.stores.sessions.pages())).toHaveLength(300);
    });

    test('gets a notice for a token issued just before, and access by one issued just after', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { sid } = await startSession();
        const issuing = inParallel(4, () => issueToken(sid));
        const ended = await given.others.sessions.endAtApp(FOO, SERVICE);
        const issued = (await issuing).filter(({ isIssued }) => isIssued);
        // After the loss, there is none in the same second.
        if (ended === 0) expect(issued).toHaveLength(4);
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
          given.others.sessions.endAtApp(FOO, SERVICE),
        ]);
        expect(ended).toBe(1);
        expect((await noticesFor(FOO)).filter((notice) => notice.sid === sid)).toHaveLength(1);
      }
    });
  });
}
