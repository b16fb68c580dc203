/** The guarantees of `GroupStore` for accounts that have left a group: their access to apps is reviewed. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ACCOUNT, ACCOUNT_OF_GRACE, ADA, CONTEXT, FOO, type Given, GRACE, LOREM, SERVICE } from './given.ts';

const REQUIRED = new Map([[FOO, ['admins', 'staff']]]);

export function groupReviewContract(given: Given): void {
  const { inParallel, startSession, issueToken, appsOf, noticesFor } = given;

  const review = (required = REQUIRED) => given.stores.groups.review(ADA.id, required, SERVICE);

  describe('an account that has left a group', () => {
    test('is to be reviewed, until it has been, also after a restart', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
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
      expect(await noticesFor(FOO)).toHaveLength(1);
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
