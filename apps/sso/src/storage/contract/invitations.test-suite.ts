/** The guarantees of `InvitationStore`. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Stores } from '../stores.ts';
import {
  ACCOUNT,
  ACCOUNT_OF_GRACE,
  ADA,
  byPassword,
  CONTEXT,
  FOO,
  type Given,
  GRACE,
  IDLE_SINCE,
  INVITATION_EXPIRY,
  LOREM,
  NOW,
  newInvited,
} from './given.ts';
import { byPasskey, byStep, givenFactors, ownOf } from './given-factors.ts';

export function invitationContract(given: Given): void {
  const { inParallel, newSession, startSession, issueToken, invite, accept, sidsOf, noticesFor, detailsOf } =
    given;
  const { addAndRenew, addAuthenticator, addPasskey, renew } = givenFactors(given);

  const find = (secretHash: Buffer, now = NOW) => given.others.invitations.find(secretHash, now);

  describe('an invitation', () => {
    test('is found by its secret until it expires', async () => {
      const secretHash = await invite();
      expect(await find(secretHash, INVITATION_EXPIRY - 1)).toEqual(ADA);
      expect(await find(secretHash, INVITATION_EXPIRY)).toBeNull();
      expect(await find(randomBytes(32))).toBeNull();
      expect(await detailsOf('invitation created')).toHaveLength(1);
    });

    test('replaces an earlier one of the account, and of no other [T-INVITE-01]', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const [adas, graces] = [await invite(), await invite(GRACE.id)];
      const newer = await invite();
      expect(await find(adas)).toBeNull();
      expect(await accept(adas)).toBe(false);
      expect([await find(newer), await find(graces)]).toEqual([ADA, GRACE]);
    });

    test('can’t be made for an account that is disabled or doesn’t exist', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      await given.stores.accounts.disable(ADA.id, CONTEXT);
      for (const accountId of [ADA.id, 'nobody']) {
        const invitation = { accountId, secretHash: randomBytes(32), expiresAt: INVITATION_EXPIRY };
        expect(await given.stores.invitations.create(invitation, CONTEXT)).toBe(false);
        expect(await find(invitation.secretHash)).toBeNull();
      }
      expect(await detailsOf('invitation created')).toEqual([]);
    });

    test.each<[string, (accounts: Stores['accounts']) => Promise<number | null>]>([
      ['an operator set the password', (accounts) => accounts.setPassword(ADA.id, 'new', {}, CONTEXT)],
      ['the account was disabled', (accounts) => accounts.disable(ADA.id, CONTEXT)],
    ])('works no more once %s [T-INVITE-04]', async (_name, change) => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const [secretHash, graces] = [await invite(), await invite(GRACE.id)];
      const { accounts } = given.stores;
      expect(await change(accounts)).not.toBeNull();
      await accounts.enable(ADA.id, CONTEXT);
      expect(await find(secretHash)).toBeNull();
      expect(await accept(secretHash)).toBe(false);
      expect(await find(graces)).toEqual(GRACE);
    });

    test('still works after somebody with the old password has changed it [T-INVITE-02]', async () => {
      const own = { ...ownOf(await startSession()), newTokenHash: randomBytes(32) };
      const secretHash = await invite();
      const change = { passwordVersion: 1, own };
      expect(await given.stores.accounts.setPassword(ADA.id, 'new', change, CONTEXT)).not.toBeNull();
      expect(await accept(secretHash)).toBe(true);
    });

    test('still works after a change of the password that was refused', async () => {
      const secretHash = await invite();
      const { accounts } = given.stores;
      expect(await accounts.setPassword(ADA.id, 'new', { passwordVersion: 7 }, CONTEXT)).toBeNull();
      expect(await accept(secretHash)).toBe(true);
    });

    test('leaves everything as it is until it is accepted', async () => {
      const { tokenHash, lastStep } = await addAuthenticator();
      await invite();
      expect(await given.stores.sessions.find(tokenHash)).not.toBeNull();
      const session = newSession({ proof: byStep(lastStep + 1) });
      expect(await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT)).toHaveProperty('sid');
    });
  });

  describe('accepting an invitation', () => {
    test('sets the password, removes all other factors, and ends all sessions [T-INVITE-02]', async () => {
      const { own: byCode } = await addAndRenew();
      const own = await renew(byCode, byPasskey(await addPasskey(byCode, { name: 'A phone' })));
      await addPasskey(own, { name: 'A key' });
      await given.stores.factors.prepareAuthenticator(own, 'another secret', INVITATION_EXPIRY);
      await issueToken(own.sid);
      const secretHash = await invite();
      const session = newInvited();
      expect(await accept(secretHash, { session, now: NOW + 5 })).toBe(true);
      expect(await given.others.accounts.findCredentials('ada')).toMatchObject({
        passwordHash: 'chosen',
        passwordVersion: 2,
        isImported: false,
      });
      const { factors, passkeys, sessions } = given.others;
      const none = { passkeyCount: 0, hasAuthenticator: false, recoveryCodeCount: 0 };
      expect(await factors.of(ADA.id)).toEqual(none);
      expect(await factors.findPendingAuthenticator(own.sid, NOW)).toBeNull();
      expect(await passkeys.of(ADA.id)).toEqual([]);
      const changes = await factors.changesSince(ADA.id, NOW + 5);
      expect(changes.map(({ kind, detail }) => [kind, detail]).sort()).toEqual([
        ['authenticator removed', null],
        ['passkey removed', 'A key'],
        ['passkey removed', 'A phone'],
      ]);
      expect(await sidsOf(ADA.id)).toEqual([session.sid]);
      expect(await sessions.find(session.tokenHash)).toEqual({
        sid: session.sid,
        account: ADA,
        lastSeenAt: NOW + 5,
        endsAt: session.endsAt,
        authenticatedAt: NOW + 5,
        amr: ['pwd'],
      });
      expect(await noticesFor(FOO, NOW + 5)).toMatchObject([{ sid: own.sid }]);
      expect(await detailsOf('session ended')).toEqual(['invitation accepted']);
      expect(await detailsOf('invitation accepted')).toHaveLength(1);
      expect((await detailsOf('passkey removed')).sort()).toEqual(['A key', 'A phone']);
    });

    test('works once, for one of any number of callers [T-INVITE-03]', async () => {
      const secretHash = await invite();
      const accepted = await inParallel(12, (stores) => accept(secretHash, { stores }));
      expect(accepted.filter(Boolean)).toHaveLength(1);
      expect(await find(secretHash)).toBeNull();
      expect(await sidsOf(ADA.id)).toHaveLength(1);
      expect(await given.stores.accounts.findCredentials('ada')).toMatchObject({ passwordVersion: 2 });
      expect(await detailsOf('session started')).toHaveLength(1);
    });

    test('ends the session of another account whose cookie came with it, and no other', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const presented = await startSession({ accountId: GRACE.id });
      const bystander = await startSession({ accountId: GRACE.id });
      await issueToken(presented.sid, LOREM);
      expect(await accept(await invite(), { presented: presented.tokenHash })).toBe(true);
      expect(await sidsOf(GRACE.id)).toEqual([bystander.sid]);
      expect(await noticesFor(LOREM)).toMatchObject([{ sid: presented.sid }]);
      expect(await detailsOf('session ended')).toEqual(['replaced by a new login']);
    });

    test('ends the session of another account whose replaced cookie came with it', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const own = ownOf({ ...(await startSession({ accountId: GRACE.id })), accountId: GRACE.id });
      await renew(own, byPassword());
      expect(await accept(await invite(), { presented: own.tokenHash })).toBe(true);
      expect(await sidsOf(GRACE.id)).toEqual([]);
    });

    test.each<[string, number, () => Promise<unknown>]>([
      ['has expired', INVITATION_EXPIRY, async () => {}],
      ['is of a disabled account', NOW, () => given.stores.accounts.disable(ADA.id, CONTEXT)],
    ])('changes nothing if it %s', async (_name, now, change) => {
      const secretHash = await invite();
      await change();
      const old = await given.stores.accounts.findCredentials('ada');
      const sids = await sidsOf(ADA.id);
      expect(await accept(secretHash, { now })).toBe(false);
      expect(await given.stores.accounts.findCredentials('ada')).toEqual(old);
      expect(await sidsOf(ADA.id)).toEqual(sids);
      expect(await detailsOf('invitation accepted')).toEqual([]);
    });

    test('changes nothing if the session can’t start', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const { sid } = await startSession({ accountId: GRACE.id });
      const secretHash = await invite();
      await expect(accept(secretHash, { session: { ...newInvited(), sid } })).rejects.toThrow();
      expect(await given.stores.accounts.findCredentials('ada')).toMatchObject({ passwordHash: 'hash' });
      expect(await find(secretHash)).toEqual(ADA);
    });
  });
}
