/** The guarantees of `FactorStore` for authenticator apps, from their preparation to their removal. */
import { sha256 } from '@samesite-sso/core';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, at, CONTEXT, type Given, GRACE, NOW } from './given.ts';
import { byStep, givenFactors, ownOf, SEALED_SECRET } from './given-factors.ts';

const EXPIRY = NOW + 600_000;
const HASHES = ['one', 'two', 'three'].map(sha256);

export function authenticatorAppContract(given: Given): void {
  const { startSession, detailsOf, inParallel } = given;
  const { addAndRenew, addAuthenticator, factorsOf, changesOf } = givenFactors(given);

  describe('an authenticator app', () => {
    test('is pending until it expires, and the account goes on without it', async () => {
      const [own, other] = [ownOf(await startSession()), ownOf(await startSession())];
      const { factors } = given.stores;
      expect(await factors.findPendingAuthenticator(own.sid, NOW)).toBeNull();
      await factors.prepareAuthenticator(own, 'an earlier one', EXPIRY);
      await factors.prepareAuthenticator(own, SEALED_SECRET, EXPIRY);
      expect(await given.others.factors.findPendingAuthenticator(own.sid, EXPIRY - 1)).toEqual({
        sealedSecret: SEALED_SECRET,
      });
      expect(await factors.findPendingAuthenticator(own.sid, EXPIRY)).toBeNull();
      expect(await factors.findPendingAuthenticator(other.sid, NOW), 'in another session').toBeNull();
      expect(await factors.findAuthenticator(ADA.id)).toBeNull();
      expect(await factorsOf()).toEqual({ passkeyCount: 0, hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual([]);
    });

    test('is confirmed with recovery codes, and is then no longer pending', async () => {
      const { sid } = await addAuthenticator(ADA.id, { codeHashes: HASHES });
      const { factors } = given.others;
      expect(await factors.findAuthenticator(ADA.id)).toEqual({ sealedSecret: SEALED_SECRET, lastStep: 100 });
      expect(await factors.findPendingAuthenticator(sid, NOW)).toBeNull();
      expect(await factorsOf()).toEqual({ passkeyCount: 0, hasAuthenticator: true, recoveryCodeCount: 3 });
      expect(await factorsOf(GRACE.id)).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual(['authenticator added']);
      expect(await detailsOf('authenticator added')).toEqual([null]);
    });

    test.each<[string, { sealedSecret?: string; now?: number; isOther?: boolean }]>([
      ['another one was prepared meanwhile', { sealedSecret: 'an earlier one' }],
      ['it has expired', { now: EXPIRY }],
      ['another session of the account is adding it', { isOther: true }],
    ])('isn’t confirmed, and nothing changes, if %s', async (_reason, changes) => {
      const { sealedSecret = SEALED_SECRET, now = NOW, isOther = false } = changes;
      const { sid: otherSid, tokenHash } = await startSession();
      const { sid } = await startSession();
      const { factors } = given.stores;
      await factors.prepareAuthenticator(ownOf({ sid }), SEALED_SECRET, EXPIRY);
      const own = ownOf({ sid: isOther ? otherSid : sid });
      const pending = { sealedSecret, lastStep: 100 };
      expect(await factors.confirmAuthenticator(own, pending, HASHES, at(now))).toBe(false);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await factors.findPendingAuthenticator(sid, NOW)).toEqual({ sealedSecret: SEALED_SECRET });
      expect(await given.stores.sessions.find(tokenHash)).not.toBeNull();
      expect(await changesOf()).toEqual([]);
    });

    test('is confirmed once by parallel callers', async () => {
      const own = ownOf(await startSession());
      await given.stores.factors.prepareAuthenticator(own, SEALED_SECRET, EXPIRY);
      const outcomes = await inParallel(10, (each, index) =>
        each.factors
          .confirmAuthenticator(
            own,
            { sealedSecret: SEALED_SECRET, lastStep: 100 },
            [sha256(`code ${index}`)],
            CONTEXT,
          )
          .catch(({ code }) => code),
      );
      expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'reauthentication-required')).toHaveLength(9);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: true, recoveryCodeCount: 1 });
      expect(await changesOf()).toHaveLength(1);
    });

    test('replaces an earlier one together with its recovery codes', async () => {
      const { own } = await addAndRenew({ codeHashes: HASHES });
      const { sid: other } = await startSession({ proof: byStep(102) });
      const { factors } = given.stores;
      await factors.prepareAuthenticator(own, 'another one', EXPIRY);
      expect(await factors.findAuthenticator(ADA.id)).toMatchObject({ sealedSecret: SEALED_SECRET });
      const pending = { sealedSecret: 'another one', lastStep: 200 };
      expect(await factors.confirmAuthenticator(own, pending, [sha256('new')], CONTEXT)).toBe(true);
      expect(await factors.findAuthenticator(ADA.id)).toEqual(pending);
      expect(await factors.hasRecoveryCode(ADA.id, sha256('new'))).toBe(true);
      expect(await factors.hasRecoveryCode(ADA.id, sha256('one'))).toBe(false);
      expect(await factorsOf()).toMatchObject({ recoveryCodeCount: 1 });
      expect(await given.stores.sessions.findBySid(other), 'may be by the earlier one').toBeNull();
    });

    test('is removed once, with its recovery codes and one that is pending', async () => {
      const { own } = await addAndRenew();
      await given.stores.factors.prepareAuthenticator(own, 'another one', EXPIRY);
      const removed = await inParallel(4, (each) => each.factors.removeAuthenticator(own, at(NOW + 1)));
      expect(removed.filter(Boolean)).toHaveLength(1);
      expect(await factorsOf()).toEqual({ passkeyCount: 0, hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await given.stores.factors.findPendingAuthenticator(own.sid, NOW)).toBeNull();
      expect(await changesOf()).toEqual(['authenticator removed', 'authenticator added']);
      expect(await detailsOf('authenticator removed')).toEqual([null]);
    });

    test('stays pending if another session asks to remove the app before any is confirmed', async () => {
      const [own, other] = [ownOf(await startSession()), ownOf(await startSession())];
      const { factors } = given.stores;
      await factors.prepareAuthenticator(own, SEALED_SECRET, EXPIRY);
      expect(await factors.removeAuthenticator(other, CONTEXT)).toBe(false);
      expect(await factors.findPendingAuthenticator(own.sid, NOW)).toEqual({ sealedSecret: SEALED_SECRET });
      expect(await given.stores.sessions.findBySid(own.sid)).not.toBeNull();
      expect(await changesOf()).toEqual([]);
    });

    test('goes with its account', async () => {
      const { own } = await addAndRenew();
      await given.stores.factors.prepareAuthenticator(own, 'another one', EXPIRY);
      await given.stores.accounts.remove(ADA.id, CONTEXT);
      expect(await allRows(given.stores.factors.sealedSecrets())).toEqual([]);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual([]);
    });

    test('can’t be added to an account that is removed at the same time', async () => {
      const own = ownOf(await startSession());
      await given.stores.factors.prepareAuthenticator(own, SEALED_SECRET, EXPIRY);
      const pending = { sealedSecret: SEALED_SECRET, lastStep: 100 };
      const [outcome] = await Promise.all([
        given.stores.factors.confirmAuthenticator(own, pending, HASHES, CONTEXT).catch(({ code }) => code),
        given.others.accounts.remove(ADA.id, CONTEXT),
      ]);
      expect([true, 'reauthentication-required']).toContain(outcome);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
    });
  });
}
