/** The guarantees of `SessionStore` for sessions that several processes end or use at once. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { SessionStore } from '../stores.ts';
import { ACCOUNT, ACCOUNT_OF_GRACE, ADA, CONTEXT, FOO, type Given, GRACE, LOREM, NOW } from './given.ts';

export function endingRaceContract(given: Given): void {
  const { inParallel, startMany, startSession, issueToken, noticesFor, detailsOf } = given;

  const endAll = async ({ sessions }: { sessions: SessionStore }) => {
    let ended = 0;
    for await (const count of sessions.endAll('ended by an operator', CONTEXT)) ended += count;
    return ended;
  };

  describe('while several processes end sessions', () => {
    test('each is ended once, with one notice and one record, however it is chosen', async () => {
      for (let round = 1; round <= 5; round += 1) {
        const sids = await startMany(20, { endsAt: NOW + 10 });
        const ended = await inParallel(12, (each, index) => {
          const ways = [
            () => each.sessions.end({ sids }, 'signed out', CONTEXT),
            () => each.sessions.end({ sids: sids.toReversed() }, 'signed out', CONTEXT),
            () => each.sessions.end({ accountId: ADA.id }, 'ended on the account page', CONTEXT),
            () => each.sessions.endExpired({ now: NOW + 10, idleSince: 0 }),
            () => endAll(each),
          ];
          return ways[index % ways.length]?.() ?? Promise.resolve(0);
        });
        expect(ended.reduce((sum, count) => sum + count)).toBe(20);
        expect(await detailsOf('session ended')).toHaveLength(20 * round);
        const noted = (await noticesFor(FOO, NOW + 10)).map(({ sid }) => sid);
        expect(noted.filter((sid) => sids.includes(sid)).toSorted()).toEqual(sids.toSorted());
        expect(noted).toHaveLength(20 * round);
      }
    });

    test('expired ones end in slices, each once', async () => {
      await startMany(300, { endsAt: NOW + 10 });
      const slices = await inParallel(4, async (each) => {
        const counts: number[] = [];
        do counts.push(await each.sessions.endExpired({ now: NOW + 10, idleSince: 0 }));
        while (counts.at(-1) !== 0);
        return counts;
      });
      expect(Math.max(...slices.flat())).toBeLessThanOrEqual(250);
      expect(slices.flat().reduce((sum, count) => sum + count)).toBe(300);
      expect(await detailsOf('session ended')).toEqual(Array(300).fill('maximum lifetime'));
      const notices = await given.stores.logoutNotices.due(FOO, 'all', NOW + 10, 1000);
      expect(new Set(notices.map(({ sid }) => sid)).size).toBe(300);
    });

    test('the notices of their accounts still take turns [T-FLOOD-04]', async () => {
      await given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
      const sids: string[] = [];
      for (let count = 0; count < 20; count += 1) {
        const { sid } = await startSession({ accountId: count % 2 === 0 ? ADA.id : GRACE.id });
        await issueToken(sid);
        sids.push(sid);
      }
      await inParallel(sids.length, (each, index) =>
        each.sessions.end({ sids: [sids[index] ?? ''] }, 'signed out', CONTEXT),
      );
      const accounts = (await noticesFor(FOO)).map(({ accountId }) => accountId);
      const turns = Array.from({ length: 10 }, (_, turn) => accounts.slice(2 * turn, 2 * turn + 2).sort());
      expect(turns).toEqual(Array(10).fill([ADA.id, GRACE.id].sort()));
    });

    test('the newest of an account are read at one moment, with their number', async () => {
      const { sid } = await startSession();
      const others = await startMany(20);
      let isDone = false;
      const ending = inParallel(others.length, (each, index) =>
        each.sessions.end({ sids: [others[index] ?? ''] }, 'signed out', CONTEXT),
      ).finally(() => (isDone = true));
      const expiry = { now: NOW, idleSince: NOW - 1000 };
      const counts: number[] = [];
      do {
        const { sessions, count } = await given.others.sessions.newest(
          { sid, accountId: ADA.id },
          expiry,
          50,
        );
        expect([sessions.length, sessions[0]?.sid]).toEqual([count, sid]);
        counts.push(count);
        await setImmediate();
      } while (!isDone);
      await ending;
      expect(counts).toEqual(counts.toSorted((one, other) => other - one));
    });
  });

  test('the latest use of a session is recorded, however many processes report one', async () => {
    const { sid, tokenHash } = await startSession();
    await inParallel(20, (each, index) => each.sessions.touch(sid, NOW + ((index * 7) % 20)));
    expect((await given.stores.sessions.find(tokenHash))?.lastSeenAt).toBe(NOW + 19);
  });

  test('a session that is being used doesn’t expire', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { sid } = await startSession();
      await issueToken(sid, LOREM);
      const [, ended] = await Promise.all([
        given.stores.sessions.touch(sid, NOW + 10),
        given.others.sessions.endExpired({ now: NOW + 10, idleSince: NOW }),
      ]);
      const isLeft = (await given.stores.sessions.findBySid(sid)) !== null;
      expect(isLeft).toBe(ended === 0);
      await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
    }
    expect((await allRows(given.stores.sessions.pages())).length).toBe(0);
  });
}
