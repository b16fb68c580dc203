/** How a statement behaves after it has waited for another instance's change, which commits or rolls back. */
import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { alterDatabase, runOn } from '../../../../../test/support/postgres.ts';
import { ASSERTION_MARGIN_MS } from '../client-assertion-store.ts';
import {
  assertionBy,
  at,
  CONTEXT,
  FOO,
  failureOf,
  givenStores,
  IDLE_SINCE,
  LIMITS,
  LOREM,
  limitsOf,
  NO_REQUIREMENT,
  NOW,
} from '../contract/given.ts';
import { LEASE_MS } from '../logout-notice-store.ts';
import { otherInstance } from './other-instance.fixture.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);
const { startSession, issueToken, detailsOf } = given;

const countRows = async (table: string) =>
  Number((await runOn(backend.url(), `SELECT count(*) FROM ${table}`)).rows[0].count);

describe('issuing a token', () => {
  test.each([
    ['fails and stores nothing if another instance ends the session', 'COMMIT', false, 0],
    ['succeeds if another instance fails to end the session', 'ROLLBACK', true, 1],
  ] as const)('%s', async (_name, end, isIssued, rows) => {
    const { sid } = await startSession();
    const other = await otherInstance(backend.url());
    await other.run('SELECT 1 FROM sso_session WHERE sid = $1 FOR UPDATE', [sid]);
    await other.run('DELETE FROM sso_session WHERE sid = $1', [sid]);
    expect(await other.endDuring(end, () => issueToken(sid))).toMatchObject({ isIssued });
    for (const table of ['authentication_token', 'session_app']) expect(await countRows(table)).toBe(rows);
    expect(await detailsOf('token issued')).toHaveLength(rows);
  });

  test('leaves the app in the notice of an instance that waited to end the session', async () => {
    const { sid } = await startSession();
    const other = await otherInstance(backend.url());
    await other.run('SELECT 1 FROM sso_session WHERE sid = $1 FOR KEY SHARE', [sid]);
    await other.run('INSERT INTO session_app (sid, app) VALUES ($1, $2)', [sid, FOO]);
    const end = () => given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
    expect(await other.endDuring('COMMIT', end)).toBe(1);
    expect(await given.noticesFor(FOO)).toMatchObject([{ sid }]);
  });
});

describe('redeeming a token', () => {
  const redeem = (hash: Buffer, assertion = assertionBy(FOO)) =>
    given.stores.tokens.redeem(hash, assertion, NO_REQUIREMENT, IDLE_SINCE, CONTEXT);

  test.each([
    ['is refused with the reason if another instance redeems it', 'COMMIT', 'already redeemed'],
    ['succeeds if another instance fails to redeem it', 'ROLLBACK', null],
  ] as const)('%s', async (_name, end, inactiveReason) => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    const other = await otherInstance(backend.url());
    await other.run('UPDATE authentication_token SET redeemed_at = $1', [NOW]);
    const redeemed = await other.endDuring(end, () => redeem(hash));
    expect(redeemed).toMatchObject(inactiveReason === null ? { session: { sid } } : { inactiveReason });
    expect(await detailsOf('token refused')).toEqual(inactiveReason === null ? [] : [inactiveReason]);
  });

  test.each([
    ['changes nothing if another instance accepts its assertion', 'COMMIT', null, null],
    ['succeeds if another instance fails to accept its assertion', 'ROLLBACK', expect.anything(), NOW],
  ] as const)('%s', async (_name, end, redeemed, redeemedAt) => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    const assertion = assertionBy(FOO);
    await given.others.clientAssertions.accept(assertion);
    const taken = await runOn(backend.url(), 'DELETE FROM client_assertion RETURNING *');
    const other = await otherInstance(backend.url());
    const { app, jti_hash, expires_at } = taken.rows[0];
    await other.run('INSERT INTO client_assertion VALUES ($1, $2, $3)', [app, jti_hash, expires_at]);
    expect(await other.endDuring(end, () => redeem(hash, assertion))).toEqual(redeemed);
    const tokens = await runOn(backend.url(), 'SELECT redeemed_at::float FROM authentication_token');
    expect(tokens.rows).toEqual([{ redeemed_at: redeemedAt }]);
    expect(await detailsOf('token refused')).toEqual([]);
  });

  test('is refused if another instance ends the session, and its assertion counts as used', async () => {
    const { sid } = await startSession();
    const { hash } = await issueToken(sid);
    const assertion = assertionBy(FOO);
    const other = await otherInstance(backend.url());
    await other.run('SELECT 1 FROM sso_session FOR UPDATE');
    await other.run('DELETE FROM sso_session');
    const inactiveReason = 'unknown token or ended session';
    expect(await other.endDuring('COMMIT', () => redeem(hash, assertion))).toEqual({ inactiveReason });
    expect(await redeem(hash, assertion)).toBeNull();
    const { rowCount } = await runOn(
      backend.url(),
      'SELECT 1 FROM authentication_token WHERE redeemed_at > 0',
    );
    expect(rowCount).toBe(0);
  });
});

test('a failed sign-in isn’t counted once another instance has reached the limit', async () => {
  const ada = randomBytes(32);
  const other = await otherInstance(backend.url());
  const lock = "SELECT pg_advisory_xact_lock(hashtextextended('login failures from ' || $1, 0))";
  await other.run(lock, [LIMITS.networks[0]?.name]);
  await other.run(
    `INSERT INTO login_failure (username_hash, address, failed_at)
     SELECT $1, $2, $3 FROM generate_series(1, 10)`,
    [ada, LIMITS.networks[0]?.name, NOW],
  );
  const add = () => given.stores.loginFailures.add(failureOf(ada), LIMITS, CONTEXT);
  expect(await other.endDuring('COMMIT', add)).toMatchObject({ of: 'account' });
  expect(await countRows('login_failure')).toBe(10);
});

describe('the limit of an account can’t be looked up where a failure can’t be counted:', () => {
  const findReached = () => given.stores.loginFailures.findReached(randomBytes(32), LIMITS, NOW);
  const unavailable = expect.objectContaining({ code: 'unavailable' });

  test('another process has locked the table', async () => {
    const other = await otherInstance(backend.url());
    await other.run('LOCK TABLE login_failure IN SHARE MODE');
    await expect(findReached()).rejects.toEqual(unavailable);
    await other.run('ROLLBACK');
    expect(await findReached()).toBeNull();
  });

  test('the server is read-only', async () => {
    expect(await findReached()).toBeNull();
    await alterDatabase(backend.url(), 'SET default_transaction_read_only = on');
    onTestFinished(() => alterDatabase(backend.url(), 'RESET default_transaction_read_only'));
    const readOnly = await given.open();
    onTestFinished(() => readOnly.close());
    await expect(readOnly.loginFailures.findReached(randomBytes(32), LIMITS, NOW)).rejects.toEqual(
      unavailable,
    );
  });
});

test('a holder that waited for a lease doesn’t get what was delivered or postponed meanwhile', async () => {
  for (const sid of ['delivered', 'postponed', 'waiting']) {
    await startSession({ sid });
    await issueToken(sid);
    await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
  }
  await given.stores.logoutNotices.due(FOO, 'before', NOW, 10);
  const other = await otherInstance(backend.url());
  await other.run("DELETE FROM logout_notice WHERE sid = 'delivered'");
  await other.run("UPDATE logout_notice SET due_at = due_at + 5000 + $1 WHERE sid = 'postponed'", [LEASE_MS]);
  await other.run('DELETE FROM delivery_lease');
  const due = () => given.stores.logoutNotices.due(FOO, 'after', NOW + LEASE_MS, 10);
  expect(await other.endDuring('COMMIT', due)).toMatchObject([{ sid: 'waiting' }]);
});

test('a process that deletes failures waits for another that does, and records what is left', async () => {
  const limits = limitsOf('office');
  for (const failedAt of [NOW, NOW + 1]) {
    await given.stores.loginFailures.add(failureOf(randomBytes(32)), limits, at(failedAt));
  }
  const other = await otherInstance(backend.url());
  await other.run("SELECT pg_advisory_xact_lock(hashtextextended('forgetting login failures', 0))");
  await other.run('DELETE FROM login_failure');
  const record = { accountId: null, detail: 'office' };
  const forget = () => given.stores.loginFailures.forget({ networks: ['office'] }, record, CONTEXT);
  expect(await other.endDuring('COMMIT', forget)).toBe(0);
  expect(await detailsOf('throttle lifted')).toEqual([]);
});

test('an instance purges what it can while another one purges the rest', async () => {
  for (const jti of ['locked', 'free']) {
    await given.stores.clientAssertions.accept(assertionBy(FOO, { jti, expiresAt: NOW }));
    if (jti === 'free') continue;
    const other = await otherInstance(backend.url());
    await other.run('SELECT 1 FROM client_assertion FOR UPDATE');
  }
  const before = { now: NOW + ASSERTION_MARGIN_MS, failuresSince: 0, auditSince: 0 };
  expect(await given.stores.purgeExpired(before)).toBe(false);
  expect(await countRows('client_assertion')).toBe(1);
});

test('an instance gives up the notices that no other one is about to change', async () => {
  for (const sid of ['locked', 'free']) {
    await startSession({ sid });
    await issueToken(sid);
    await given.stores.sessions.end({ sids: [sid] }, 'signed out', CONTEXT);
  }
  const other = await otherInstance(backend.url());
  await other.run("SELECT 1 FROM logout_notice WHERE sid = 'locked' FOR UPDATE");
  const givenUp = await given.stores.logoutNotices.giveUp(at(NOW + 100_000));
  expect(givenUp.map(({ sid }) => sid)).toEqual(['free']);
});

test('instances that record the same apps in another order don’t block each other', async () => {
  const apps = [FOO, LOREM].map((origin) => ({ origin, name: origin, server: origin }));
  await given.inParallel(40, (each, index) => {
    const loaded = index % 3 === 0 ? apps : apps.toReversed();
    return each.registry.record({ instance: `${index}`, apps: loaded, loadedAt: NOW + index }, NOW + index);
  });
  expect(await given.stores.registry.find(NOW)).toHaveLength(40);
});
