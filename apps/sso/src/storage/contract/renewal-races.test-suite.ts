/** The guarantees of `SessionStore` for a person who signs in again, while several processes use it. */
import { describe, expect, test } from 'vitest';
import { ACCOUNT, ADA, CONTEXT, FOO, type Given, LOREM } from './given.ts';

const ROUNDS = 10;

export function renewalRaceContract(given: Given): void {
  const { inParallel, newSession, startSession, signInAgain, issueToken, sidsOf, noticesFor } = given;

  describe('while other processes do something else, a renewal', () => {
    test('of the same cookie leaves one session, which either new cookie ends [T-SESSION-14]', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        const sessions = [newSession(), newSession()] as const;
        const started = await inParallel(2, (each, index) =>
          signInAgain(old, sessions[index] ?? sessions[0], { stores: each }),
        );
        expect(started).toEqual(Array(2).fill({ sid: old.sid, endsAt: old.endsAt }));
        expect(await sidsOf(ADA.id)).toEqual([old.sid]);
        const found = await Promise.all(
          sessions.map(({ tokenHash }) => given.stores.sessions.find(tokenHash)),
        );
        expect(found.filter((session) => session !== null)).toHaveLength(1);
        const { tokenHash } = sessions[round % 2] ?? sessions[0];
        expect(await given.others.sessions.end({ tokenHash }, 'signed out', CONTEXT)).toBe(1);
      }
    });

    test('of a session that ends precedes the end, or starts a new session [T-SESSION-11]', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        await issueToken(old.sid, LOREM);
        const again = newSession();
        const [outcome, ended] = await Promise.all([
          signInAgain(old, again),
          given.others.sessions.end({ sids: [old.sid] }, 'signed out', CONTEXT),
        ]);
        expect(ended).toBe(1);
        const isRenewed = 'sid' in outcome && outcome.sid === old.sid;
        const session = await given.stores.sessions.find(again.tokenHash);
        if (isRenewed) expect(session).toBeNull();
        else expect(session).toMatchObject({ sid: again.sid });
        const notices = (await noticesFor(LOREM)).filter(({ sid }) => sid === old.sid);
        expect(notices).toHaveLength(1);
      }
    });

    test('of an account that is disabled leaves no session [T-SESSION-11]', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        await Promise.all([signInAgain(old, newSession()), given.others.accounts.disable(ADA.id, CONTEXT)]);
        expect(await sidsOf(ADA.id)).toEqual([]);
        await given.stores.accounts.enable(ADA.id, CONTEXT);
      }
    });

    test('of a session whose token is being issued keeps the app in its list', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const old = await startSession();
        const again = newSession();
        const [{ isIssued }] = await Promise.all([
          issueToken(old.sid),
          signInAgain(old, again, { stores: given.others }),
        ]);
        expect(isIssued).toBe(true);
        await given.stores.sessions.end({ tokenHash: again.tokenHash }, 'signed out', CONTEXT);
        expect((await noticesFor(FOO)).filter(({ sid }) => sid === old.sid)).toHaveLength(1);
      }
    });
  });
}
