/** Starting a session, ending it, and changing its account while another instance changes the same rows. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ACCOUNT, ADA, CONTEXT, FOO, givenStores, IDLE_SINCE, LOREM, NOW } from '../contract/given.ts';
import { type OtherInstance, otherInstance } from './other-instance.fixture.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);
const { newSession, startSession, issueToken, noticesFor, detailsOf } = given;

const REPLACED = Buffer.alloc(32, 'the hash of a session token');

/** Another instance that has issued a token of a session, and is about to commit. */
async function issuingInstance(sid: string, app: string): Promise<OtherInstance> {
  const other = await otherInstance(backend.url());
  await other.run('SELECT FROM sso_session WHERE sid = $1 FOR KEY SHARE', [sid]);
  await other.run(
    `INSERT INTO session_app (sid, app, last_issued_at) VALUES ($1, $2, $3)
     ON CONFLICT (sid, app) DO UPDATE SET last_issued_at = excluded.last_issued_at`,
    [sid, app, NOW + 7],
  );
  return other;
}

describe('the start of a session that has waited for another instance', () => {
  const start = () => given.stores.sessions.start(newSession(), null, IDLE_SINCE, CONTEXT);

  test.each([
    ['to disable the account', 'UPDATE account SET disabled_at = 1'],
    ['to set its password', 'UPDATE account SET password_version = password_version + 1'],
    ['to remove it', 'DELETE FROM account'],
  ])('%s fails, unless that change is rolled back', async (_name, change) => {
    await given.stores.accounts.add([ACCOUNT], CONTEXT);
    const failing = await otherInstance(backend.url());
    await failing.run(change);
    expect(await failing.endDuring('ROLLBACK', start)).toHaveProperty('sid');
    const other = await otherInstance(backend.url());
    await other.run('DELETE FROM sso_session');
    await other.run(change);
    expect(await other.endDuring('COMMIT', start)).toEqual({ refusal: 'account changed' });
    expect(await allRows(given.stores.sessions.pages())).toEqual([]);
    expect(await detailsOf('login failed'), 'the caller records it').toEqual([]);
  });

  test('goes on if that instance only uses the account', async () => {
    await given.stores.accounts.add([ACCOUNT], CONTEXT);
    const other = await otherInstance(backend.url());
    await other.run('SELECT FROM account FOR KEY SHARE');
    expect(await start()).toHaveProperty('sid');
  });
});

describe('a session whose token another instance is issuing', () => {
  test.each([
    ['is ended', () => given.stores.sessions.end({ accountId: ADA.id }, 'signed out', CONTEXT)],
    ['is ended with its account', () => given.stores.accounts.remove(ADA.id, CONTEXT)],
    ['is ended with all others', async () => (await allCounts())[0]],
    ['is replaced', () => startReplacing(REPLACED)],
  ])('%s after that, with a notice that is dated from the token', async (_name, end) => {
    const { sid } = await startSession({ tokenHash: REPLACED });
    const other = await issuingInstance(sid, FOO);
    expect(await other.endDuring('COMMIT', end)).toBe(1);
    expect(await noticesFor(FOO)).toMatchObject([{ sid, issuedAt: NOW + 7 }]);
  });

  test('loses the app’s access after that', async () => {
    const { sid } = await startSession();
    await issueToken(sid);
    const other = await issuingInstance(sid, FOO);
    const end = () => given.stores.sessions.endAtApp(FOO, CONTEXT);
    expect(await other.endDuring('COMMIT', end)).toBe(1);
    expect(await noticesFor(FOO)).toMatchObject([{ sid, issuedAt: NOW + 7 }]);
  });

  test('expires in a later slice, and others don’t wait for it', async () => {
    const [issuing, idle] = [
      await startSession({ endsAt: NOW + 1 }),
      await startSession({ endsAt: NOW + 2 }),
    ];
    const other = await issuingInstance(issuing.sid, LOREM);
    const expiry = { now: NOW + 5, idleSince: 0 };
    expect(await given.stores.sessions.endExpired(expiry)).toBe(1);
    expect(await given.stores.sessions.findBySid(idle.sid)).toBeNull();
    await other.run('COMMIT');
    expect(await given.stores.sessions.endExpired(expiry)).toBe(1);
    expect(await noticesFor(LOREM, NOW + 5)).toMatchObject([{ sid: issuing.sid }]);
  });

  test('can be used meanwhile', async () => {
    const { sid, tokenHash } = await startSession();
    await issuingInstance(sid, FOO);
    await given.stores.sessions.touch(sid, NOW + 9);
    expect(await given.stores.sessions.find(tokenHash)).toMatchObject({ lastSeenAt: NOW + 9 });
  });

  async function allCounts(): Promise<number[]> {
    const counts: number[] = [];
    for await (const count of given.stores.sessions.endAll('ended by an operator', CONTEXT))
      counts.push(count);
    return counts;
  }
  async function startReplacing(tokenHash: Buffer): Promise<number> {
    // As if it had idled out: another start of the same account would renew it.
    await given.stores.sessions.start(newSession(), tokenHash, NOW, CONTEXT);
    return (await detailsOf('session ended')).length;
  }
});

test('a session isn’t idle once another instance, which was waited for, has recorded its use', async () => {
  const { sid } = await startSession();
  const other = await otherInstance(backend.url());
  await other.run('UPDATE sso_session SET last_seen_at = $1', [NOW + 10]);
  const expiry = { now: NOW + 10, idleSince: NOW };
  expect(await given.stores.sessions.endExpired(expiry), 'not waited for').toBe(0);
  await other.run('COMMIT');
  expect(await given.stores.sessions.endExpired(expiry)).toBe(0);
  expect(await given.stores.sessions.findBySid(sid)).not.toBeNull();
});

const lockTurns = "SELECT pg_advisory_xact_lock(hashtextextended('samesite-sso turns of ' || $1, 0))";

test('a logout notice takes no turn that another instance is giving to the same account', async () => {
  await issueToken((await startSession()).sid);
  const other = await otherInstance(backend.url());
  await other.run(lockTurns, [ADA.id]);
  await other.run(
    `INSERT INTO logout_notice (app, sid, account_id, ended_by_time, due_at, give_up_at, turn)
     VALUES ($1, 'sid', $2, FALSE, $3, $3, 4)`,
    [FOO, ADA.id, NOW],
  );
  const end = () => given.stores.sessions.end({ accountId: ADA.id }, 'signed out', CONTEXT);
  expect(await other.endDuring('COMMIT', end)).toBe(1);
  const reader = await otherInstance(backend.url());
  const { rows } = await reader.run('SELECT turn::int FROM logout_notice ORDER BY turn');
  expect(rows).toEqual([{ turn: 4 }, { turn: 5 }]);
});

test('expired sessions don’t wait for turns, since their notices take none', async () => {
  await issueToken((await startSession({ endsAt: NOW + 1 })).sid);
  const other = await otherInstance(backend.url());
  await other.run(lockTurns, [ADA.id]);
  expect(await given.stores.sessions.endExpired({ now: NOW + 1, idleSince: 0 })).toBe(1);
  expect(await noticesFor(FOO, NOW + 1)).toHaveLength(1);
});

describe('a username that another instance is giving to an account', () => {
  const wanted = { ...ACCOUNT, username: 'wanted', usernameKey: 'wanted' };
  const rename = () => given.stores.accounts.rename(wanted, CONTEXT);
  const add = () => given.stores.accounts.add([{ ...wanted, id: 'new' }], CONTEXT);

  test.each<[string, () => Promise<unknown>, unknown]>([
    ['is taken for a rename', rename, 'taken'],
    ['is taken for a new account', add, [0]],
  ])('%s once it has it', async (_name, take, outcome) => {
    await given.stores.accounts.add([ACCOUNT], CONTEXT);
    const other = await otherInstance(backend.url());
    await other.run(
      `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
       VALUES ('other', 'wanted', 'wanted', '', '', 0)`,
    );
    expect(await other.endDuring('COMMIT', take)).toEqual(outcome);
    expect(await given.stores.accounts.find('wanted')).toMatchObject({ id: 'other' });
    expect(await detailsOf('account added')).toHaveLength(1);
    expect(await detailsOf('account renamed')).toEqual([]);
  });
});

test('an import waits for other instances longer than a request may', async () => {
  const names = Array.from({ length: 1001 }, (_, index) => `person${index}`);
  const many = names.map((name) => ({ ...ACCOUNT, id: name, username: name, usernameKey: name }));
  const other = await otherInstance(backend.url());
  await other.run(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES ('other', 'other', 'person7', '', '', 0)`,
  );
  const adding = given.stores.accounts.add(many, CONTEXT);
  await delay(1000);
  await other.run('COMMIT');
  expect(await adding).toEqual([7]);
  expect(await detailsOf('account added')).toEqual([]);
});

test('the newest records are those of when reading began, even if others are committed late', async () => {
  const other = await otherInstance(backend.url());
  await other.run(
    "INSERT INTO audit_record (at, kind, act_by, detail) VALUES (1, 'key rotated', 'x', 'late')",
  );
  const event = { kind: 'key rotated' } as const;
  await given.stores.audit.addAll(
    Array.from({ length: 600 }, (_, index) => ({
      event: { ...event, detail: `${index}` },
      context: CONTEXT,
    })),
  );
  const listed: (string | null)[] = [];
  for await (const page of given.stores.audit.pages({ kind: 'key rotated', limit: 1000 })) {
    listed.push(...page.map(({ detail }) => detail));
    await other.run('COMMIT');
  }
  expect(listed).toEqual(Array.from({ length: 600 }, (_, index) => `${index}`));
  expect((await detailsOf('key rotated'))[0]).toBe('late');
});
