/** The guarantees of `InvitationStore` while several processes use it. */
import { describe, expect, test } from 'vitest';
import { ADA, byPassword, CONTEXT, type Given, IDLE_SINCE, newInvited } from './given.ts';
import { ownOf, REAUTHENTICATION_REQUIRED } from './given-factors.ts';

const ROUNDS = 10;

export function invitationRaceContract(given: Given): void {
  const { inParallel, newSession, startSession, invite, accept, sidsOf } = given;

  describe('while other processes do something else, accepting an invitation', () => {
    test('leaves no session of an account that is disabled [T-INVITE-02]', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const secretHash = await invite();
        await Promise.all([accept(secretHash), given.others.accounts.disable(ADA.id, CONTEXT)]);
        expect(await sidsOf(ADA.id)).toEqual([]);
        await given.stores.accounts.enable(ADA.id, CONTEXT);
      }
    });

    test('ends every session that the old password has started [T-INVITE-02]', async () => {
      for (let version = 1; version <= ROUNDS; version += 1) {
        const secretHash = await invite();
        const session = newInvited();
        const starts = inParallel(6, (each) =>
          each.sessions.start(newSession({ proof: byPassword(version) }), null, IDLE_SINCE, CONTEXT),
        );
        expect(await accept(secretHash, { session, stores: given.others })).toBe(true);
        await starts;
        expect(await sidsOf(ADA.id)).toEqual([session.sid]);
      }
    });

    test('leaves no factor that is added meanwhile [T-INVITE-02]', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const secretHash = await invite();
        const { passwordVersion = 1 } = (await given.stores.accounts.findCredentials('ada')) ?? {};
        const own = ownOf(await startSession({ proof: byPassword(passwordVersion) }));
        await given.stores.factors.prepareAuthenticator(own, 'secret', Number.MAX_SAFE_INTEGER);
        const pending = { sealedSecret: 'secret', lastStep: 1 };
        const [isAccepted] = await Promise.all([
          accept(secretHash),
          given.others.factors
            .confirmAuthenticator(own, pending, [], CONTEXT)
            .catch((error) => expect(error).toMatchObject(REAUTHENTICATION_REQUIRED)),
        ]);
        expect(isAccepted).toBe(true);
        expect(await given.stores.factors.findAuthenticator(ADA.id)).toBeNull();
      }
    });
  });
}
