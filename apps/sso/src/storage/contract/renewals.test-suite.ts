/** The guarantees of `SessionStore` for a person who signs in again in a session of their own. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { NewSession, Stores } from '../stores.ts';
import {
  ACCOUNT,
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
} from './given.ts';
import { byStep, givenFactors } from './given-factors.ts';

const ROUNDS = 10;
const STRONG = { groups: null, secondFactor: true };

export function renewalContract(given: Given): void {
  const { inParallel, newSession, startSession, issueToken, noticesFor, detailsOf } = given;
  const { addAuthenticator } = givenFactors(given);

  const signInAgain = (
    presented: Pick<NewSession, 'tokenHash'>,
    session: NewSession,
    stores: Stores = given.stores,
    now = NOW,
  ) => stores.sessions.start(session, presented.tokenHash, IDLE_SINCE, at(now));
  const sidsOf = async (accountId: string) =>
    (await allRows(given.stores.sessions.pages(accountId))).map(({ sid }) => sid);

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

    test('is signed out of with the replaced token, but with none before it [T-SESSION-14]', async () => {
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

    test('renews a session that another account with the replaced token ends [T-SESSION-14]', async () => {
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

    test('never moves its last use backwards', async () => {
      const old = await startSession();
      await given.stores.sessions.touch(old.sid, NOW + 500);
      const again = newSession();
      await signInAgain(old, again, given.stores, NOW + 5);
      const session = await given.stores.sessions.find(again.tokenHash);
      expect(session).toMatchObject({ lastSeenAt: NOW + 500, authenticatedAt: NOW + 5 });
    });

    test('voids tokens that were issued or asked for before [T-SESSION-11]', async () => {
      const old = await addAuthenticator();
      const { sid } = old;
      const before = await issueToken(sid);
      const again = newSession({ proof: byStep(old.lastStep + 1) });
      await signInAgain(old, again, given.stores, NOW + 5);
      // A request with the old cookie, whose session was found before the renewal.
      const late = newToken(sid);
      const { tokens } = given.others;
      await tokens.issue(late, NO_REQUIREMENT, at(NOW + 6));
      const redeem = (hash: Buffer) => tokens.redeem(hash, assertionBy(FOO), STRONG, IDLE_SINCE, at(NOW + 6));
      for (const hash of [before.hash, late.hash]) {
        expect(await redeem(hash)).toEqual({ inactiveReason: 'session renewed' });
      }
      const fresh = { ...late, hash: randomBytes(32), sessionTokenHash: again.tokenHash };
      await tokens.issue(fresh, STRONG, at(NOW + 6));
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
      expect(await signInAgain(old, newSession({ proof }), given.stores, NOW + 5)).toEqual({
        refusal: 'account changed',
      });
      const session = await given.stores.sessions.find(old.tokenHash);
      expect(session).toMatchObject({ sid: old.sid, authenticatedAt: NOW, lastSeenAt: NOW });
      expect(await detailsOf('session reauthenticated')).toEqual([]);
    });
  });

  describe('while other processes do something else, a renewal', () => {
    test('of the same cookie leaves one session, which either new cookie ends [T-SESSION-14]', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        const sessions = [newSession(), newSession()] as const;
        const started = await inParallel(2, (each, index) =>
          signInAgain(old, sessions[index] ?? sessions[0], each),
        );
        expect(started).toEqual(Array(2).fill({ sid: old.sid, endsAt: old.endsAt }));
        expect(await sidsOf(ADA.id)).toEqual([old.sid]);
        const found = await Promise.all(
          sessions.map(({ tokenHash }) => given.stores.sessions.find(tokenHash)),
        );
        expect(found.filter((session) => session !== null)).toHaveLength(1);
        const { tokenHash } = sessions[round % 2] ?? sessions[0];
        expect(await given.others.sessions.end({ tokenHash }, 'signed out', CONTEXT)).toBe(1);
      }
    });

    test('of a session that ends either precedes the end, or starts a new session', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        await issueToken(old.sid, LOREM);
        const again = newSession();
        const [outcome, ended] = await Promise.all([
          signInAgain(old, again),
          given.others.sessions.end({ sids: [old.sid] }, 'signed out', CONTEXT),
        ]);
        expect(ended).toBe(1);
        const isRenewed = 'sid' in outcome && outcome.sid === old.sid;
        const session = await given.stores.sessions.find(again.tokenHash);
        if (isRenewed) expect(session).toBeNull();
        else expect(session).toMatchObject({ sid: again.sid });
        const notices = (await noticesFor(LOREM)).filter(({ sid }) => sid === old.sid);
        expect(notices).toHaveLength(1);
      }
    });

    test('of an account that is disabled leaves no session', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        await Promise.all([signInAgain(old, newSession()), given.others.accounts.disable(ADA.id, CONTEXT)]);
        expect(await sidsOf(ADA.id)).toEqual([]);
        await given.stores.accounts.enable(ADA.id, CONTEXT);
      }
    });

    test('of a session whose token is being issued keeps the app in its list', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        const again = newSession();
        const [{ isIssued }] = await Promise.all([
          issueToken(old.sid),
          signInAgain(old, again, given.others),
        ]);
        expect(isIssued).toBe(true);
        await given.stores.sessions.end({ tokenHash: again.tokenHash }, 'signed out', CONTEXT);
        expect((await noticesFor(FOO)).filter(({ sid }) => sid === old.sid)).toHaveLength(1);
      }
    });
  });
}
