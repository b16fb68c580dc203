/** The guarantees of every change of factors for the session that makes it: see `OwnSession`. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { OwnSession, Stores } from '../stores.ts';
import { ACCOUNT_OF_GRACE, ADA, CONTEXT, FOO, type Given, GRACE, NOW } from './given.ts';
import {
  byPasskey,
  byStep,
  givenFactors,
  newChallenge,
  newPasskey,
  ownOf,
  REAUTHENTICATION_REQUIRED,
} from './given-factors.ts';

const PENDING = { sealedSecret: 'a pending secret', lastStep: 200 };
const CODES = [randomBytes(32)];

type Change = (stores: Stores, own: OwnSession, credentialId: string) => Promise<unknown>;

const REMOVALS: readonly [string, Change][] = [
  ['removing an authenticator app', ({ factors }, own) => factors.removeAuthenticator(own, CONTEXT)],
  ['replacing recovery codes', ({ factors }, own) => factors.replaceRecoveryCodes(own, CODES, CONTEXT)],
  ['removing a passkey', ({ passkeys }, own, id) => passkeys.remove(own, id, CONTEXT)],
];
const CHANGES: readonly [string, Change][] = [
  ...REMOVALS,
  [
    'preparing an authenticator app',
    ({ factors }, own) => factors.prepareAuthenticator(own, 'another secret', NOW + 600_000),
  ],
  [
    'confirming an authenticator app',
    ({ factors }, own) => factors.confirmAuthenticator(own, PENDING, CODES, CONTEXT),
  ],
  ['adding a passkey', ({ passkeys }, own) => passkeys.add(own, newPasskey(), newChallenge(), CONTEXT)],
  [
    'changing the password',
    ({ accounts }, own) => {
      const renewed = { ...own, newTokenHash: randomBytes(32) };
      return accounts.setPassword(own.accountId, 'a new hash', { own: renewed }, CONTEXT);
    },
  ],
];

export function ownSessionContract(given: Given): void {
  const { startSession, issueToken, noticesFor } = given;
  const { addAndRenew, addPasskey, renew } = givenFactors(given);

  /** An account with an authenticator app, a pending one, a passkey, and a session that may change them. */
  async function givenAccount() {
    const { own: byCode, lastStep } = await addAndRenew();
    const credentialId = await addPasskey(byCode);
    const own = await renew(byCode, byPasskey(credentialId));
    await given.stores.factors.prepareAuthenticator(own, PENDING.sealedSecret, NOW + 600_000);
    const other = await startSession({ proof: byStep(lastStep + 1) });
    await issueToken(other.sid);
    return { own, other, credentialId };
  }

  const stateOf = async ({ sid }: OwnSession) => ({
    factors: await given.others.factors.of(ADA.id),
    authenticator: await given.others.factors.findAuthenticator(ADA.id),
    pending: await given.others.factors.findPendingAuthenticator(sid, NOW),
    changes: await given.others.factors.changesSince(ADA.id, 0),
    credentials: await given.others.accounts.findCredentials('ada'),
    notices: await noticesFor(FOO),
  });

  describe.each(CHANGES)('%s', (_name, change) => {
    test('is possible in a session with a recent sign-in with the strongest factor', async () => {
      const { own, credentialId } = await givenAccount();
      const before = await stateOf(own);
      await change(given.stores, own, credentialId);
      expect(await stateOf(own)).not.toEqual(before);
    });

    test.each<[string, (account: Awaited<ReturnType<typeof givenAccount>>) => Promise<OwnSession>]>([
      [
        'has ended',
        async ({ own }) => {
          await given.others.sessions.end({ sids: [own.sid] }, 'signed out', CONTEXT);
          return own;
        },
      ],
      [
        'was renewed meanwhile',
        async ({ own, credentialId }) => {
          await renew(own, byPasskey(credentialId));
          return own;
        },
      ],
      ['is too old', async ({ own }) => ({ ...own, authenticatedSince: NOW + 1 })],
      [
        'is another person’s',
        async ({ own }) => {
          await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
          return { ...ownOf(await startSession({ accountId: GRACE.id })), accountId: own.accountId };
        },
      ],
      ['was started with a weaker factor', async ({ other }) => ownOf(other)],
    ])('changes nothing if the session %s [T-CODE-07]', async (_reason, toOwn) => {
      const account = await givenAccount();
      const own = await toOwn(account);
      const before = await stateOf(account.own);
      await expect(change(given.stores, own, account.credentialId)).rejects.toMatchObject({
        ...REAUTHENTICATION_REQUIRED,
        members: { methods: ['passkey'] },
      });
      expect(await stateOf(account.own)).toEqual(before);
    });
  });

  test.each(REMOVALS)('%s ends all other sessions of the account, and no others', async (_name, change) => {
    const { own, other, credentialId } = await givenAccount();
    await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
    const graces = await startSession({ accountId: GRACE.id });
    expect(await change(given.stores, own, credentialId)).toBe(true);
    expect(await given.others.sessions.findBySid(own.sid)).not.toBeNull();
    expect(await given.others.sessions.findBySid(graces.sid)).not.toBeNull();
    expect(await given.others.sessions.findBySid(other.sid)).toBeNull();
    expect(await noticesFor(FOO)).toMatchObject([{ sid: other.sid }]);
  });

  test('a change at the same time as the addition of the first second factor changes nothing', async () => {
    for (let round = 0; round < 10; round += 1) {
      await given.stores.accounts.remove(ADA.id, CONTEXT);
      const [own, others] = [ownOf(await startSession()), ownOf(await startSession())];
      await given.stores.factors.prepareAuthenticator(own, PENDING.sealedSecret, NOW + 600_000);
      const confirming = given.stores.factors.confirmAuthenticator(own, PENDING, CODES, CONTEXT);
      const { factors } = given.others;
      const replacing = Array.from({ length: 4 }, () =>
        factors.replaceRecoveryCodes(others, [randomBytes(32)], CONTEXT).catch(({ code }) => code),
      );
      expect(await confirming).toBe(true);
      for (const outcome of await Promise.all(replacing)) {
        expect([false, 'reauthentication-required']).toContain(outcome);
      }
      expect(await factors.hasRecoveryCode(ADA.id, CODES[0] as Buffer)).toBe(true);
    }
  });
}
