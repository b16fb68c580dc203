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
  NOW,
  SERVICE,
} from './given.ts';

const REQUIRED = new Map([[FOO, ['admins', 'staff']]]);

export function groupContract(given: Given): void {
  const { inParallel, startSession, issueToken, noticesFor } = given;

  const addBoth = () => given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
  const groupsOf = (accountId: string) => given.others.groups.of(accountId);
  const review = (required = REQUIRED) => given.stores.groups.review(ADA.id, required, SERVICE);
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
}
