/**
 * Instances never deadlock, since all lock rows in the same order: one that waits for the first row holds no
 * later one.
 */
import { describe, expect, test } from 'vitest';
import { runOn } from '../../../../../test/support/postgres.ts';
import { ACCOUNT, ADA, CONTEXT, FOO, givenStores, IDLE_SINCE, NOW } from '../contract/given.ts';
import { otherInstance } from './other-instance.fixture.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);
const { newSession, startSession, issueToken, noticesFor } = given;

/** Expects that another instance gets a second lock at once, while the work waits for its first. */
async function expectNoDeadlock<Result>(
  toLock: (name: string) => string,
  work: () => Promise<Result>,
): Promise<Result> {
  const other = await otherInstance(backend.url());
  await other.run(toLock('a'));
  return await other.endDuring('COMMIT', work, () => other.run(toLock('b')));
}

describe('instances don’t deadlock when sessions', () => {
  const toLock = (sid: string) => `SELECT FROM sso_session WHERE sid = '${sid}' FOR UPDATE NOWAIT`;
  const endAll = async () => {
    for await (const count of given.stores.sessions.endAll('ended by an operator', CONTEXT)) return count;
    return 0;
  };

  test.each([
    ['end by sid', () => given.stores.sessions.end({ sids: ['b', 'a'] }, 'signed out', CONTEXT)],
    ['end with their account', () => given.stores.accounts.remove(ADA.id, CONTEXT)],
    ['end with all others', endAll],
    ['are ended at one app', () => given.stores.sessions.endAtApp(FOO, CONTEXT)],
  ])('%s', async (_name, work) => {
    for (const sid of ['b', 'a']) {
      await startSession({ sid });
      await issueToken(sid);
    }
    expect(await expectNoDeadlock(toLock, work)).toBe(2);
    expect(await noticesFor(FOO)).toHaveLength(2);
  });

  test('end because there are too many', async () => {
    for (const sid of ['b', 'a']) await startSession({ sid });
    await runOn(
      backend.url(),
      `INSERT INTO sso_session (sid, token_hash, account_id, started_at, last_seen_at, ends_at, user_agent)
       SELECT 'other ' || n, n::text::bytea, $1, $2, $2, $3, '' FROM generate_series(1, 999) AS n`,
      [ADA.id, NOW + 1, NOW + 10_000],
    );
    const start = () => given.stores.sessions.start(newSession(), null, IDLE_SINCE, CONTEXT);
    expect(await expectNoDeadlock(toLock, start)).toHaveProperty('sid');
    expect(await given.detailsOf('session ended')).toEqual(['too many sessions', 'too many sessions']);
  });
});

test('instances don’t deadlock when they add the same accounts', async () => {
  const toAdd = (name: string) =>
    `SET LOCAL lock_timeout = 100;
     INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES ('other ${name}', '${name}', '${name}', '', '', 0)`;
  const accounts = ['b', 'a'].map((name) => ({ ...ACCOUNT, id: name, username: name, usernameKey: name }));
  expect(await expectNoDeadlock(toAdd, () => given.stores.accounts.add(accounts, CONTEXT))).toEqual([0, 1]);
});

test('an app’s access ends everywhere, even if another instance ends a whole slice of it first', async () => {
  await given.stores.accounts.add([ACCOUNT], CONTEXT);
  await runOn(
    backend.url(),
    `WITH session AS (
       INSERT INTO sso_session (sid, token_hash, account_id, started_at, last_seen_at, ends_at, user_agent)
       SELECT to_char(n, '000'), n::text::bytea, $1, 0, 0, 0, '' FROM generate_series(1, 251) AS n
     )
     INSERT INTO session_app (sid, app) SELECT to_char(n, '000'), $2 FROM generate_series(1, 251) AS n`,
    [ADA.id, FOO],
  );
  const other = await otherInstance(backend.url());
  await other.run('SELECT FROM sso_session ORDER BY sid LIMIT 250 FOR UPDATE');
  await other.run('DELETE FROM session_app WHERE sid <> (SELECT max(sid) FROM session_app)');
  const end = () => given.stores.sessions.endAtApp(FOO, CONTEXT);
  expect(await other.endDuring('COMMIT', end)).toBe(1);
});
