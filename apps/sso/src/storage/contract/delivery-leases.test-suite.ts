/** The guarantees of `LogoutNoticeStore` for several holders: one at a time sends to an app. */
import { describe, expect, test } from 'vitest';
import { LEASE_MS } from '../logout-notice-store.ts';
import { CONTEXT, FOO, type Given, LOREM, NOW } from './given.ts';

export function deliveryLeaseContract(given: Given): void {
  const { inParallel, startSession, issueToken, detailsOf } = given;

  describe('the queue of an app', () => {
    /** Ends a session with a token for each of these apps. @returns its sid */
    async function leaveNotices(...apps: string[]): Promise<string> {
      const { sid } = await startSession();
      for (const app of apps) await issueToken(sid, app);
      await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      return sid;
    }
    const dueFor = async (holder: string, now = NOW, app = FOO) =>
      await given.others.logoutNotices.due(app, holder, now, 10);
    const sidsFor = async (...choice: Parameters<typeof dueFor>) =>
      (await dueFor(...choice)).map(({ sid }) => sid);

    test('is leased to one holder, however many ask in parallel', async () => {
      const sid = await leaveNotices(FOO);
      const found = await inParallel(20, (each, index) =>
        each.logoutNotices.due(FOO, `holder ${index}`, NOW, 10),
      );
      expect(found.flat()).toMatchObject([{ sid }]);
      const owner = `holder ${found.findIndex(({ length }) => length > 0)}`;
      expect(await sidsFor(owner)).toEqual([sid]);
      expect(await sidsFor('another')).toEqual([]);
    });

    test('is leased independently of the queues of other apps', async () => {
      await leaveNotices(FOO, LOREM);
      expect(await dueFor('one')).toHaveLength(1);
      expect(await dueFor('another', NOW, LOREM)).toHaveLength(1);
      expect(await dueFor('another')).toEqual([]);
    });

    test('is leased only while a notice is due', async () => {
      expect(await dueFor('one')).toEqual([]);
      const sid = await leaveNotices(FOO);
      expect(await sidsFor('another')).toEqual([sid]);
    });

    test('goes to another holder when the lease has ended, and not before', async () => {
      const sid = await leaveNotices(FOO);
      await dueFor('one');
      expect(await dueFor('another', NOW + LEASE_MS - 1)).toEqual([]);
      expect(await sidsFor('another', NOW + LEASE_MS)).toEqual([sid]);
      expect(await dueFor('one', NOW + LEASE_MS), 'the old holder has lost it').toEqual([]);
    });

    test('stays with a holder that asks again', async () => {
      await leaveNotices(FOO);
      await dueFor('one');
      expect(await dueFor('one', NOW + LEASE_MS - 1)).toHaveLength(1);
      expect(await dueFor('another', NOW + LEASE_MS)).toEqual([]);
      expect(await dueFor('another', NOW + 2 * LEASE_MS - 2)).toEqual([]);
      expect(await dueFor('another', NOW + 2 * LEASE_MS - 1)).toHaveLength(1);
    });

    test('lasts long enough for a request, whenever its holder asks', async () => {
      await leaveNotices(FOO);
      for (let now = NOW; now < NOW + 3 * LEASE_MS; now += LEASE_MS / 20) {
        expect(await dueFor('one', now)).toHaveLength(1);
        expect(await dueFor('another', now + LEASE_MS / 2 - 1)).toEqual([]);
      }
    });

    test('is free once its holder has released it, which ends no lease of another', async () => {
      await leaveNotices(FOO, LOREM);
      await dueFor('one');
      await dueFor('another', NOW, LOREM);
      await given.stores.logoutNotices.release('one');
      expect(await dueFor('another')).toHaveLength(1);
      expect(await dueFor('one', NOW, LOREM)).toEqual([]);
    });

    test('stays leased for an instance whose clock is behind', async () => {
      await leaveNotices(FOO);
      await dueFor('one', NOW + 4000);
      expect(await dueFor('another', NOW)).toEqual([]);
    });

    test('is free if the lease would last for more than twice its time: the clock was set back', async () => {
      await leaveNotices(FOO);
      await dueFor('one', NOW + LEASE_MS + 1);
      expect(await dueFor('another', NOW + 1)).toEqual([]);
      expect(await dueFor('another', NOW)).toHaveLength(1);
    });

    test('records a delivery once, even if the old and the new holder record it', async () => {
      await leaveNotices(FOO);
      await leaveNotices(FOO);
      const [before, after] = [await dueFor('one'), await dueFor('another', NOW + LEASE_MS)];
      expect(after).toEqual(before);
      await inParallel(4, (each, index) =>
        each.logoutNotices.delivered(index % 2 === 0 ? before : after.toReversed(), CONTEXT),
      );
      expect(await detailsOf('logout delivered')).toHaveLength(2);
      expect(await dueFor('another', NOW + LEASE_MS)).toEqual([]);
    });
  });

  describe('the apps with due notices', () => {
    const appsDue = (holder = 'one', now = NOW) => given.stores.logoutNotices.appsDue(holder, now);
    const IPSUM = 'https://ipsum.app.example.localhost:4003';

    test('are all apps with a notice that is due now, however many notices each has', async () => {
      expect(await appsDue()).toEqual([]);
      for (const apps of [[LOREM, FOO], [IPSUM, FOO], [FOO]]) {
        const { sid } = await startSession();
        for (const app of apps) await issueToken(sid, app);
      }
      expect(await appsDue()).toEqual([]);
      for await (const _ of given.stores.sessions.endAll('ended by an operator', CONTEXT));
      expect((await appsDue()).sort()).toEqual([FOO, LOREM, IPSUM].sort());
      const [notice] = await given.stores.logoutNotices.due(LOREM, 'one', NOW, 1);
      if (notice === undefined) throw new Error('there is no notice');
      await given.stores.logoutNotices.postpone(notice, NOW + 60_000);
      expect((await appsDue()).sort()).toEqual([FOO, IPSUM].sort());
      expect(await appsDue('one', NOW + 60_000)).toHaveLength(3);
      expect(await appsDue('one', NOW - 1), 'the clock was set back').toEqual([LOREM]);
    });

    test('don’t include those whose queue another holder has leased', async () => {
      const { sid } = await startSession();
      for (const app of [FOO, LOREM]) await issueToken(sid, app);
      await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      await given.others.logoutNotices.due(FOO, 'another', NOW, 1);
      expect(await appsDue()).toEqual([LOREM]);
      expect((await appsDue('another')).sort()).toEqual([FOO, LOREM]);
      expect((await appsDue('one', NOW + LEASE_MS)).sort()).toEqual([FOO, LOREM]);
    });
  });
}
