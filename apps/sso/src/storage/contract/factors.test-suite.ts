/** The guarantees of `FactorStore`. */
import { createHash } from 'node:crypto';
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
  IDLE_SINCE,
  NOW,
} from './given.ts';
import { byStep, givenFactors, ownOf } from './given-factors.ts';

const SECRET = 'a sealed secret';
const EXPIRY = NOW + 600_000;
const hashOf = (code: string) => createHash('sha256').update(code).digest();
const HASHES = ['one', 'two', 'three'].map(hashOf);

export function factorContract(given: Given): void {
  const { startSession, newSession, issueToken, noticesFor, detailsOf, inParallel } = given;

  const addAuthenticator = () =>
    givenFactors(given).addAuthenticator(ADA.id, { sealedSecret: SECRET, codeHashes: HASHES });
  /** Adds an authenticator app. @returns a session that was signed in to with a code of it since */
  const addStrongly = async () => {
    const added = await addAuthenticator();
    return await givenFactors(given).renew(ownOf(added), byStep(added.lastStep + 1));
  };
  const factorsOf = (accountId = ADA.id) => given.others.factors.of(accountId);
  const changesOf = async (accountId = ADA.id) =>
    (await given.others.factors.changesSince(accountId, 0)).map(({ kind }) => kind);

  describe('an authenticator app', () => {
    test('is pending until it expires, and the account goes on without it', async () => {
      const [own, other] = [ownOf(await startSession()), ownOf(await startSession())];
      const { factors } = given.stores;
      expect(await factors.findPendingAuthenticator(own.sid, NOW)).toBeNull();
      await factors.prepareAuthenticator(own, 'an earlier one', EXPIRY);
      await factors.prepareAuthenticator(own, SECRET, EXPIRY);
      expect(await given.others.factors.findPendingAuthenticator(own.sid, EXPIRY - 1)).toEqual({
        sealedSecret: SECRET,
      });
      expect(await factors.findPendingAuthenticator(own.sid, EXPIRY)).toBeNull();
      expect(await factors.findPendingAuthenticator(other.sid, NOW), 'in another session').toBeNull();
      expect(await factors.findAuthenticator(ADA.id)).toBeNull();
      expect(await factorsOf()).toEqual({ passkeyCount: 0, hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual([]);
    });

    test('is confirmed with recovery codes, and is then no longer pending', async () => {
      const { sid } = await addAuthenticator();
      const { factors } = given.others;
      expect(await factors.findAuthenticator(ADA.id)).toEqual({ sealedSecret: SECRET, lastStep: 100 });
      expect(await factors.findPendingAuthenticator(sid, NOW)).toBeNull();
      expect(await factorsOf()).toEqual({ passkeyCount: 0, hasAuthenticator: true, recoveryCodeCount: 3 });
      expect(await factorsOf(GRACE.id)).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual(['authenticator added']);
      expect(await detailsOf('authenticator added')).toEqual([null]);
    });

    test('ends all other sessions of the account when it is confirmed, and no others', async () => {
      await given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
      const [other, graces] = [newSession(), newSession({ accountId: GRACE.id })];
      for (const session of [other, graces]) {
        await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT);
        await issueToken(session.sid);
      }
      const { tokenHash } = await addAuthenticator();
      expect(await given.stores.sessions.find(other.tokenHash)).toBeNull();
      expect(await given.stores.sessions.find(tokenHash)).not.toBeNull();
      expect(await given.stores.sessions.find(graces.tokenHash)).not.toBeNull();
      expect(await noticesFor(FOO)).toMatchObject([{ sid: other.sid }]);
      expect(await detailsOf('session ended')).toEqual(['second factor added']);
    });

    test.each<[string, { sealedSecret?: string; now?: number; isOther?: boolean }]>([
      ['another one was prepared meanwhile', { sealedSecret: 'an earlier one' }],
      ['it has expired', { now: EXPIRY }],
      ['another session of the account is adding it', { isOther: true }],
    ])('isn’t confirmed, and nothing changes, if %s', async (_reason, changes) => {
      const { sealedSecret = SECRET, now = NOW, isOther = false } = changes;
      const { sid: otherSid, tokenHash } = await startSession();
      const { sid } = await startSession();
      const { factors } = given.stores;
      await factors.prepareAuthenticator(ownOf({ sid }), SECRET, EXPIRY);
      const own = ownOf({ sid: isOther ? otherSid : sid });
      const pending = { sealedSecret, lastStep: 100 };
      expect(await factors.confirmAuthenticator(own, pending, HASHES, at(now))).toBe(false);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await factors.findPendingAuthenticator(sid, NOW)).toEqual({ sealedSecret: SECRET });
      expect(await given.stores.sessions.find(tokenHash)).not.toBeNull();
      expect(await changesOf()).toEqual([]);
    });

    test('is confirmed once by parallel callers', async () => {
      const own = ownOf(await startSession());
      await given.stores.factors.prepareAuthenticator(own, SECRET, EXPIRY);
      const outcomes = await inParallel(10, (each, index) =>
        each.factors
          .confirmAuthenticator(
            own,
            { sealedSecret: SECRET, lastStep: 100 },
            [hashOf(`code ${index}`)],
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
      const own = await addStrongly();
      const { sid: other } = await startSession({ proof: byStep(102) });
      const { factors } = given.stores;
      await factors.prepareAuthenticator(own, 'another one', EXPIRY);
      expect(await factors.findAuthenticator(ADA.id)).toMatchObject({ sealedSecret: SECRET });
      const pending = { sealedSecret: 'another one', lastStep: 200 };
      expect(await factors.confirmAuthenticator(own, pending, [hashOf('new')], CONTEXT)).toBe(true);
      expect(await factors.findAuthenticator(ADA.id)).toEqual(pending);
      expect(await factors.hasRecoveryCode(ADA.id, hashOf('new'))).toBe(true);
      expect(await factors.hasRecoveryCode(ADA.id, hashOf('one'))).toBe(false);
      expect(await factorsOf()).toMatchObject({ recoveryCodeCount: 1 });
      expect(await given.stores.sessions.findBySid(other), 'may be by the earlier one').toBeNull();
    });

    test('leaves the other sessions if the account has a passkey', async () => {
      const { addPasskey, confirmAuthenticator, renew } = givenFactors(given);
      const weak = ownOf(await startSession());
      const credentialId = await addPasskey(weak);
      const challenge = { hash: hashOf('a challenge'), expiresAt: EXPIRY };
      const own = await renew(weak, { kind: 'passkey', credentialId, counter: 0, challenge });
      const other = await startSession();
      await confirmAuthenticator(own);
      expect(await given.stores.sessions.findBySid(other.sid)).not.toBeNull();
    });

    test('is removed once, with its recovery codes and one that is pending', async () => {
      const own = await addStrongly();
      await given.stores.factors.prepareAuthenticator(own, 'another one', EXPIRY);
      const removed = await inParallel(4, (each) => each.factors.removeAuthenticator(own, at(NOW + 1)));
      expect(removed.filter(Boolean)).toHaveLength(1);
      expect(await factorsOf()).toEqual({ passkeyCount: 0, hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await given.stores.factors.findPendingAuthenticator(own.sid, NOW)).toBeNull();
      expect(await changesOf()).toEqual(['authenticator removed', 'authenticator added']);
      expect(await detailsOf('authenticator removed')).toEqual([null]);
    });

    test('stays pending if another session removes one, although none was confirmed', async () => {
      const [own, other] = [ownOf(await startSession()), ownOf(await startSession())];
      const { factors } = given.stores;
      await factors.prepareAuthenticator(own, SECRET, EXPIRY);
      expect(await factors.removeAuthenticator(other, CONTEXT)).toBe(false);
      expect(await factors.findPendingAuthenticator(own.sid, NOW)).toEqual({ sealedSecret: SECRET });
      expect(await given.stores.sessions.findBySid(own.sid)).not.toBeNull();
      expect(await changesOf()).toEqual([]);
    });

    test('goes with its account', async () => {
      await given.stores.factors.prepareAuthenticator(await addStrongly(), 'another one', EXPIRY);
      await given.stores.accounts.remove(ADA.id, CONTEXT);
      expect(await allRows(given.stores.factors.sealedSecrets())).toEqual([]);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual([]);
    });

    test('can’t be added to an account that is removed at the same time', async () => {
      const own = ownOf(await startSession());
      await given.stores.factors.prepareAuthenticator(own, SECRET, EXPIRY);
      const pending = { sealedSecret: SECRET, lastStep: 100 };
      const [outcome] = await Promise.all([
        given.stores.factors.confirmAuthenticator(own, pending, HASHES, CONTEXT).catch(({ code }) => code),
        given.others.accounts.remove(ADA.id, CONTEXT),
      ]);
      expect([true, 'reauthentication-required']).toContain(outcome);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: false, recoveryCodeCount: 0 });
    });
  });

  describe('recovery codes', () => {
    test('are those of one account', async () => {
      await addAuthenticator();
      const has = (accountId: string, code: string) =>
        given.others.factors.hasRecoveryCode(accountId, hashOf(code));
      expect(await has(ADA.id, 'one')).toBe(true);
      expect(await has(ADA.id, 'four')).toBe(false);
      expect(await has(GRACE.id, 'one')).toBe(false);
    });

    test('are replaced as a whole, by parallel callers too', async () => {
      const own = await addStrongly();
      const replaced = await inParallel(4, (each, index) =>
        each.factors.replaceRecoveryCodes(own, [`${index} a`, `${index} b`].map(hashOf), at(NOW + 1 + index)),
      );
      expect(replaced).toEqual([true, true, true, true]);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: true, recoveryCodeCount: 2 });
      expect(await given.stores.factors.hasRecoveryCode(ADA.id, hashOf('one'))).toBe(false);
      expect(await changesOf(), 'the last one counts').toEqual([
        'recovery codes replaced',
        'authenticator added',
      ]);
      expect(await detailsOf('recovery codes replaced')).toHaveLength(4);
    });

    test('need an authenticator app', async () => {
      const own = ownOf(await startSession());
      const replaced = given.stores.factors.replaceRecoveryCodes(own, HASHES, CONTEXT);
      expect(await replaced).toBe(false);
      expect(await factorsOf()).toMatchObject({ recoveryCodeCount: 0 });
      expect(await changesOf()).toEqual([]);
    });
  });

  test('list changes of factors since a time, newest first', async () => {
    const own = await addStrongly();
    await given.stores.factors.replaceRecoveryCodes(own, HASHES, at(NOW + 1));
    await given.stores.factors.removeAuthenticator(own, at(NOW + 2));
    const since = (time: number) => given.others.factors.changesSince(ADA.id, time);
    const later = [
      { kind: 'authenticator removed', detail: null, at: NOW + 2 },
      { kind: 'recovery codes replaced', detail: null, at: NOW + 1 },
    ];
    expect(await since(0)).toEqual([...later, { kind: 'authenticator added', detail: null, at: NOW }]);
    expect(await since(NOW + 1)).toEqual(later);
    expect(await since(NOW + 3)).toEqual([]);
  });

  test('list every added factor, however many other changes follow [T-CODE-08]', async () => {
    const own = await addStrongly();
    for (let round = 1; round <= 100; round += 1) {
      await given.stores.factors.replaceRecoveryCodes(own, HASHES, at(NOW + round));
    }
    expect(await changesOf()).toEqual(['recovery codes replaced', 'authenticator added']);
    expect((await given.others.factors.changesSince(ADA.id, NOW + 100))[0]?.at).toBe(NOW + 100);
    expect(await detailsOf('recovery codes replaced'), 'the audit trail has all').toHaveLength(100);
  });

  test('list the sealed secrets of many accounts, pending ones too, and replace one', async () => {
    const ids = Array.from({ length: 501 }, (_, index) => `account ${String(index).padStart(3, '0')}`);
    await given.stores.accounts.add(
      ids.map((id) => ({ ...ACCOUNT, id, username: id, usernameKey: id })),
      CONTEXT,
    );
    const { factors } = given.stores;
    for (const accountId of ids) {
      const own = ownOf(await startSession({ accountId }));
      await factors.prepareAuthenticator(own, `pending ${accountId}`, EXPIRY);
    }
    const own = await addStrongly();
    await factors.prepareAuthenticator(own, 'another one', EXPIRY);
    const secretsOf = async () => allRows(given.others.factors.sealedSecrets());
    expect(await secretsOf()).toEqual([
      ...ids.map((accountId) => ({ accountId, sealedSecret: `pending ${accountId}` })),
      { accountId: ADA.id, sealedSecret: SECRET },
      { accountId: ADA.id, sealedSecret: 'another one' },
    ]);
    await factors.replaceSecret({ accountId: ADA.id, sealedSecret: SECRET }, 'sealed again');
    await factors.replaceSecret({ accountId: ADA.id, sealedSecret: SECRET }, 'too late');
    await factors.replaceSecret({ accountId: ADA.id, sealedSecret: 'another one' }, 'pending again');
    expect(await factors.findAuthenticator(ADA.id)).toMatchObject({ sealedSecret: 'sealed again' });
    expect(await factors.findPendingAuthenticator(own.sid, NOW)).toEqual({ sealedSecret: 'pending again' });
  });
}
