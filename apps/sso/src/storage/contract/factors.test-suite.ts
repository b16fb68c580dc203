/** The guarantees of `FactorStore` for recovery codes, and for what it lists. */
import { sha256 } from '@samesite-sso/core';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ACCOUNT, ADA, at, CONTEXT, type Given, GRACE, NOW } from './given.ts';
import { byPasskey, givenFactors, ownOf, SEALED_SECRET } from './given-factors.ts';

const EXPIRY = NOW + 600_000;
const HASHES = ['one', 'two', 'three'].map(sha256);

export function factorContract(given: Given): void {
  const { startSession, detailsOf, inParallel } = given;
  const { addAndRenew, addAuthenticator, addPasskey, renew, factorsOf, changesOf } = givenFactors(given);

  describe('recovery codes', () => {
    test('are those of one account', async () => {
      await addAuthenticator(ADA.id, { codeHashes: HASHES });
      const has = (accountId: string, code: string) =>
        given.others.factors.hasRecoveryCode(accountId, sha256(code));
      expect(await has(ADA.id, 'one')).toBe(true);
      expect(await has(ADA.id, 'four')).toBe(false);
      expect(await has(GRACE.id, 'one')).toBe(false);
    });

    test('are replaced as a whole, by parallel callers too', async () => {
      const { own } = await addAndRenew({ codeHashes: HASHES });
      const replaced = await inParallel(4, (each, index) =>
        each.factors.replaceRecoveryCodes(own, [`${index} a`, `${index} b`].map(sha256), at(NOW + 1 + index)),
      );
      expect(replaced).toEqual([true, true, true, true]);
      expect(await factorsOf()).toMatchObject({ hasAuthenticator: true, recoveryCodeCount: 2 });
      expect(await given.stores.factors.hasRecoveryCode(ADA.id, sha256('one'))).toBe(false);
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
    const { own } = await addAndRenew();
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
    const { own } = await addAndRenew();
    for (let round = 1; round <= 100; round += 1) {
      await given.stores.factors.replaceRecoveryCodes(own, HASHES, at(NOW + round));
    }
    expect(await changesOf()).toEqual(['recovery codes replaced', 'authenticator added']);
    expect((await given.others.factors.changesSince(ADA.id, NOW + 100))[0]?.at).toBe(NOW + 100);
    expect(await detailsOf('recovery codes replaced'), 'the audit trail has all').toHaveLength(100);
  });

  test('list the last 20 changes of each kind [T-CODE-08]', async () => {
    const weak = ownOf(await startSession());
    const own = await renew(weak, byPasskey(await addPasskey(weak)));
    const names = Array.from({ length: 21 }, (_, index) => `passkey ${index}`);
    for (const name of names) {
      expect(await given.stores.passkeys.remove(own, await addPasskey(own, { name }), CONTEXT)).toBe(true);
    }
    const changes = await given.others.factors.changesSince(ADA.id, 0);
    for (const kind of ['passkey added', 'passkey removed']) {
      const listed = changes.filter((change) => change.kind === kind).map(({ detail }) => detail);
      expect(listed).toEqual(names.slice(-20).toReversed());
    }
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
    const { own } = await addAndRenew();
    await factors.prepareAuthenticator(own, 'another one', EXPIRY);
    const secretsOf = async () => allRows(given.others.factors.sealedSecrets());
    expect(await secretsOf()).toEqual([
      ...ids.map((accountId) => ({ accountId, sealedSecret: `pending ${accountId}` })),
      { accountId: ADA.id, sealedSecret: SEALED_SECRET },
      { accountId: ADA.id, sealedSecret: 'another one' },
    ]);
    await factors.replaceSecret({ accountId: ADA.id, sealedSecret: SEALED_SECRET }, 'sealed again');
    await factors.replaceSecret({ accountId: ADA.id, sealedSecret: SEALED_SECRET }, 'too late');
    await factors.replaceSecret({ accountId: ADA.id, sealedSecret: 'another one' }, 'pending again');
    expect(await factors.findAuthenticator(ADA.id)).toMatchObject({ sealedSecret: 'sealed again' });
    expect(await factors.findPendingAuthenticator(own.sid, NOW)).toEqual({ sealedSecret: 'pending again' });
  });
}
