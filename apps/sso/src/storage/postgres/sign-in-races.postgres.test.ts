/** What sign-ins and tokens do when they have waited for another instance. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ACCOUNT_OF_GRACE,
  ADA,
  CONTEXT,
  GRACE,
  givenStores,
  IDLE_SINCE,
  NOW,
  newToken,
} from '../contract/given.ts';
import { byPasskey, byStep, givenFactors } from '../contract/given-factors.ts';
import type { SignInProof } from '../stores.ts';
import { otherInstance } from './other-instance.fixture.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);
const { newSession, startSession, detailsOf } = given;
const { addAuthenticator, addPasskey } = givenFactors(given);

const LOCK = 'SELECT FROM account WHERE id = $1 FOR NO KEY UPDATE';
const signIn = (proof: SignInProof, accountId = ADA.id) =>
  given.stores.sessions.start(newSession({ proof, accountId }), null, IDLE_SINCE, CONTEXT);

describe('a sign-in that has waited for another instance', () => {
  test.each<[string, 'COMMIT' | 'ROLLBACK', object]>([
    ['finds a code used', 'COMMIT', { refusal: 'code used' }],
    ['uses a code that is free again', 'ROLLBACK', { sid: expect.any(String), endsAt: NOW + 10_000 }],
  ])('%s', async (_name, end, outcome) => {
    const { lastStep, codeHashes } = await addAuthenticator();
    const step = lastStep + 1;
    const [hash] = codeHashes as [Buffer];
    const byRecoveryCode = { kind: 'recovery code', hash, passwordVersion: 1 } as const;
    for (const [proof, use, value] of [
      [byStep(step), 'UPDATE authenticator SET last_step = $1', step],
      [byRecoveryCode, 'DELETE FROM recovery_code WHERE hash = $1', hash],
    ] as const) {
      const other = await otherInstance(backend.url());
      await other.run(LOCK, [ADA.id]);
      await other.run(use, [value]);
      expect(await other.endDuring(end, () => signIn(proof))).toEqual(outcome);
    }
  });

  test('finds a challenge spent that another account has used', async () => {
    await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
    const credentialId = await addPasskey(await startSession());
    const proof = byPasskey(credentialId);
    const other = await otherInstance(backend.url());
    await other.run(LOCK, [GRACE.id]);
    await other.run('INSERT INTO spent_challenge VALUES ($1, 0)', [proof.challenge.hash]);
    expect(await other.endDuring('COMMIT', () => signIn(proof))).toEqual({ refusal: 'challenge spent' });
    expect(await given.stores.passkeys.of(ADA.id)).toMatchObject([{ lastUsedAt: null }]);
  });

  test.each([
    ['renews its session unless that ended', 'ROLLBACK', true],
    ['starts a new session if its own has ended', 'COMMIT', false],
  ] as const)('%s', async (_name, end, isRenewed) => {
    const old = await startSession();
    const again = newSession();
    const other = await otherInstance(backend.url());
    await other.run('DELETE FROM sso_session WHERE sid = $1', [old.sid]);
    const renew = () => given.stores.sessions.start(again, old.tokenHash, IDLE_SINCE, CONTEXT);
    const { sid } = isRenewed ? old : again;
    expect(await other.endDuring(end, renew)).toMatchObject({ sid });
    expect(await given.stores.sessions.find(again.tokenHash)).toMatchObject({ sid });
  });
});

describe('a token that has waited for another instance to remove the account from the group', () => {
  const required = { groups: ['admins', 'staff'], secondFactor: false };

  test.each([
    ['is refused', 'COMMIT', 'not permitted'],
    ['is issued if that is rolled back', 'ROLLBACK', null],
  ] as const)('%s [T-SESSION-13]', async (_name, end, refusal) => {
    const { sid } = await startSession();
    await given.stores.groups.add('staff', [ADA.id], CONTEXT);
    const other = await otherInstance(backend.url());
    await other.run('DELETE FROM account_group');
    const issue = () => given.stores.tokens.issue(newToken(sid), required, CONTEXT);
    expect(await other.endDuring(end, issue)).toBe(refusal);
    expect(await detailsOf('token issued')).toHaveLength(refusal === null ? 1 : 0);
  });

  test('is issued if the account is in another of the groups', async () => {
    const { sid } = await startSession();
    for (const name of required.groups) await given.stores.groups.add(name, [ADA.id], CONTEXT);
    const other = await otherInstance(backend.url());
    await other.run("DELETE FROM account_group WHERE name = 'admins'");
    const issue = () => given.stores.tokens.issue(newToken(sid), required, CONTEXT);
    expect(await other.endDuring('COMMIT', issue)).toBeNull();
  });
});

describe('an invitation that another instance', () => {
  test.each([
    ['is accepting can’t be accepted', 'COMMIT', false],
    ['fails to accept can be accepted', 'ROLLBACK', true],
  ] as const)('%s', async (_name, end, isAccepted) => {
    const secretHash = await given.invite();
    const other = await otherInstance(backend.url());
    await other.run(LOCK, [ADA.id]);
    await other.run('DELETE FROM invitation');
    expect(await other.endDuring(end, () => given.accept(secretHash))).toBe(isAccepted);
    const { passwordHash } = (await given.stores.accounts.findCredentials('ada')) ?? {};
    expect(passwordHash).toBe(isAccepted ? 'chosen' : 'hash');
  });
});

test('an invitation isn’t made for an account that another instance is disabling', async () => {
  await startSession();
  const other = await otherInstance(backend.url());
  await other.run('UPDATE account SET disabled_at = 1 WHERE id = $1', [ADA.id]);
  const invitation = { accountId: ADA.id, secretHash: randomBytes(32), expiresAt: NOW + 1000 };
  const invite = () => given.stores.invitations.create(invitation, CONTEXT);
  expect(await other.endDuring('COMMIT', invite)).toBe(false);
  await given.stores.accounts.enable(ADA.id, CONTEXT);
  expect(await given.stores.invitations.find(invitation.secretHash, NOW)).toBeNull();
});
