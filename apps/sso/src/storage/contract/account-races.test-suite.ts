/** The guarantees of `AccountStore`, and of the start of a session, while several processes use them. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
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
} from './given.ts';
import { ownOf, REAUTHENTICATION_REQUIRED } from './given-factors.ts';

const ROUNDS = 10;

export function accountRaceContract(given: Given): void {
  const { inParallel, newSession, startSession, issueToken, sidsOf, noticesFor, detailsOf } = given;

  describe('while sessions start at other processes', () => {
    const startMany = (passwordVersion = 1) =>
      inParallel(6, (each) =>
        each.sessions.start(newSession({ proof: byPassword(passwordVersion) }), null, IDLE_SINCE, CONTEXT),
      );

    test('an account is disabled with every session that has started', async () => {
      const { accounts } = given.others;
      await accounts.add([ACCOUNT], CONTEXT);
      let started = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const [starts] = await Promise.all([startMany(), accounts.disable(ADA.id, CONTEXT)]);
        started += starts.filter((start) => 'sid' in start).length;
        expect(await sidsOf(ADA.id)).toEqual([]);
        await accounts.enable(ADA.id, CONTEXT);
      }
      expect(await detailsOf('session ended')).toEqual(Array(started).fill('account disabled'));
    });

    test('a password is set, and ends every session that the old one has started', async () => {
      const { accounts } = given.others;
      await accounts.add([ACCOUNT], CONTEXT);
      let started = 0;
      for (let version = 1; version <= ROUNDS; version += 1) {
        const setting = accounts.setPassword(ADA.id, 'new', { passwordVersion: version }, CONTEXT);
        const [starts] = await Promise.all([startMany(version), setting]);
        started += starts.filter((start) => 'sid' in start).length;
        expect(await sidsOf(ADA.id)).toEqual([]);
      }
      expect(await detailsOf('session ended')).toEqual(Array(started).fill('password changed'));
    });

    test('an account is removed with every session that has started', async () => {
      let started = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        await given.stores.accounts.add([ACCOUNT], CONTEXT);
        const [starts, ...ended] = await Promise.all([
          startMany(),
          given.others.accounts.remove(ADA.id, CONTEXT),
          given.stores.accounts.remove(ADA.id, CONTEXT),
        ]);
        expect(ended.filter((count) => count === null)).toHaveLength(1);
        started += starts.filter((start) => 'sid' in start).length;
        expect(await sidsOf(ADA.id)).toEqual([]);
      }
      expect(await detailsOf('session ended')).toEqual(Array(started).fill('account removed'));
    });

    test('one of another account is replaced, even if that account does the same', async () => {
      await given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
      let [adas, graces] = [newSession(), newSession({ accountId: GRACE.id })];
      for (const session of [adas, graces])
        await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT);
      for (let round = 0; round < ROUNDS; round += 1) {
        const [newAdas, newGraces] = [newSession(), newSession({ accountId: GRACE.id })];
        const results = await Promise.all([
          given.stores.sessions.start(newAdas, graces.tokenHash, IDLE_SINCE, CONTEXT),
          given.others.sessions.start(newGraces, adas.tokenHash, IDLE_SINCE, CONTEXT),
        ]);
        expect(results).toMatchObject([{ sid: newAdas.sid }, { sid: newGraces.sid }]);
        [adas, graces] = [newAdas, newGraces];
        expect(await sidsOf(ADA.id)).toEqual([adas.sid]);
        expect(await sidsOf(GRACE.id)).toEqual([graces.sid]);
      }
      expect(await detailsOf('session ended')).toEqual(Array(2 * ROUNDS).fill('replaced by a new login'));
    });
  });

  describe('while other processes do the same', () => {
    test('a list of accounts is added by one of them, even in another order', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `person${index}`);
      const added = await inParallel(10, (each, index) => {
        const ordered = index % 2 === 0 ? names : names.toReversed();
        return each.accounts.add(
          ordered.map((name) => ({ ...ACCOUNT, id: `${name} ${index}`, username: name, usernameKey: name })),
          CONTEXT,
        );
      });
      expect(added.filter((taken) => taken.length === 0)).toHaveLength(1);
      expect(added.filter((taken) => taken.length === names.length)).toHaveLength(9);
      expect(await detailsOf('account added')).toHaveLength(names.length);
    });

    test('a username goes to one account, whether by adding or by renaming', async () => {
      const accounts = Array.from({ length: 4 }, (_, index) => {
        const name = `person${index}`;
        return { ...ACCOUNT, id: name, username: name, usernameKey: name };
      });
      await given.stores.accounts.add(accounts, CONTEXT);
      let addedCount = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const wanted = { username: `wanted${round}`, usernameKey: `wanted${round}` };
        const adding = given.others.accounts.add([{ ...ACCOUNT, ...wanted, id: wanted.username }], CONTEXT);
        const renamed = await inParallel(accounts.length, (each, index) =>
          each.accounts.rename({ ...(accounts[index] ?? ACCOUNT), ...wanted }, CONTEXT),
        );
        const isAdded = (await adding).length === 0;
        if (isAdded) addedCount += 1;
        expect(renamed.filter((outcome) => outcome === null)).toHaveLength(isAdded ? 0 : 1);
        expect(renamed.filter((outcome) => outcome === 'taken')).toHaveLength(isAdded ? 4 : 3);
      }
      expect(await detailsOf('account added')).toHaveLength(accounts.length + addedCount);
      expect(await detailsOf('account renamed')).toHaveLength(ROUNDS - addedCount);
    });

    test('a session that changes a password goes on under its new token, or nothing changes', async () => {
      let passwordVersion = 1;
      for (let round = 0; round < ROUNDS; round += 1) {
        const session = await startSession({ proof: byPassword(passwordVersion) });
        const { sid, tokenHash } = session;
        await issueToken(sid);
        const own = { ...ownOf(session), newTokenHash: randomBytes(32) };
        const [ended] = await Promise.all([
          given.stores.accounts.setPassword(ADA.id, `hash ${round}`, { own }, CONTEXT).catch((error) => {
            expect(error).toMatchObject(REAUTHENTICATION_REQUIRED);
            return null;
          }),
          given.others.sessions.end({ sids: [sid] }, 'signed out', CONTEXT),
        ]);
        if (ended !== null) passwordVersion += 1;
        const credentials = await given.stores.accounts.findCredentials('ada');
        expect(credentials?.passwordHash === `hash ${round}`).toBe(ended !== null);
        expect(credentials).toMatchObject({ passwordVersion });
        for (const hash of [tokenHash, own.newTokenHash]) {
          expect(await given.stores.sessions.find(hash)).toBeNull();
        }
        expect((await noticesFor(FOO)).filter((notice) => notice.sid === sid)).toHaveLength(1);
      }
    });
  });
}
