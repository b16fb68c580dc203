/** The guarantees of `PasskeyStore`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MAX_PASSKEYS_PER_ACCOUNT, type Passkey } from '../passkey-store.ts';
import { ACCOUNT_OF_GRACE, ADA, at, CONTEXT, type Given, GRACE, IDLE_SINCE, NOW } from './given.ts';
import {
  byPasskey,
  givenFactors,
  newChallenge,
  newPasskey,
  ownOf,
  REAUTHENTICATION_REQUIRED,
} from './given-factors.ts';

const HANDLE = Buffer.alloc(64, 7);

export function passkeyContract(given: Given): void {
  const { newSession, startSession, inParallel, detailsOf } = given;

  /** A session of ada, and a function that adds a passkey in it. */
  async function givenSession() {
    const own = ownOf(await startSession());
    await given.stores.passkeys.findOrCreateUserHandle(ADA.id, HANDLE);
    const add = (passkey = newPasskey(), challenge = newChallenge(), stores = given.stores) =>
      stores.passkeys.add(own, passkey, challenge, CONTEXT);
    /** Signs in again with this passkey, since a session without one may no longer change anything. */
    const renew = async ({ id, counter }: Pick<Passkey, 'id' | 'counter'>) => {
      Object.assign(own, await givenFactors(given).renew(own, byPasskey(id, counter)));
    };
    return { own, add, renew };
  }

  /** The same after a sign-in with the account's first passkey. */
  async function givenStrongSession() {
    const session = await givenSession();
    const first = newPasskey({ name: 'The first' });
    await session.add(first);
    await session.renew(first);
    return session;
  }

  describe('passkeys', () => {
    test('are found with their account, at every connection', async () => {
      const { add } = await givenSession();
      const passkey = newPasskey();
      expect(await add(passkey)).toBe(null);
      expect(await given.others.passkeys.find(passkey.id)).toEqual({
        ...passkey,
        lastUsedAt: null,
        account: ADA,
        userHandle: HANDLE,
        isDisabled: false,
      });
      await given.stores.accounts.disable(ADA.id, CONTEXT);
      expect(await given.others.passkeys.find(passkey.id)).toMatchObject({ isDisabled: true });
      await given.stores.accounts.remove(ADA.id, CONTEXT);
      expect(await given.others.passkeys.find(passkey.id)).toBe(null);
    });

    test('are listed by account, the oldest first, and counted by RP ID', async () => {
      const { add, renew } = await givenSession();
      expect(await given.stores.passkeys.rpIds(10)).toEqual([]);
      const [second, first] = [newPasskey({ createdAt: NOW + 1 }), newPasskey({ transports: [] })];
      await add(second);
      await renew(second);
      await add(first);
      await add(newPasskey({ rpId: 'example.com', createdAt: NOW + 2 }));
      const listed = await given.others.passkeys.of(ADA.id);
      expect(listed.slice(0, 2)).toEqual([
        { ...first, lastUsedAt: null },
        { ...second, lastUsedAt: NOW },
      ]);
      expect(await given.others.passkeys.of(GRACE.id)).toEqual([]);
      const counts = [
        { rpId: 'example.com', count: 1 },
        { rpId: 'example.localhost', count: 2 },
      ];
      expect(await given.others.passkeys.rpIds(10)).toEqual(counts);
      expect(await given.others.passkeys.rpIds(1)).toEqual(counts.slice(0, 1));
    });

    test('of one account share a user handle, of many proposals the first', async () => {
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      expect(await given.stores.passkeys.findUserHandle(GRACE.id)).toBe(null);
      const handles = await inParallel(10, (stores) =>
        stores.passkeys.findOrCreateUserHandle(GRACE.id, randomBytes(64)),
      );
      expect(new Set(handles.map((handle) => handle.toString('hex'))).size).toBe(1);
      expect(await given.stores.passkeys.findOrCreateUserHandle(GRACE.id, HANDLE)).toEqual(handles[0]);
      expect(await given.others.passkeys.findUserHandle(GRACE.id)).toEqual(handles[0]);
      expect(await given.others.passkeys.findUserHandle('nobody')).toBe(null);
    });

    test('are added with a record and a change that their person sees', async () => {
      const { add, own, renew } = await givenSession();
      const passkey = newPasskey();
      await add(passkey);
      await renew(passkey);
      expect(await given.stores.passkeys.remove(own, passkey.id, at(NOW + 1))).toBe(true);
      expect(await detailsOf('passkey added')).toEqual(['My phone']);
      expect(await detailsOf('passkey removed')).toEqual(['My phone']);
      expect(await given.stores.factors.changesSince(own.accountId, 0)).toEqual([
        { kind: 'passkey removed', detail: 'My phone', at: NOW + 1 },
        { kind: 'passkey added', detail: 'My phone', at: NOW },
      ]);
    });

    test('with one challenge are added once, at all connections', async () => {
      const { add } = await givenStrongSession();
      const challenge = newChallenge();
      const refusals = await inParallel(10, (stores) => add(newPasskey(), challenge, stores));
      expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
      expect(refusals.filter((refusal) => refusal === 'challenge spent')).toHaveLength(9);
      expect(await given.stores.passkeys.of(ADA.id)).toHaveLength(2);
    });

    test('of one id are added once, at all connections, even to two accounts', async () => {
      const { add } = await givenStrongSession();
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const graces = newSession({ accountId: GRACE.id });
      await given.stores.sessions.start(graces, null, IDLE_SINCE, CONTEXT);
      const passkey = newPasskey();
      const refusals = await inParallel(10, (stores, index) =>
        index === 5
          ? stores.passkeys.add(ownOf(graces), passkey, newChallenge(), CONTEXT)
          : add(passkey, newChallenge(), stores),
      );
      expect(refusals.filter((refusal) => refusal === null)).toHaveLength(1);
      expect(refusals.filter((refusal) => refusal === 'already exists')).toHaveLength(9);
      expect(await detailsOf('passkey added')).toEqual(['The first', 'My phone']);
    });

    test('are added up to the maximum, also in parallel', async () => {
      const { add } = await givenStrongSession();
      for (let count = 1; count < MAX_PASSKEYS_PER_ACCOUNT - 5; count += 1) await add();
      const refusals = await inParallel(10, (stores) => add(newPasskey(), newChallenge(), stores));
      expect(refusals.filter((refusal) => refusal === 'too many')).toHaveLength(5);
      expect(await given.stores.passkeys.of(ADA.id)).toHaveLength(MAX_PASSKEYS_PER_ACCOUNT);
    });

    test('that are refused change nothing: their challenges can still be used', async () => {
      const { add, renew } = await givenSession();
      const [passkey, challenge] = [newPasskey(), newChallenge()];
      await add(passkey);
      await renew(passkey);
      expect(await add(passkey, challenge)).toBe('already exists');
      expect(await add(newPasskey(), challenge)).toBe(null);
    });

    test('are added in an active session of the account only', async () => {
      const { own, add } = await givenSession();
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const { passkeys, sessions } = given.stores;
      for (const other of [
        { ...own, accountId: GRACE.id },
        { ...own, accountId: 'nobody' },
        { ...own, sid: randomUUID() },
      ]) {
        const refused = passkeys.add(other, newPasskey(), newChallenge(), CONTEXT);
        await expect(refused).rejects.toMatchObject(REAUTHENTICATION_REQUIRED);
      }
      await sessions.end({ sids: [own.sid] }, 'signed out', CONTEXT);
      await expect(add()).rejects.toMatchObject(REAUTHENTICATION_REQUIRED);
      expect(await passkeys.rpIds(10)).toEqual([]);
    });

    test('are removed by their own account only, once', async () => {
      const { add, own, renew } = await givenSession();
      const passkey = newPasskey();
      await add(passkey);
      await renew(passkey);
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const graces = ownOf(await startSession({ accountId: GRACE.id }));
      const { passkeys } = given.stores;
      for (const [session, id] of [
        [graces, passkey.id],
        [own, 'another'],
        [own, '\0'],
        [own, passkey.id.toLowerCase()],
      ] as const) {
        expect(await passkeys.remove(session, id, CONTEXT)).toBe(false);
      }
      const removed = await inParallel(6, (stores) => stores.passkeys.remove(own, passkey.id, CONTEXT));
      expect(removed.filter(Boolean)).toHaveLength(1);
      expect(await given.others.sessions.findBySid(graces.sid)).not.toBe(null);
      expect(await passkeys.find(passkey.id)).toBe(null);
      expect(await passkeys.find('\0')).toBe(null);
    });
  });
}
