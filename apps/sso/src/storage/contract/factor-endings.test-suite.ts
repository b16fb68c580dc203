/** Which added factors end the account's other sessions. For removals, see `own-session.test-suite.ts`. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, ACCOUNT_OF_GRACE, CONTEXT, FOO, type Given, GRACE, IDLE_SINCE } from './given.ts';
import {
  byPasskey,
  givenFactors,
  newChallenge,
  newPasskey,
  ownOf,
  REAUTHENTICATION_REQUIRED,
} from './given-factors.ts';

export function factorEndingContract(given: Given): void {
  const { newSession, startSession, startMany, issueToken, noticesFor, detailsOf } = given;
  const { addAuthenticator, addPasskey, confirmAuthenticator, renew } = givenFactors(given);

  describe('the first second factor of an account', () => {
    test('ends its other sessions if it is an authenticator app, and their apps are told', async () => {
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

    test('ends its other sessions if it is a passkey, and their apps are told', async () => {
      const others = await startMany(2);
      const { sid } = await startSession();
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const graces = await startSession({ accountId: GRACE.id });
      await addPasskey({ sid });
      const { sessions } = given.others;
      expect(await sessions.findBySid(sid)).not.toBeNull();
      expect(await sessions.findBySid(graces.sid)).not.toBeNull();
      for (const other of others) expect(await sessions.findBySid(other)).toBeNull();
      expect((await noticesFor(FOO)).map((notice) => notice.sid)).toEqual(others);
      expect(await detailsOf('session ended')).toEqual(Array(2).fill('second factor added'));
    });

    test('is added by one of two sessions that add one at once, which ends the other', async () => {
      const [first, second] = [ownOf(await startSession()), ownOf(await startSession())];
      const outcomes = await Promise.allSettled([
        given.others.passkeys.add(first, newPasskey(), newChallenge(), CONTEXT),
        given.stores.passkeys.add(second, newPasskey(), newChallenge(), CONTEXT),
      ]);
      expect(outcomes).toContainEqual({ status: 'fulfilled', value: null });
      const reason = expect.objectContaining(REAUTHENTICATION_REQUIRED);
      expect(outcomes).toContainEqual({ status: 'rejected', reason });
    });
  });

  test('a passkey or an authenticator app that is added beside a passkey ends no session', async () => {
    const weak = ownOf(await startSession());
    const own = await renew(weak, byPasskey(await addPasskey(weak)));
    const other = await startSession();
    await addPasskey(own);
    expect(await given.stores.sessions.findBySid(other.sid)).not.toBeNull();
    await confirmAuthenticator(own);
    expect(await given.stores.sessions.findBySid(other.sid)).not.toBeNull();
  });
}
