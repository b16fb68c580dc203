/** The guarantees of `SessionStore` for sign-ins with a password alone, or with a code as well. */
import { describe, expect, test } from 'vitest';
import type { SignInProof, Stores } from '../stores.ts';
import { ACCOUNT_OF_GRACE, ADA, byPassword, CONTEXT, type Given, GRACE, IDLE_SINCE } from './given.ts';
import { byStep, givenFactors, ownOf } from './given-factors.ts';

const USED = { refusal: 'code used' };
const CHANGED = { refusal: 'account changed' };

export function signInCodeContract(given: Given): void {
  const { inParallel, newSession, startSession, sidsOf, detailsOf } = given;
  const { addAndRenew, addAuthenticator, renew } = givenFactors(given);

  const start = (proof: SignInProof, { stores = given.stores as Stores, accountId = ADA.id } = {}) =>
    stores.sessions.start(newSession({ proof, accountId }), null, IDLE_SINCE, CONTEXT);
  const byCode = (hash: Buffer, passwordVersion = 1): SignInProof => ({
    kind: 'recovery code',
    hash,
    passwordVersion,
  });
  const amrOf = async (outcome: Awaited<ReturnType<typeof start>>) =>
    'sid' in outcome ? (await given.others.sessions.findBySid(outcome.sid))?.amr : undefined;

  describe('an account with an authenticator app', () => {
    test('is signed in to by no password alone, not even in its own session [T-SESSION-12]', async () => {
      const old = await addAuthenticator();
      expect(await start(byPassword())).toEqual(CHANGED);
      const again = newSession({ proof: byPassword() });
      expect(await given.stores.sessions.start(again, old.tokenHash, IDLE_SINCE, CONTEXT)).toEqual(CHANGED);
      expect(await sidsOf()).toEqual([old.sid]);
      expect(await given.stores.sessions.find(old.tokenHash)).not.toBeNull();
      expect(await detailsOf('login failed'), 'the caller records them').toEqual([]);
    });

    test('is never signed in to by a password alone once the app is confirmed', async () => {
      for (let round = 0; round < 10; round += 1) {
        const own = ownOf(await startSession());
        const { factors } = given.others;
        await factors.prepareAuthenticator(own, 'secret', Number.MAX_SAFE_INTEGER);
        const pending = { sealedSecret: 'secret', lastStep: 1 };
        const [isConfirmed] = await Promise.all([
          factors.confirmAuthenticator(own, pending, [], CONTEXT),
          ...Array.from({ length: 4 }, () => start(byPassword())),
        ]);
        expect(isConfirmed).toBe(true);
        // Those that started first have ended.
        expect(await sidsOf()).toEqual([own.sid]);
        await factors.removeAuthenticator(await renew(own, byStep(2, pending)), CONTEXT);
        await given.stores.sessions.end({ accountId: ADA.id }, 'signed out', CONTEXT);
      }
    });

    test('is signed in to by a later step than the last one, each once', async () => {
      const { lastStep } = await addAuthenticator();
      expect(await start(byStep(lastStep))).toEqual(USED);
      const outcomes = await inParallel(20, (stores) => start(byStep(lastStep + 2), { stores }));
      const started = outcomes.filter((outcome) => 'sid' in outcome);
      expect(started).toHaveLength(1);
      expect(outcomes.filter((outcome) => 'refusal' in outcome)).toEqual(Array(19).fill(USED));
      expect(await amrOf(started[0] as { sid: string; endsAt: number })).toEqual(['pwd', 'otp', 'mfa']);
      expect(await start(byStep(lastStep + 1)), 'an earlier step').toEqual(USED);
      expect(await start(byStep(lastStep + 3))).toHaveProperty('sid');
      expect((await detailsOf('login succeeded')).at(-1)).toBe('with a password and a code');
    });

    test('is not signed in to by a code of an app that another one has replaced [T-CODE-01]', async () => {
      const { own, lastStep } = await addAndRenew();
      const pending = { sealedSecret: 'another secret', lastStep: 1 };
      await given.stores.factors.prepareAuthenticator(own, pending.sealedSecret, Number.MAX_SAFE_INTEGER);
      await given.stores.factors.confirmAuthenticator(own, pending, [], CONTEXT);
      expect(await start(byStep(lastStep + 1))).toEqual(USED);
      expect(await start(byStep(2, pending))).toHaveProperty('sid');
    });

    test('is signed in to by each of its recovery codes once, and by no other’s', async () => {
      const { codeHashes } = await addAuthenticator();
      const [first, second] = codeHashes as [Buffer, Buffer];
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      await addAuthenticator(GRACE.id);
      expect(await start(byCode(first), { accountId: GRACE.id })).toEqual(USED);
      const outcomes = await inParallel(20, (stores) => start(byCode(first), { stores }));
      const started = outcomes.filter((outcome) => 'sid' in outcome);
      expect(started).toHaveLength(1);
      expect(outcomes.filter((outcome) => 'refusal' in outcome)).toEqual(Array(19).fill(USED));
      expect(await amrOf(started[0] as { sid: string; endsAt: number })).toEqual(['pwd', 'otp', 'mfa']);
      expect(await start(byCode(Buffer.alloc(32)))).toEqual(USED);
      expect(await start(byCode(second))).toHaveProperty('sid');
      expect(await detailsOf('recovery code used')).toHaveLength(2);
      expect(await given.stores.factors.of(ADA.id)).toMatchObject({ recoveryCodeCount: 0 });
    });

    test('loses no code to a sign-in that fails for another reason', async () => {
      const { lastStep, codeHashes } = await addAuthenticator();
      const [code] = codeHashes as [Buffer];
      for (const proof of [byStep(lastStep + 1, { passwordVersion: 2 }), byCode(code, 2)]) {
        expect(await start(proof)).toEqual(CHANGED);
      }
      await given.stores.accounts.disable(ADA.id, CONTEXT);
      for (const proof of [byStep(lastStep + 1), byCode(code)]) expect(await start(proof)).toEqual(CHANGED);
      await given.stores.accounts.enable(ADA.id, CONTEXT);
      for (const proof of [byStep(lastStep + 1), byCode(code)]) {
        expect(await start(proof)).toHaveProperty('sid');
      }
      expect(await detailsOf('recovery code used')).toHaveLength(1);
    });

    test('is signed in to by no code once the app was removed', async () => {
      const { own, lastStep, codeHashes } = await addAndRenew();
      await given.others.factors.removeAuthenticator(own, CONTEXT);
      expect(await start(byStep(lastStep + 1))).toEqual(CHANGED);
      expect(await start(byCode(codeHashes[0] as Buffer))).toEqual(CHANGED);
      expect(await start(byPassword())).toHaveProperty('sid');
    });
  });
}
