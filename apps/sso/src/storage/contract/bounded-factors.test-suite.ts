/** The guarantees for rows of accounts with a limited life: they are purged, and not too early. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SHOWN_CHANGES_MS } from '../factor-store.ts';
import { ADA, CONTEXT, type Given, IDLE_SINCE, INVITATION_EXPIRY, NOW } from './given.ts';
import { givenFactors, ownOf } from './given-factors.ts';

const HOUR_MS = 3_600_000;

export function boundedFactorsContract(given: Given): void {
  const { newSession, startSession } = given;
  const { addPasskey } = givenFactors(given);
  const purge = async (now: number, auditSince = 0) => {
    while (await given.others.purgeExpired({ now, failuresSince: 0, auditSince }));
  };

  test('remember a spent challenge for an hour after its expiry, in case the clock is set back', async () => {
    const credentialId = await addPasskey(await startSession());
    const challenge = { hash: randomBytes(32), expiresAt: NOW + 1000 };
    const proof = { kind: 'passkey', credentialId, counter: 0, challenge } as const;
    const signIn = () => given.stores.sessions.start(newSession({ proof }), null, IDLE_SINCE, CONTEXT);
    expect(await signIn()).toHaveProperty('sid');
    await purge(NOW + 1000 + HOUR_MS - 1);
    expect(await signIn()).toEqual({ refusal: 'challenge spent' });
    await purge(NOW + 1000 + HOUR_MS);
    expect(await signIn()).toHaveProperty('sid');
  });

  test('purge old invitations, pending authenticator apps, and changes of factors [T-CODE-08]', async () => {
    const own = ownOf(await startSession());
    const secretHash = await given.invite();
    const { invitations, factors } = given.stores;
    await factors.prepareAuthenticator(own, 'a sealed secret', INVITATION_EXPIRY);
    await addPasskey(own);
    await purge(INVITATION_EXPIRY - 1, NOW + 999);
    expect(await invitations.find(secretHash, NOW)).toEqual(ADA);
    expect(await factors.findPendingAuthenticator(own.sid, NOW)).not.toBeNull();
    expect(await factors.changesSince(ADA.id, 0)).toHaveLength(1);
    await purge(INVITATION_EXPIRY);
    expect(await invitations.find(secretHash, NOW)).toBeNull();
    expect(await factors.findPendingAuthenticator(own.sid, NOW)).toBeNull();
    await purge(NOW + SHOWN_CHANGES_MS, NOW + SHOWN_CHANGES_MS);
    expect(await factors.changesSince(ADA.id, 0), 'audit records may be kept for less').toHaveLength(1);
    await purge(NOW + SHOWN_CHANGES_MS + 1);
    expect(await factors.changesSince(ADA.id, 0)).toEqual([]);
    expect(await given.stores.passkeys.of(ADA.id)).toHaveLength(1);
    expect(await given.accept(secretHash)).toBe(false);
  });
}
