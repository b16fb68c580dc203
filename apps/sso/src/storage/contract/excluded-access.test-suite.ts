/** The guarantees of `SessionStore.endExcluded`: an app loses sessions that don't meet its requirement. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { AppRequirement, NewSession, Stores } from '../stores.ts';
import {
  ACCOUNT_OF_GRACE,
  ADA,
  assertionBy,
  at,
  CONTEXT,
  FOO,
  type Given,
  GRACE,
  IDLE_SINCE,
  LOREM,
  NO_REQUIREMENT,
  NOW,
  newToken,
  SECOND_FACTOR_REQUIRED,
  SERVICE,
} from './given.ts';
import { byStep, givenFactors } from './given-factors.ts';

const STAFF: AppRequirement = { groups: ['admins', 'staff'], secondFactor: false };

export function excludedAccessContract(given: Given): void {
  const { confirmAuthenticator } = givenFactors(given);
  const { inParallel, newSession, startMany, startSession, issueToken, noticesFor } = given;

  async function endExcluded(required: AppRequirement, stores: Stores = given.stores): Promise<number[]> {
    const counts: number[] = [];
    for await (const ended of stores.sessions.endExcluded(FOO, required, SERVICE)) counts.push(ended);
    return counts;
  }
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const sidsWith = async (app: string) =>
    (await allRows(given.stores.sessions.pages())).flatMap(({ sid, apps }) =>
      apps.includes(app) ? [sid] : [],
    );
  const noticedBy = async (app: string) => (await noticesFor(app)).map(({ sid }) => sid);

  /** Issues a token for foo, and redeems it. */
  async function redeem({ sid, tokenHash }: Pick<NewSession, 'sid' | 'tokenHash'>, now = NOW): Promise<void> {
    const { tokens } = given.others;
    const token = { ...newToken(sid), sessionTokenHash: tokenHash };
    expect(await tokens.issue(token, NO_REQUIREMENT, at(now))).toBeNull();
    const redeemed = tokens.redeem(token.hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, at(now));
    expect(await redeemed).toMatchObject({ session: { sid } });
  }

  /** Starts a session with a token for foo and one for lorem. @returns its id */
  async function sessionAtBoth(settings: Parameters<Given['startSession']>[0] = {}): Promise<string> {
    const { sid } = await startSession(settings);
    await issueToken(sid);
    await issueToken(sid, LOREM);
    return sid;
  }

  describe('an app that requires more than before', () => {
    test('loses the sessions of everybody who is in none of its groups, which go on', async () => {
      const ofAda = await sessionAtBoth();
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const ofGrace = await sessionAtBoth({ accountId: GRACE.id });
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      await given.stores.groups.add('guests', [GRACE.id], CONTEXT);
      expect(sum(await endExcluded(STAFF))).toBe(1);
      expect(await noticesFor(FOO)).toMatchObject([{ sid: ofGrace, accountId: GRACE.id, issuedAt: NOW }]);
      expect(await noticesFor(LOREM)).toEqual([]);
      expect(await sidsWith(FOO)).toEqual([ofAda]);
      expect((await sidsWith(LOREM)).toSorted()).toEqual([ofAda, ofGrace].toSorted());
      const records = await allRows(given.stores.audit.pages({ kind: 'app access ended', limit: 10 }));
      expect(records).toMatchObject([{ ...SERVICE, sid: ofGrace, app: FOO, username: 'grace' }]);
      expect(sum(await endExcluded(STAFF)), 'a second search finds none').toBe(0);
    });

    test('loses the sessions that were signed in with a password alone', async () => {
      const own = await sessionAtBoth();
      await confirmAuthenticator({ accountId: ADA.id, sid: own }, { lastStep: 1 });
      const strong = await sessionAtBoth({ proof: byStep(2) });
      expect(sum(await endExcluded(SECOND_FACTOR_REQUIRED))).toBe(1);
      expect(await noticedBy(FOO)).toEqual([own]);
      expect(await sidsWith(FOO)).toEqual([strong]);
      expect(sum(await endExcluded({ ...STAFF, secondFactor: true })), 'either is enough').toBe(1);
      expect(await sidsWith(FOO)).toEqual([]);
    });

    test('loses those at which it has had a token of one factor [T-GROUP-03]', async () => {
      const weak = await startSession();
      await redeem(weak);
      const { lastStep } = await confirmAuthenticator(weak);
      const proof = byStep(lastStep + 1);
      const again = newSession({ proof });
      const renewed = { sid: weak.sid, tokenHash: again.tokenHash };
      await given.stores.sessions.start(again, weak.tokenHash, IDLE_SINCE, CONTEXT);
      await redeem(renewed);
      const strong = await startSession({ proof: { ...proof, step: lastStep + 2 } });
      await redeem(strong);
      expect(sum(await endExcluded(SECOND_FACTOR_REQUIRED))).toBe(1);
      expect(await noticedBy(FOO)).toEqual([weak.sid]);
      expect(await sidsWith(FOO)).toEqual([strong.sid]);
      await redeem(renewed, NOW + 1000);
      expect(sum(await endExcluded(SECOND_FACTOR_REQUIRED)), 'its later access was with two factors').toBe(0);
    });

    test('loses nothing if it requires nothing, or if all sessions meet it', async () => {
      const sid = await sessionAtBoth();
      expect(sum(await endExcluded(NO_REQUIREMENT))).toBe(0);
      await given.stores.groups.add('admins', [ADA.id], CONTEXT);
      expect(sum(await endExcluded(STAFF))).toBe(0);
      expect(await sidsWith(FOO)).toEqual([sid]);
    });

    test('loses them in slices, each once, wherever they are and however many processes search', async () => {
      await startMany(150);
      await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT);
      const excluded = await startMany(300, { accountId: GRACE.id });
      await startMany(150);
      await given.stores.groups.add('staff', [ADA.id], CONTEXT);
      const counts = (await inParallel(2, (stores) => endExcluded(STAFF, stores))).flat();
      expect(Math.max(...counts)).toBeLessThanOrEqual(250);
      expect(sum(counts)).toBe(300);
      const notices = await given.stores.logoutNotices.due(FOO, 'all', NOW, 1000);
      expect(notices.map(({ sid }) => sid).toSorted()).toEqual(excluded.toSorted());
      expect(await sidsWith(FOO)).toHaveLength(300);
    });

    test('keeps a session that meets it when its slice is ended', async () => {
      for (let round = 0; round < 10; round += 1) {
        const sid = await sessionAtBoth();
        const [, counts] = await Promise.all([
          given.others.groups.add('staff', [ADA.id], CONTEXT),
          endExcluded(STAFF),
        ]);
        expect((await sidsWith(FOO)).includes(sid)).toBe(sum(counts) === 0);
        await given.stores.groups.remove('staff', [ADA.id], CONTEXT);
        await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
      }
    });
  });
}
