/** The guarantees of `SessionStore` for a person who signs in again in a session of their own. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
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
  NO_REQUIREMENT,
  NOW,
  newToken,
  SECOND_FACTOR_REQUIRED,
} from './given.ts';
import { byStep, givenFactors } from './given-factors.ts';

export function renewalContract(given: Given): void {
  const { newSession, startSession, signInAgain, issueToken, sidsOf, noticesFor, detailsOf } = given;
  const { addAuthenticator } = givenFactors(given);

  describe('a sign-in by the account of the presented session', () => {
    test('renews that session under its sid, and no app hears of it [T-SESSION-11]', async () => {
      const bystander = await startSession();
      const old = await startSession();
      await issueToken(old.sid);
      const again = newSession({ endsAt: NOW + 20_000, userAgent: 'Browser/2.0', device: 'Another' });
      const context = { ...at(NOW + 5), address: '192.0.2.9' };
      const started = given.stores.sessions.start(again, old.tokenHash, IDLE_SINCE, context);
      expect(await started).toEqual({ sid: old.sid, endsAt: old.endsAt });
      expect(await given.others.sessions.find(old.tokenHash), 'the old token').toBeNull();
      expect(await given.others.sessions.find(again.tokenHash)).toEqual({
        sid: old.sid,
        account: ADA,
        lastSeenAt: NOW + 5,
        endsAt: old.endsAt,
        authenticatedAt: NOW + 5,
        amr: ['pwd'],
      });
      expect((await allRows(given.others.sessions.pages(ADA.id)))[0]).toMatchObject({
        startedAt: NOW,
        address: '192.0.2.9',
        userAgent: 'Browser/2.0',
        device: 'Another',
        apps: [FOO],
      });
      expect(await given.others.sessions.findBySid(again.sid)).toBeNull();
      expect(await given.others.sessions.find(bystander.tokenHash)).toMatchObject({ authenticatedAt: NOW });
      expect(await noticesFor(FOO, NOW + 5)).toEqual([]);
      expect(await detailsOf('session ended')).toEqual([]);
      expect(await detailsOf('session started')).toHaveLength(2);
      expect(await detailsOf('session reauthenticated')).toEqual(['with a password']);
      expect(await detailsOf('login succeeded')).toEqual(Array(3).fill('with a password'));
    });

    test('renews it by the replaced token, too, which signs nobody in [T-SESSION-14]', async () => {
      const old = await startSession();
      const [lost, again] = [newSession(), newSession()];
      await signInAgain(old, lost);
      expect(await signInAgain(old, again)).toMatchObject({ sid: old.sid });
      for (const { tokenHash } of [old, lost]) {
        expect(await given.others.sessions.find(tokenHash)).toBeNull();
      }
      expect(await sidsOf(ADA.id)).toEqual([old.sid]);
    });

    test('never moves its last use backwards', async () => {
      const old = await startSession();
      await given.stores.sessions.touch(old.sid, NOW + 500);
      const again = newSession();
      await signInAgain(old, again, { now: NOW + 5 });
      const session = await given.stores.sessions.find(again.tokenHash);
      expect(session).toMatchObject({ lastSeenAt: NOW + 500, authenticatedAt: NOW + 5 });
    });

    test('voids tokens that were issued or asked for before [T-SESSION-11]', async () => {
      const old = await addAuthenticator();
      const { sid } = old;
      const before = await issueToken(sid);
      const again = newSession({ proof: byStep(old.lastStep + 1) });
      await signInAgain(old, again, { now: NOW + 5 });
      // A request with the old cookie, whose session was found before the renewal.
      const late = newToken(sid);
      const { tokens } = given.others;
      await tokens.issue(late, NO_REQUIREMENT, at(NOW + 6));
      const redeem = (hash: Buffer) =>
        tokens.redeem(hash, assertionBy(FOO), SECOND_FACTOR_REQUIRED, IDLE_SINCE, at(NOW + 6));
      for (const hash of [before.hash, late.hash]) {
        expect(await redeem(hash)).toEqual({ inactiveReason: 'session renewed' });
      }
      const fresh = { ...late, hash: randomBytes(32), sessionTokenHash: again.tokenHash };
      await tokens.issue(fresh, SECOND_FACTOR_REQUIRED, at(NOW + 6));
      expect(await redeem(fresh.hash)).toMatchObject({
        session: { sid, authenticatedAt: NOW + 5, amr: ['pwd', 'otp', 'mfa'] },
      });
    });

    test.each([
      ['that idled out', {}, NOW, NOW],
      ['that reached its end', { endsAt: NOW + 5 }, NOW + 5, IDLE_SINCE],
    ])('starts a new session in place of one %s', async (_name, settings, now, idleSince) => {
      const old = await startSession(settings);
      await issueToken(old.sid);
      const fresh = newSession({ endsAt: NOW + 20_000 });
      const started = given.stores.sessions.start(fresh, old.tokenHash, idleSince, at(now));
      expect(await started).toEqual({ sid: fresh.sid, endsAt: fresh.endsAt });
      expect(await sidsOf(ADA.id)).toEqual([fresh.sid]);
      expect(await noticesFor(FOO, now)).toMatchObject([{ sid: old.sid }]);
      expect(await detailsOf('session ended')).toEqual(['replaced by a new login']);
    });

    test('changes nothing if the password has changed meanwhile', async () => {
      const old = await startSession();
      const proof = { kind: 'password', passwordVersion: 2 } as const;
      expect(await signInAgain(old, newSession({ proof }), { now: NOW + 5 })).toEqual({
        refusal: 'account changed',
      });
      const session = await given.stores.sessions.find(old.tokenHash);
      expect(session).toMatchObject({ sid: old.sid, authenticatedAt: NOW, lastSeenAt: NOW });
      expect(await detailsOf('session reauthenticated')).toEqual([]);
    });
  });

  describe('a renewed session', () => {
    test('ends by a sign-out with the replaced token, not with an earlier one [T-SESSION-14]', async () => {
      const old = await startSession();
      await issueToken(old.sid);
      const [second, third] = [newSession(), newSession()];
      await signInAgain(old, second);
      await signInAgain(second, third);
      const end = (tokenHash: Buffer) => given.others.sessions.end({ tokenHash }, 'signed out', CONTEXT);
      expect(await end(old.tokenHash)).toBe(0);
      expect(await end(second.tokenHash)).toBe(1);
      expect(await sidsOf(ADA.id)).toEqual([]);
      expect(await noticesFor(FOO)).toHaveLength(1);
    });

    test('ends if another account signs in with the replaced token [T-SESSION-14]', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const old = await startSession();
      await issueToken(old.sid);
      await signInAgain(old, newSession());
      const ofGrace = newSession({ accountId: GRACE.id });
      expect(await signInAgain(old, ofGrace)).toMatchObject({ sid: ofGrace.sid });
      expect(await sidsOf(ADA.id)).toEqual([]);
      expect(await noticesFor(FOO)).toMatchObject([{ sid: old.sid }]);
      expect(await detailsOf('session ended')).toEqual(['replaced by a new login']);
    });
  });
}
