/** The guarantees of `SessionStore` for the end of a session: invalid tokens, and notices, once. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { SessionChoice } from '../stores.ts';
import {
  ACCOUNT,
  ADA,
  assertionBy,
  CONTEXT,
  FOO,
  type Given,
  GRACE,
  IDLE_SINCE,
  LOREM,
  NO_REQUIREMENT,
  NOW,
} from './given.ts';

export function sessionEndingContract(given: Given): void {
  const { inParallel, newSession, startSession, issueToken, sidsOf, noticesFor, detailsOf } = given;

  describe('ending sessions', () => {
    const endAll = async () => {
      let ended = 0;
      for await (const count of given.stores.sessions.endAll('ended by an operator', CONTEXT)) ended += count;
      return ended;
    };

    test('leaves one notice for each app that got a token from it, and for no other', async () => {
      const { sid } = await startSession();
      const bystander = await startSession();
      for (const app of [FOO, FOO, LOREM]) await issueToken(sid, app);
      await issueToken(bystander.sid, 'https://other.example');
      expect(await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT)).toBe(1);
      const notice = { sid, accountId: ADA.id, attempts: 0, issuedAt: NOW };
      expect(await noticesFor(FOO)).toEqual([{ ...notice, app: FOO, id: expect.any(Number) }]);
      expect(await noticesFor(LOREM)).toMatchObject([{ ...notice, app: LOREM }]);
      expect(await noticesFor('https://other.example')).toEqual([]);
    });

    test('works for an app that has redeemed a token, even after that token is purged', async () => {
      const { sid } = await startSession();
      const bystander = await startSession();
      const { hash } = await issueToken(sid);
      await issueToken(sid, LOREM);
      await issueToken(bystander.sid);
      const end = (redeemedBy: string) =>
        given.stores.sessions.end({ sid, redeemedBy }, 'signed out', { ...CONTEXT, actor: redeemedBy });
      expect([await end(FOO), await end(LOREM)]).toEqual([0, 0]);
      await given.others.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
      await given.others.tokens.redeem(hash, assertionBy(LOREM), NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
      await given.stores.purgeExpired({ now: NOW + 9000, failuresSince: 0, auditSince: 0 });
      expect([await end(LOREM), await end(FOO), await end(FOO)]).toEqual([0, 1, 0]);
      expect(await noticesFor(LOREM)).toMatchObject([{ sid }]);
      expect(await given.stores.sessions.findBySid(bystander.sid)).not.toBeNull();
    });

    test('leaves each notice once, however many parallel calls end one session', async () => {
      const { sid } = await startSession();
      await issueToken(sid);
      const ended = await inParallel(20, (each) => each.sessions.end({ sids: [sid] }, 'signed out', CONTEXT));
      expect(ended.reduce((sum, count) => sum + count)).toBe(1);
      expect(await noticesFor(FOO)).toHaveLength(1);
      expect(await detailsOf('session ended')).toEqual(['signed out']);
    });

    test('leaves a notice for a token issued just before the end, and none for one after', async () => {
      const apps = Array.from({ length: 6 }, (_, index) => `https://app${index}.example`);
      for (let round = 0; round < 10; round += 1) {
        const { sid } = await startSession();
        const issuing = apps.map((app) => issueToken(sid, app));
        await given.others.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
        for (const [index, { isIssued }] of (await Promise.all(issuing)).entries()) {
          const notices = (await noticesFor(apps[index] ?? '')).filter((notice) => notice.sid === sid);
          expect(notices).toHaveLength(isIssued ? 1 : 0);
        }
      }
    });

    test('can be limited to one account, so that nobody ends another person’s session', async () => {
      const { sid } = await startSession();
      const end = (accountId: string) =>
        given.stores.sessions.end({ sids: [sid], accountId }, 'ended on the account page', CONTEXT);
      expect([await end(GRACE.id), await end(ADA.id), await end(ADA.id)]).toEqual([0, 1, 0]);
    });

    test('can end all sessions of an account but one', async () => {
      const sessions = [await startSession(), await startSession(), await startSession()];
      const [kept] = sessions;
      const choice = { accountId: ADA.id, exceptSid: kept?.sid ?? '' };
      expect(await given.stores.sessions.end(choice, 'ended on the account page', CONTEXT)).toBe(2);
      expect(await sidsOf()).toEqual([kept?.sid]);
    });

    test('can end several sessions by sid; sids that don’t exist aren’t counted', async () => {
      const sessions = [await startSession(), await startSession(), await startSession()];
      const sids = sessions.map(({ sid }) => sid);
      const ended = await inParallel(4, (each, index) =>
        each.sessions.end({ sids: sids.slice(0, index + 1) }, 'ended by an operator', CONTEXT),
      );
      expect(ended.reduce((sum, count) => sum + count)).toBe(3);
      const unknown = { sids: ['nobody’s', sids[0] ?? ''] };
      expect(await given.stores.sessions.end(unknown, 'ended by an operator', CONTEXT)).toBe(0);
      expect(await given.stores.sessions.end({ sids: [] }, 'ended by an operator', CONTEXT)).toBe(0);
      expect(await detailsOf('session ended')).toHaveLength(3);
    });

    test('can end the sessions of all accounts', async () => {
      await given.stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: 'hash' }], CONTEXT);
      const [{ sid }] = [await startSession(), await startSession({ accountId: GRACE.id })];
      await issueToken(sid);
      expect(await endAll()).toBe(2);
      expect(await allRows(given.stores.sessions.pages())).toEqual([]);
      expect(await noticesFor(FOO)).toMatchObject([{ sid }]);
      expect(await detailsOf('session ended')).toEqual(['ended by an operator', 'ended by an operator']);
      expect(await endAll()).toBe(0);
    });

    test('of all accounts ends each once, but none started after the first slice [T-FLOOD-05]', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const sids: string[] = [];
      for (let count = 0; count < 300; count += 1) sids.push((await startSession()).sid);
      let [ended, endedByOthers] = [0, 0];
      let newSid = '';
      for await (const count of given.stores.sessions.endAll('ended by an operator', CONTEXT)) {
        if (ended === 0) {
          newSid = (await startSession()).sid;
          // A slice has at most 250, so these remain.
          endedByOthers = await given.others.sessions.end({ sids: sids.slice(-2) }, 'signed out', CONTEXT);
        }
        ended += count;
      }
      expect([ended, endedByOthers]).toEqual([298, 2]);
      expect(await sidsOf()).toEqual([newSid]);
    });

    test('stays done when a later slice fails', async () => {
      for (let count = 0; count < 300; count += 1) await startSession();
      await issueToken((await startSession({ sid: 'refused' })).sid);
      await given.refuseToEnd('refused');
      let ended = 0;
      const ending = async () => {
        for await (const count of given.stores.sessions.endAll('ended by an operator', CONTEXT))
          ended += count;
      };
      await expect(ending()).rejects.toThrow();
      const left = await allRows(given.stores.sessions.pages());
      expect(left.length).toBe(301 - ended);
      expect(left.map(({ sid }) => sid)).toContain('refused');
      expect(ended).toBeGreaterThan(0);
      expect(await detailsOf('session ended')).toHaveLength(ended);
      expect(await noticesFor(FOO)).toEqual([]);
    });

    test.each<[string, SessionChoice]>([
      ['by sid', { sids: ['a', 'b', 'c'] }],
      ['of an account', { accountId: ADA.id }],
    ])('%s ends all of them or none', async (_name, choice) => {
      for (const sid of ['a', 'b', 'c']) await issueToken((await startSession({ sid })).sid);
      await given.refuseToEnd('b');
      await expect(given.stores.sessions.end(choice, 'ended by an operator', CONTEXT)).rejects.toThrow();
      expect(await allRows(given.stores.sessions.pages())).toHaveLength(3);
      expect(await noticesFor(FOO)).toEqual([]);
      expect(await detailsOf('session ended')).toEqual([]);
    });

    test.each([
      ['over their maximum lifetime', { now: NOW + 4000, idleSince: NOW - 1 }, 'maximum lifetime'],
      ['unused for too long', { now: NOW + 10, idleSince: NOW }, 'idle timeout'],
    ])('%s leaves notices and audit records', async (_name, time, why) => {
      const { sid } = await startSession({ endsAt: NOW + 4000 });
      const active = await startSession({ endsAt: NOW + 9000 });
      await given.stores.sessions.touch(active.sid, NOW + 1);
      await issueToken(sid);
      expect(await given.stores.sessions.endExpired({ now: NOW + 5, idleSince: NOW - 1 })).toBe(0);
      const ended = await inParallel(4, (each) => each.sessions.endExpired(time));
      expect(ended.reduce((sum, count) => sum + count)).toBe(1);
      expect(await noticesFor(FOO, time.now)).toMatchObject([{ sid }]);
      expect(await detailsOf('session ended')).toEqual([why]);
      expect(await given.stores.sessions.findBySid(active.sid)).not.toBeNull();
    });
  });

  test('expired sessions end in slices, each once, with one notice per app and one record', async () => {
    await given.stores.accounts.add([ACCOUNT], CONTEXT);
    const withApps: string[] = [];
    for (let count = 0; count < 450; count += 1) {
      const session = newSession({ endsAt: NOW + 10 });
      await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT);
      if (count % 10 > 0) continue;
      withApps.push(session.sid);
      for (const app of [FOO, LOREM, FOO]) await issueToken(session.sid, app);
    }
    const active = await startSession({ endsAt: NOW + 9000 });
    const overdue = { now: NOW + 10, idleSince: 0 };
    const slices: number[] = [];
    do slices.push(await given.stores.sessions.endExpired(overdue));
    while (slices.at(-1) !== 0);
    for (const count of slices) expect(count).toBeLessThanOrEqual(250);
    expect(slices.reduce((sum, count) => sum + count)).toBe(450);
    expect(await detailsOf('session ended')).toEqual(Array(450).fill('maximum lifetime'));
    expect(await sidsOf()).toEqual([active.sid]);
    for (const app of [FOO, LOREM]) {
      expect((await noticesFor(app, NOW + 10)).map(({ sid }) => sid)).toEqual(withApps);
    }
  });
}
