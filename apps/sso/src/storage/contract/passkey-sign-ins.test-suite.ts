/** The guarantees of `SessionStore` for sign-ins with a passkey. */
import { describe, expect, test } from 'vitest';
import type { SignInProof } from '../stores.ts';
import { ACCOUNT_OF_GRACE, ADA, at, CONTEXT, type Given, GRACE, IDLE_SINCE, NOW } from './given.ts';
import { byPasskey, givenFactors, ownOf } from './given-factors.ts';

export function passkeySignInContract(given: Given): void {
  const { newSession, startSession, inParallel, detailsOf } = given;
  const { addPasskey, renew } = givenFactors(given);

  const signIn = (proof: SignInProof, stores = given.stores, context = CONTEXT) =>
    stores.sessions.start(newSession({ proof }), null, IDLE_SINCE, context);
  const addFirst = async (counter = 0) => await addPasskey(await startSession(), { counter });

  describe('a sign-in with a passkey', () => {
    test('records its use and its counter', async () => {
      const id = await addFirst();
      expect(await signIn(byPasskey(id, 5), given.stores, at(NOW + 1))).toHaveProperty('sid');
      const stored = await given.others.passkeys.of(ADA.id);
      expect(stored).toMatchObject([{ id, counter: 5, lastUsedAt: NOW + 1 }]);
      expect((await detailsOf('login succeeded')).at(-1)).toBe('with a passkey: My phone');
    });

    test('finds a replay before it compares the counter, and records neither', async () => {
      const id = await addFirst(3);
      const proof = byPasskey(id, 4);
      expect(await signIn(proof)).toHaveProperty('sid');
      for (const stores of [given.stores, given.others]) {
        expect(await signIn(proof, stores)).toEqual({ refusal: 'challenge spent' });
        expect(await signIn(byPasskey(id, 4), stores)).toEqual({ refusal: 'counter not higher' });
      }
      expect(await detailsOf('login failed')).toEqual([]);
    });

    test('uses a challenge once, at all connections', async () => {
      const proof = byPasskey(await addFirst());
      const started = await inParallel(10, (stores) => signIn(proof, stores));
      expect(started.filter((outcome) => 'sid' in outcome)).toHaveLength(1);
      expect(started.filter((outcome) => !('sid' in outcome))).toEqual(
        Array(9).fill({ refusal: 'challenge spent' }),
      );
    });

    test('is refused with a counter that doesn’t rise, unless it always is 0', async () => {
      const own = ownOf(await startSession());
      const synced = await addPasskey(own);
      const counting = await addPasskey(await renew(own, byPasskey(synced)), { name: 'A key', counter: 3 });
      for (const counter of [0, 2, 3]) {
        expect(await signIn(byPasskey(counting, counter))).toEqual({ refusal: 'counter not higher' });
      }
      expect(await signIn(byPasskey(counting, 4))).toHaveProperty('sid');
      for (let time = 0; time < 2; time += 1) expect(await signIn(byPasskey(synced))).toHaveProperty('sid');
    });

    test('with one counter succeeds once, at all connections', async () => {
      const id = await addFirst(3);
      const started = await inParallel(6, (stores) => signIn(byPasskey(id, 4), stores));
      expect(started.filter((outcome) => 'sid' in outcome)).toHaveLength(1);
    });

    test('is refused once the passkey was removed, or was another account’s', async () => {
      const weak = ownOf(await startSession());
      const id = await addPasskey(weak);
      const own = await renew(weak, byPasskey(id));
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const session = newSession({ proof: byPasskey(id), accountId: GRACE.id });
      const { sessions, passkeys } = given.stores;
      const refused = { refusal: 'account changed' };
      expect(await sessions.start(session, null, IDLE_SINCE, CONTEXT)).toEqual(refused);
      await passkeys.remove(own, id, CONTEXT);
      expect(await signIn(byPasskey(id))).toEqual(refused);
    });
  });
}
