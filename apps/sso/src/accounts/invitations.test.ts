import { expect, test } from 'vitest';
import { sharedHasher } from '../../../../test/support/shared-hasher.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ADA, OPERATOR, testService } from '../../../../test/support/sso/test-service.ts';
import { SsoSessions } from '../sessions/sso-sessions.ts';
import { PasswordQueue } from './hashing/password-queue.ts';
import { acceptInvitation, createInvitationSecret } from './invitations.ts';

const PASSWORD = 'an entirely different sentence';

async function invited() {
  const { stores, clock } = await testService();
  const { accounts, invitations } = stores;
  const { secret, secretHash } = createInvitationSecret();
  const invitation = { accountId: ADA.id, secretHash, expiresAt: clock.now + 1000 };
  await invitations.create(invitation, OPERATOR);
  const lifetimes = { sessionIdleSeconds: 7200, sessionMaxSeconds: 43_200 };
  const hasher = await sharedHasher();
  let hashCount = 0;
  const dependencies = {
    invitations,
    sessions: new SsoSessions(stores.sessions, () => clock.now, lifetimes),
    hasher: Object.assign(Object.create(hasher), {
      hash: (password: string) => {
        hashCount += 1;
        return hasher.hash(password);
      },
    }),
    queue: new PasswordQueue(),
    clock: () => clock.now,
    contextWords: ['relay'],
  };
  const client = { address: '192.0.2.1', userAgent: 'Lynx', hasDisconnected: () => false };
  const accept = (changes: { secret?: string; password?: string; hasDisconnected?: () => boolean } = {}) => {
    const { hasDisconnected = client.hasDisconnected, ...body } = changes;
    return acceptInvitation(dependencies, { secret, password: PASSWORD, ...body }, null, {
      ...client,
      hasDisconnected,
    });
  };
  const hasNewPassword = async () =>
    (await accounts.findCredentials('ada'))?.passwordVersion === 2 &&
    (await allRows(stores.sessions.pages(ADA.id))).length === 1;
  return { accept, hasNewPassword, hashCount: () => hashCount };
}

test('a person whose connection is lost before the response can use the link again', async () => {
  const { accept, hasNewPassword } = await invited();
  await expect(accept({ hasDisconnected: () => true })).rejects.toMatchObject({ code: 'invalid-invitation' });
  expect(await hasNewPassword()).toBe(false);
  expect(await accept()).toMatchObject({ account: ADA, started: { maxAgeSeconds: 43_200 } });
  expect(await hasNewPassword()).toBe(true);
});

test('nobody can make the service hash passwords without an invitation [T-INVITE-01]', async () => {
  const { accept, hashCount } = await invited();
  const { secret } = createInvitationSecret();
  await expect(accept({ secret })).rejects.toMatchObject({ code: 'invalid-invitation' });
  await expect(accept({ password: 'relay relay relay' })).rejects.toMatchObject({ code: 'unfit-password' });
  expect(hashCount()).toBe(0);
  await accept();
  expect(hashCount()).toBe(1);
});

test('a secret has 256 random bits', () => {
  const secrets = Array.from({ length: 100 }, () => createInvitationSecret().secret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
});
