/** The guarantees of `LogoutNoticeStore`. */
import { describe, expect, test } from 'vitest';
import { at, CONTEXT, FOO, type Given, HOLDER, NOW } from './given.ts';

export function logoutNoticeContract(given: Given): void {
  const { startSession, issueToken, noticesFor, detailsOf } = given;

  describe('a logout notice', () => {
    async function leaveNotice(endsAt = NOW + 10_000) {
      const { sid } = await startSession({ endsAt });
      await issueToken(sid);
      await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      const notice = (await noticesFor(FOO)).find((each) => each.sid === sid);
      if (notice === undefined) throw new Error('there is no notice');
      return notice;
    }

    test('survives a restart until it is delivered', async () => {
      const notice = await leaveNotice();
      const restarted = await given.open();
      expect(await restarted.logoutNotices.due(FOO, HOLDER, NOW, 10)).toEqual([notice]);
      await restarted.logoutNotices.delivered([notice], CONTEXT);
      await restarted.logoutNotices.delivered([notice], CONTEXT);
      await restarted.close();
      expect(await noticesFor(FOO, NOW + 1_000_000)).toEqual([]);
      expect(await detailsOf('logout delivered')).toHaveLength(1);
    });

    test('that failed is due again after its backoff, with its attempts counted', async () => {
      const notice = await leaveNotice();
      await given.stores.logoutNotices.postpone(notice, NOW + 2000);
      expect(await noticesFor(FOO, NOW + 1999)).toEqual([]);
      expect(await noticesFor(FOO, NOW + 2000)).toEqual([{ ...notice, attempts: 1 }]);
    });

    test('is given up a minute after its app session must have expired, and not before', async () => {
      const notice = await leaveNotice(NOW + 10_000);
      expect(await given.stores.logoutNotices.giveUp(at(NOW + 69_999))).toEqual([]);
      expect(await given.stores.logoutNotices.giveUp(at(NOW + 70_000))).toEqual([notice]);
      expect(await noticesFor(FOO, NOW + 1_000_000)).toEqual([]);
      expect(await detailsOf('logout given up')).toEqual(['after 0 attempts']);
    });

    test('of a session that is ended late still has a minute', async () => {
      const { sid } = await startSession({ endsAt: NOW + 4000 });
      await issueToken(sid);
      await given.stores.sessions.endExpired({ now: NOW + 1_000_000, idleSince: 0 });
      expect(await given.stores.logoutNotices.giveUp(at(NOW + 1_059_999))).toEqual([]);
      expect(await given.stores.logoutNotices.giveUp(at(NOW + 1_060_000))).toMatchObject([{ sid }]);
    });

    test('of a session that somebody ended comes before those of expired sessions', async () => {
      const { sid } = await startSession({ endsAt: NOW + 10 });
      await issueToken(sid);
      await given.stores.sessions.endExpired({ now: NOW + 10, idleSince: 0 });
      const urgent = await leaveNotice();
      await given.stores.logoutNotices.postpone(urgent, NOW + 20);
      const due = await given.stores.logoutNotices.due(FOO, HOLDER, NOW + 20, 10);
      expect(due.map((notice) => notice.sid)).toEqual([urgent.sid, sid]);
    });

    test('that is due later than the longest backoff is due now: the clock was set back', async () => {
      const notice = await leaveNotice();
      await given.stores.logoutNotices.postpone(notice, NOW + 60_000);
      expect(await noticesFor(FOO)).toEqual([]);
      expect(await noticesFor(FOO, NOW - 1)).toMatchObject([{ id: notice.id }]);
    });

    test('that failed comes after those of its account, within the limit', async () => {
      const [first, second, third] = [await leaveNotice(), await leaveNotice(), await leaveNotice()];
      await given.stores.logoutNotices.postpone(first, NOW + 5);
      const due = async (limit: number) =>
        (await given.stores.logoutNotices.due(FOO, HOLDER, NOW + 10, limit)).map(({ sid }) => sid);
      expect(await due(2)).toEqual([second.sid, third.sid]);
      expect(await due(9)).toEqual([second.sid, third.sid, first.sid]);
    });

    test('of an expired session comes after those of other expired sessions once it has failed', async () => {
      for (const sid of ['first', 'second', 'third']) {
        await startSession({ sid, endsAt: NOW + 10 });
        await issueToken(sid);
      }
      await given.stores.sessions.endExpired({ now: NOW + 10, idleSince: 0 });
      const due = () => given.stores.logoutNotices.due(FOO, HOLDER, NOW + 20, 10);
      const [first] = await due();
      if (first === undefined) throw new Error('there is no notice');
      await given.stores.logoutNotices.postpone(first, NOW + 15);
      expect((await due()).map(({ sid, attempts }) => [sid, attempts])).toEqual([
        ['second', 0],
        ['third', 0],
        ['first', 1],
      ]);
    });

    describe('of one account among several', () => {
      /** Sessions of a new account that all end at once, each with a notice for foo. */
      async function endSessionsOf(username: string, count: number): Promise<string[]> {
        const account = { id: username, username, displayName: '', usernameKey: username, passwordHash: '' };
        await given.stores.accounts.add([account], CONTEXT);
        const sids: string[] = [];
        for (let session = 0; session < count; session += 1) {
          const { sid } = await startSession({ accountId: username });
          await issueToken(sid);
          sids.push(sid);
        }
        await given.stores.sessions.end({ accountId: username }, 'ended on the account page', CONTEXT);
        return sids;
      }
      const nextAccounts = async (limit: number) =>
        (await given.stores.logoutNotices.due(FOO, HOLDER, NOW, limit)).map(({ accountId }) => accountId);
      const deliver = async (limit: number) =>
        await given.stores.logoutNotices.delivered(
          await given.stores.logoutNotices.due(FOO, HOLDER, NOW, limit),
          CONTEXT,
        );

      test('waits for one of every other account, however many those have [T-FLOOD-04]', async () => {
        await endSessionsOf('many', 300);
        await endSessionsOf('few', 2);
        await endSessionsOf('one', 1);
        expect(await nextAccounts(6)).toEqual(['many', 'few', 'one', 'many', 'few', 'many']);
        expect(await nextAccounts(1000)).toHaveLength(303);
      });

      test('comes in the order in which its sessions got their tokens', async () => {
        const sids = await endSessionsOf('many', 5);
        expect((await noticesFor(FOO)).map(({ sid }) => sid)).toEqual(sids);
        sids.push(...(await endSessionsOf('many', 2)));
        expect((await noticesFor(FOO)).map(({ sid }) => sid)).toEqual(sids);
      });

      test('that comes later takes the next turn, neither the first nor the last [T-FLOOD-04]', async () => {
        await endSessionsOf('many', 20);
        await deliver(10);
        await endSessionsOf('later', 5);
        expect(await nextAccounts(6)).toEqual(['many', 'later', 'many', 'later', 'many', 'later']);
      });

      test('takes its turn among those that somebody ended, before those that expired', async () => {
        await endSessionsOf('many', 3);
        await endSessionsOf('few', 0);
        const { sid } = await startSession({ accountId: 'few', endsAt: NOW + 10 });
        await issueToken(sid);
        await given.stores.sessions.endExpired({ now: NOW + 10, idleSince: 0 });
        await endSessionsOf('few', 1);
        const due = await given.stores.logoutNotices.due(FOO, HOLDER, NOW + 10, 10);
        expect(due.map(({ accountId }) => accountId)).toEqual(['many', 'few', 'many', 'many', 'few']);
        expect(due.at(-1)?.sid).toBe(sid);
      });
    });
  });
}
