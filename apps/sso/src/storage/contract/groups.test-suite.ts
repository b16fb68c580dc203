/** The guarantees of `GroupStore`. */
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
  HOLDER,
  LOREM,
  NOW,
} from './given.ts';

const SERVICE = { at: NOW, actor: 'service', address: null };
const REQUIRED = new Map([[FOO, ['admins', 'staff']]]);

export function groupContract(given: Given): void {
  const { inParallel, startSession, issueToken, noticesFor } = given;

  const addBoth = () => given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
  const groupsOf = (accountId: string) => given.others.groups.of(accountId);
  const review = (required = REQUIRED) => given.stores.groups.review(ADA.id, required, SERVICE);
  const appsOf = async (sid: string) =>
    (await allRows(given.stores.sessions.pages())).find((session) => session.sid === sid)?.apps;
  const recordsOf = async (kind: 'group joined' | 'group left') =>
    (await allRows(given.stores.audit.pages({ kind, limit: 10 }))).map(({ username, detail, actor }) => ({
      username,
      detail,
      actor,
    }));

  describe('a group', () => {
    test('has the accounts that were added, each recorded once', async () => {
      await addBoth();
      expect((await given.stores.groups.add('staff', [ADA.id, GRACE.id], CONTEXT)).toSorted()).toEqual(
        [ADA.id, GRACE.id].toSorted(),
      );
      expect(await given.others.groups.add('staff', [ADA.id, ADA.id], CONTEXT)).toEqual([]);
      expect(await given.others.groups.add('admins', [ADA.id], CONTEXT)).toEqual([ADA.id]);
      expect([await groupsOf(ADA.id), await groupsOf(GRACE.id)]).toEqual([['admins', 'staff'], ['staff']]);
      expect(await recordsOf('group joined')).toEqual([
        { username: 'ada', detail: 'staff', actor: 'person' },
        { username: 'grace', detail: 'staff', actor: 'person' },
        { username: 'ada', detail: 'admins', actor: 'person' },
      ]);
    });

    test('is listed with its number of members, and its members by username', async () => {
      await addBoth();
      expect(await allRows(given.stores.groups.pages())).toEqual([]);
      await given.stores.groups.add('staff', [GRACE.id, ADA.id], CONTEXT);
      await given.stores.groups.add('admins', [ADA.id], CONTEXT);
      expect(await allRows(given.others.groups.pages())).toEqual([
        { name: 'admins', memberCount: 1 },
        { name: 'staff', memberCount: 2 },
      ]);
      const members = await allRows(given.others.groups.members('staff'));
      expect(members).toEqual([
        { ...ADA, createdAt: NOW, disabledAt: null },
        { ...GRACE, createdAt: NOW, disabledAt: null },
      ]);
      expect(await allRows(given.stores.groups.members('no such group'))).toEqual([]);
    });

    test('has the accounts that were added with it, recorded as well', async () => {
      const ada = { ...ACCOUNT, groups: ['staff', 'admins', 'staff'] };
      expect(await given.stores.accounts.add([ada, ACCOUNT_OF_GRACE], CONTEXT)).toEqual([]);
      expect([await groupsOf(ADA.id), await groupsOf(GRACE.id)]).toEqual([['admins', 'staff'], []]);
      const records = await recordsOf('group joined');
      expect(records.map(({ username, detail }) => `${username} ${detail}`).toSorted()).toEqual([
        'ada admins',
        'ada staff',
      ]);
      const taken = { ...ACCOUNT, id: 'another', groups: ['guests'] };
      expect(await given.stores.accounts.add([taken], CONTEXT)).toEqual([0]);
      expect(await allRows(given.stores.groups.members('guests'))).toEqual([]);
    });

    test('never has an account that doesn’t exist, and loses one that is removed', async () => {
      await addBoth();
      expect(await given.stores.groups.add('staff', ['nobody', ADA.id], CONTEXT)).toEqual([ADA.id]);
      await given.stores.accounts.remove(ADA.id, CONTEXT);
      expect(await groupsOf(ADA.id)).toEqual([]);
      expect(await allRows(given.stores.groups.pages())).toEqual([]);
    });

    test('loses the accounts that are removed from it, each recorded once', async () => {
      await addBoth();
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      await given.stores.groups.add('admins', [ADA.id], CONTEXT);
      const removed = await given.others.groups.remove('staff', [GRACE.id, ADA.id, 'nobody'], at(NOW + 1));
      expect(removed).toEqual([ADA.id]);
      expect(await given.stores.groups.remove('staff', [ADA.id], CONTEXT)).toEqual([]);
      expect(await groupsOf(ADA.id)).toEqual(['admins']);
      expect(await recordsOf('group left')).toEqual([{ username: 'ada', detail: 'staff', actor: 'person' }]);
    });

    test('is left for others in one step, each change recorded, after which access is reviewed', async () => {
      await addBoth();
      for (const name of ['guests', 'staff']) await given.stores.groups.add(name, [ADA.id], CONTEXT);
      const accountIds = [GRACE.id, ADA.id, 'nobody'];
      const change = { left: ['staff', 'guests'], joined: ['admins'] };
      await given.stores.groups.move(accountIds, change, at(NOW + 1));
      expect([await groupsOf(ADA.id), await groupsOf(GRACE.id)]).toEqual([['admins'], ['admins']]);
      const detailsOfAda = async (kind: 'group joined' | 'group left') =>
        (await recordsOf(kind)).flatMap(({ username, detail }) => (username === 'ada' ? [detail] : []));
      expect((await detailsOfAda('group left')).toSorted()).toEqual(['guests', 'staff']);
      expect((await detailsOfAda('group joined')).toSorted()).toEqual(['admins', 'guests', 'staff']);
      expect(await given.others.groups.findUnreviewed(10)).toContain(ADA.id);
    });

    test('is left for another by accounts that keep their access meanwhile', async () => {
      await addBoth();
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      const { sid } = await startSession();
      expect((await issueToken(sid)).isIssued).toBe(true);
      const moves = (async () => {
        for (let round = 0; round < 10; round += 1) {
          const [left, joined] = round % 2 === 0 ? ['staff', 'admins'] : ['admins', 'staff'];
          const change = { left: [left as string], joined: [joined as string] };
          await given.others.groups.move([ADA.id, GRACE.id], change, CONTEXT);
        }
      })();
      for (let round = 0; round < 20; round += 1) expect(await review()).toBe(0);
      await moves;
      expect(await review()).toBe(0);
      expect(await noticesFor(FOO)).toEqual([]);
    });

    test('is joined and left once, however many processes do it at the same time', async () => {
      await addBoth();
      const joined = await inParallel(6, (each) =>
        each.groups.add('staff', [GRACE.id, ADA.id].toReversed(), CONTEXT),
      );
      expect(joined.flat().toSorted()).toEqual([ADA.id, GRACE.id].toSorted());
      const left = await inParallel(6, (each, index) =>
        each.groups.remove('staff', index % 2 === 0 ? [ADA.id, GRACE.id] : [GRACE.id, ADA.id], CONTEXT),
      );
      expect(left.flat().toSorted()).toEqual([ADA.id, GRACE.id].toSorted());
      expect(await recordsOf('group joined')).toHaveLength(2);
      expect(await recordsOf('group left')).toHaveLength(2);
    });

    test('has no account that was removed while it was added', async () => {
      for (let round = 0; round < 10; round += 1) {
        await given.stores.accounts.add([ACCOUNT], CONTEXT);
        await Promise.all([
          given.stores.groups.add('staff', [ADA.id], CONTEXT),
          given.others.accounts.remove(ADA.id, CONTEXT),
        ]);
        expect(await allRows(given.stores.groups.pages())).toEqual([]);
      }
    });
  });

  describe('an account that has left a group', () => {
    test('is to be reviewed, until it has been, also after a restart', async () => {
      await addBoth();
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      expect(await given.stores.groups.findUnreviewed(10)).toEqual([]);
      await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
      const restarted = await given.open();
      expect(await restarted.groups.findUnreviewed(10)).toEqual([ADA.id]);
      expect(await restarted.groups.findUnreviewed(0)).toEqual([]);
      await restarted.close();
      expect(await review()).toBe(0);
      expect(await given.others.groups.findUnreviewed(10)).toEqual([]);
    });

    test('loses the apps for which it is in no group any more, and nothing else', async () => {
      const [first, second] = [await startSession(), await startSession()];
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const ofGrace = await startSession({ accountId: GRACE.id });
      for (const { sid } of [first, second, ofGrace]) await issueToken(sid);
      await issueToken(first.sid, LOREM);
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
      expect(await review(new Map([...REQUIRED, ['https://other.example', ['admins']]]))).toBe(2);
      const notices = await noticesFor(FOO);
      expect(notices.map(({ sid, accountId }) => ({ sid, accountId }))).toEqual(
        [first, second].map(({ sid }) => ({ sid, accountId: ADA.id })),
      );
      expect(await noticesFor(LOREM)).toEqual([]);
      expect([await appsOf(first.sid), await appsOf(second.sid), await appsOf(ofGrace.sid)]).toEqual([
        [LOREM],
        [],
        [FOO],
      ]);
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
      expect(await review(), 'a second review finds nothing').toBe(0);
    });

    test('keeps an app while it is in one of the groups that the app requires', async () => {
      const { sid } = await startSession();
      await issueToken(sid);
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      await given.stores.groups.add('admins', [ADA.id], CONTEXT);
      await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
      expect(await review()).toBe(0);
      expect(await appsOf(sid)).toEqual([FOO]);
      await given.stores.groups.remove('admins', [ADA.id], CONTEXT);
      expect(await review()).toBe(1);
    });

    test('keeps an app that requires no group, and one that it got back before the review', async () => {
      const { sid } = await startSession();
      await issueToken(sid);
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
      expect(await review(new Map())).toBe(0);
      await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      expect(await review()).toBe(0);
      expect(await appsOf(sid)).toEqual([FOO]);
    });

    test('gets its notices once, however many processes review it', async () => {
      const { sid } = await startSession();
      await issueToken(sid);
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
      const counts = await inParallel(6, (each) => each.groups.review(ADA.id, REQUIRED, SERVICE));
      expect(counts.toSorted()).toEqual([0, 0, 0, 0, 0, 1]);
      expect(await given.stores.logoutNotices.due(FOO, HOLDER, NOW, 10)).toHaveLength(1);
    });

    test('is never forgotten by a review that runs while it leaves [T-GROUP-02]', async () => {
      const { sid } = await startSession();
      for (let round = 0; round < 25; round += 1) {
        await given.stores.groups.add('staff', [ADA.id], CONTEXT);
        await issueToken(sid);
        // An earlier removal is still to be reviewed, so the next one finds its row there.
        await given.stores.groups.add('admins', [ADA.id], CONTEXT);
        await given.stores.groups.remove('admins', [ADA.id], CONTEXT);
        const [ended] = await Promise.all([
          review(),
          given.others.groups.remove('staff', [ADA.id], CONTEXT),
          given.stores.groups.review(ADA.id, REQUIRED, SERVICE),
        ]);
        const toReview = await given.stores.groups.findUnreviewed(10);
        const left = toReview.length > 0 ? await review() : 0;
        expect(await appsOf(sid), `round ${round}: ended ${ended}, then ${left}`).toEqual([]);
      }
    });
  });
}
