/** The guarantees of `TokenStore` for apps that require a group or a second factor. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ACCOUNT_OF_GRACE,
  ADA,
  assertionBy,
  CONTEXT,
  FOO,
  type Given,
  IDLE_SINCE,
  NO_REQUIREMENT,
  newToken,
  SECOND_FACTOR_REQUIRED,
} from './given.ts';
import { byStep, givenFactors } from './given-factors.ts';

const STAFF = { groups: ['admins', 'staff'], secondFactor: false };
const STRONG_STAFF = { ...STAFF, secondFactor: true };
const ROUNDS = 10;

export function tokenRequirementContract(given: Given): void {
  const { newSession, startSession, noticesFor, detailsOf } = given;
  const { addAuthenticator } = givenFactors(given);

  const issue = (sid: string, required = NO_REQUIREMENT, hash = randomBytes(32)) =>
    given.stores.tokens.issue({ ...newToken(sid), hash }, required, CONTEXT);
  const redeem = (hash: Buffer, required = NO_REQUIREMENT) =>
    given.others.tokens.redeem(hash, assertionBy(FOO), required, IDLE_SINCE, CONTEXT);
  const join = (...names: string[]) =>
    Promise.all(names.map((name) => given.stores.groups.add(name, [ADA.id], CONTEXT)));
  const leave = (name: string) => given.others.groups.remove(name, [ADA.id], CONTEXT);

  async function startStrongSession() {
    const { lastStep } = await addAuthenticator();
    const session = newSession({ proof: byStep(lastStep + 1) });
    await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT);
    return session;
  }

  describe('an app that requires a group', () => {
    test('gets a token of a member of one of them, and of nobody else [T-SESSION-13]', async () => {
      const { sid } = await startSession();
      await join('friends');
      expect(await issue(sid, STAFF)).toBe('not permitted');
      await join('staff');
      expect(await issue(sid, STAFF)).toBeNull();
      expect(await issue(sid, { ...STAFF, groups: ['stuff', 'STAFF'] })).toBe('not permitted');
      expect(await issue('no session', STAFF)).toBe('session ended');
      expect(await detailsOf('token issued')).toHaveLength(1);
    });

    test('isn’t in the list of a session that got no token for it', async () => {
      const { sid } = await startSession();
      const hash = randomBytes(32);
      await issue(sid, STAFF, hash);
      expect(await redeem(hash)).toEqual({ inactiveReason: 'unknown token or ended session' });
      await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      expect(await noticesFor(FOO)).toEqual([]);
    });

    test('learns all groups of the account, sorted, when it redeems a token', async () => {
      const { sid } = await startSession();
      await join('staff', 'b-team', 'admins');
      const hash = randomBytes(32);
      await issue(sid, STAFF, hash);
      const redeemed = { session: expect.objectContaining({ sid }), groups: ['admins', 'b-team', 'staff'] };
      expect(await redeem(hash, STAFF)).toEqual(redeemed);
    });

    test('can’t redeem a token once the account has left the group', async () => {
      const { sid } = await startSession();
      await join('staff');
      const hash = randomBytes(32);
      await issue(sid, STAFF, hash);
      await leave('staff');
      expect(await redeem(hash, STAFF)).toEqual({ inactiveReason: 'not permitted' });
      expect(await detailsOf('token refused')).toEqual(['not permitted']);
    });

    test('has a notice for every token issued while the account leaves the group', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { sid } = await startSession();
        await join('staff');
        const [refusals] = await Promise.all([
          Promise.all(Array.from({ length: 4 }, () => issue(sid, STAFF))),
          leave('staff'),
        ]);
        await given.stores.groups.review(ADA.id, new Map([[FOO, STAFF.groups]]), CONTEXT);
        const notices = (await noticesFor(FOO)).filter((notice) => notice.sid === sid);
        expect(notices).toHaveLength(refusals.includes(null) ? 1 : 0);
        expect(await issue(sid, STAFF)).toBe('not permitted');
      }
    });
  });

  describe('an app that requires a second factor', () => {
    test('gets a token of a sign-in with two factors only [T-SESSION-13]', async () => {
      const { sid } = await startStrongSession();
      const { sid: weak } = await given.startSession({ accountId: await addGrace() });
      expect(await issue(sid, SECOND_FACTOR_REQUIRED)).toBeNull();
      expect(await issue(weak, SECOND_FACTOR_REQUIRED)).toBe('second factor missing');
      expect(await issue(weak)).toBeNull();
      expect(await issue(sid, STRONG_STAFF), 'no second factor helps here').toBe('not permitted');
      expect(await issue(weak, STRONG_STAFF)).toBe('not permitted');
      await join('staff');
      expect(await issue(sid, STRONG_STAFF)).toBeNull();
    });

    test('can’t redeem a token from when it required none', async () => {
      const { sid } = await startSession();
      const hash = randomBytes(32);
      await issue(sid, NO_REQUIREMENT, hash);
      expect(await redeem(hash, SECOND_FACTOR_REQUIRED)).toEqual({ inactiveReason: 'not permitted' });
    });
  });

  async function addGrace(): Promise<string> {
    await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
    return ACCOUNT_OF_GRACE.id;
  }
}
