/** The guarantees of `TokenStore`. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ClientAssertion, Stores } from '../stores.ts';
import {
  ADA,
  assertionBy,
  at,
  CONTEXT,
  FOO,
  type Given,
  IDLE_SINCE,
  LOREM,
  NO_REQUIREMENT,
  NOW,
  newToken,
} from './given.ts';
import { ownOf } from './given-factors.ts';

export function tokenContract(given: Given): void {
  const { inParallel, startSession, issueToken, detailsOf } = given;

  test('redeem a token for exactly one of many parallel calls', async () => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    const answers = await inParallel(50, (each) =>
      each.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT),
    );
    expect(answers.filter((answer) => answer !== null && 'session' in answer)).toMatchObject([
      { session: { sid } },
    ]);
    expect(await detailsOf('token redeemed')).toHaveLength(1);
    expect(await detailsOf('token refused')).toEqual(Array(49).fill('already redeemed'));
  });

  test('redeem a token or end its session first, when both are asked for at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { sid } = await startSession();
      const { hash } = await issueToken(sid);
      const [redeemed, ended] = await Promise.all([
        given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT),
        given.others.sessions.end({ sids: [sid] }, 'signed out', CONTEXT),
      ]);
      expect(ended).toBe(1);
      const inactiveReason = 'unknown token or ended session';
      const session = expect.objectContaining({ sid });
      expect([{ session, groups: [] }, { inactiveReason }]).toContainEqual(redeemed);
    }
  });

  test('issue any number of tokens of one session to one app at once', async () => {
    const { sid } = await startSession();
    const issued = await inParallel(20, (each) => each.tokens.issue(newToken(sid), NO_REQUIREMENT, CONTEXT));
    expect(issued).toEqual(Array(20).fill(null));
    expect(await detailsOf('token issued')).toHaveLength(20);
    await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
    expect(await given.noticesFor(FOO)).toHaveLength(1);
  });

  test('leave in the notice when the app got its last token, even if clocks differ', async () => {
    const { sid } = await startSession();
    for (const now of [NOW + 2, NOW + 5, NOW + 3]) {
      await given.stores.tokens.issue(newToken(sid), NO_REQUIREMENT, at(now));
    }
    await issueToken(sid, LOREM);
    await given.stores.sessions.end({ sids: [sid] }, 'signed out', at(NOW + 4));
    expect(await given.noticesFor(FOO, NOW + 4)).toMatchObject([{ sid, issuedAt: NOW + 5 }]);
    expect(await given.noticesFor(LOREM, NOW + 4)).toMatchObject([{ sid, issuedAt: NOW }]);
  });

  test('never redeem a token again after a restart', async () => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    await given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
    const restarted = await given.open();
    expect(
      await restarted.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT),
    ).toEqual({
      inactiveReason: 'already redeemed',
    });
    await restarted.close();
  });

  test('keep a token valid for its own app when another app introspects it', async () => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    const refused = { inactiveReason: 'issued to another app' };
    expect(
      await given.stores.tokens.redeem(hash, assertionBy(LOREM), NO_REQUIREMENT, IDLE_SINCE, CONTEXT),
    ).toEqual(refused);
    expect(
      await given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT),
    ).toMatchObject({
      session: { sid },
    });
  });

  test.each([
    ['at the moment it expires', NOW + 10_000, NOW + 5000, IDLE_SINCE, 'expired'],
    ['once its session has reached its end', NOW + 4000, NOW + 4000, IDLE_SINCE, 'session expired'],
    ['once its session has idled out', NOW + 10_000, NOW, NOW, 'session expired'],
  ])('redeem no token %s', async (_name, endsAt, now, idleSince, inactiveReason) => {
    const { sid } = await startSession({ endsAt });
    const { hash } = await issueToken(sid);
    expect(
      await given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, idleSince, at(now)),
    ).toEqual({
      inactiveReason,
    });
  });

  test('neither redeem nor issue a token of a session that has ended', async () => {
    const { sid, tokenHash } = await startSession();
    const { hash } = await issueToken(sid);
    await given.stores.sessions.end({ tokenHash }, 'signed out', CONTEXT);
    const inactiveReason = 'unknown token or ended session';
    expect(
      await given.stores.tokens.redeem(hash, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT),
    ).toEqual({
      inactiveReason,
    });
    expect((await issueToken(sid)).isIssued).toBe(false);
  });

  test('redeem no token from before its session got another session token by a password change', async () => {
    const session = await startSession();
    const { sid } = session;
    const { hash } = await issueToken(sid);
    const own = { ...ownOf(session), newTokenHash: randomBytes(32) };
    await given.stores.accounts.setPassword(ADA.id, 'new', { own }, CONTEXT);
    const redeem = (token: Buffer) =>
      given.others.tokens.redeem(token, assertionBy(FOO), NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
    expect(await redeem(hash)).toEqual({ inactiveReason: 'session renewed' });
    const later = { ...newToken(sid), sessionTokenHash: own.newTokenHash };
    await given.stores.tokens.issue(later, NO_REQUIREMENT, CONTEXT);
    expect(await redeem(later.hash)).toMatchObject({ session: { sid } });
  });

  test('redeem at most one token by one client assertion, in any number of calls [T-CLIENT-01]', async () => {
    const { sid } = await startSession();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issueToken(sid)));
    const assertion = assertionBy(FOO);
    const redeem = (stores: Stores, index: number, by = assertion) =>
      stores.tokens.redeem(tokens[index]?.hash ?? Buffer.alloc(0), by, NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
    const answers = await inParallel(20, redeem);
    expect(answers.filter((answer) => answer !== null)).toMatchObject([{ session: { sid } }]);
    expect(await detailsOf('token redeemed')).toHaveLength(1);
    expect(await detailsOf('token refused'), 'a used assertion changes nothing').toEqual([]);
    const refused = answers.indexOf(null);
    expect(await redeem(given.stores, refused, assertionBy(FOO))).toMatchObject({ session: { sid } });
  });

  test('redeem no token by a client assertion used before, even if for a refused token', async () => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    const [accepted, refused] = [assertionBy(FOO), assertionBy(FOO)];
    const redeem = (by: ClientAssertion, token = hash) =>
      given.others.tokens.redeem(token, by, NO_REQUIREMENT, IDLE_SINCE, CONTEXT);
    expect(await given.stores.clientAssertions.accept(accepted)).toBe(true);
    expect(await redeem(accepted)).toBeNull();
    expect(await redeem(refused, randomBytes(32))).toEqual({
      inactiveReason: 'unknown token or ended session',
    });
    expect(await redeem(refused)).toBeNull();
    expect(await given.stores.clientAssertions.accept(refused)).toBe(false);
    expect(await redeem(assertionBy(FOO))).toMatchObject({ session: { sid } });
  });
}
