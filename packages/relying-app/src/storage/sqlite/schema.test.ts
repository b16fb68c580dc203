import { createSessionToken, SqliteDatabase, sha256 } from '@samesite-sso/core';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, newDatabase } from '../../seeded-session.fixture.ts';
import { newSession } from '../contract/given.ts';
import { openSqliteStore } from './open-store.ts';
import { MIGRATIONS } from './schema.ts';

const DAY_MS = 86_400_000;

/** Opens a database of an earlier version that these statements filled. */
function migrate(version: number, ...statements: [sql: string, ...values: unknown[]][]) {
  const file = newDatabase();
  const older = new SqliteDatabase(file, MIGRATIONS.slice(0, version));
  for (const [sql, ...values] of statements) older.sqlite.prepare(sql).run(...values);
  older.close();
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  return store;
}

const INSERT_SESSION = "INSERT INTO app_session VALUES (?, ?, 'a1', 'ada', 'Ada Lovelace', 1, ?)";

test('the migrations keep the sessions of a version 1 database, and a logout ends them', async () => {
  const tokenHash = sha256(createSessionToken());
  const { sessions } = migrate(1, [INSERT_SESSION, tokenHash, 's1', 1000]);
  expect((await sessions.find(tokenHash, 500))?.account).toEqual(ACCOUNT);
  await sessions.endBySid({ sid: 's1', jti: 'j1', issuedAt: 500 }, 500);
  expect(await sessions.find(tokenHash, 500)).toBeNull();
});

test('the migrations keep the sessions and logouts of a version 2 database, and log later ends', async () => {
  const [active, expired] = [sha256(createSessionToken()), sha256(createSessionToken())];
  const { sessions, endedSessions } = migrate(
    2,
    [INSERT_SESSION, active, 's1', 1000],
    [INSERT_SESSION, expired, 's2', 500],
    ["INSERT INTO logout_token VALUES ('j0', 's0', 1)"],
  );
  expect((await sessions.find(active, 500))?.account).toEqual(ACCOUNT);
  expect(await sessions.endBySid({ sid: 's0', jti: 'j0', issuedAt: 500 }, 500)).toBe(false);
  while (await sessions.purgeExpired(500));
  await sessions.endBySid({ sid: 's1', jti: 'j1', issuedAt: 500 }, 500);
  expect((await endedSessions.readAfter('0')).sids).toEqual(['s2', 's1']);
});

test('a sign-out is kept for 30 days if an older session lacks the end of its SSO session', async () => {
  const tokenHash = sha256(createSessionToken());
  const { sessions, signOuts } = migrate(3, [INSERT_SESSION, tokenHash, 's1', 1000]);
  await sessions.end(tokenHash, 'site', 500);
  expect(await signOuts.isPending(30 * DAY_MS)).toBe(true);
  expect(await signOuts.isPending(30 * DAY_MS + 1)).toBe(false);
});

test('a logout that an earlier version recorded refuses every token of its SSO session', async () => {
  const { sessions } = migrate(4, ["INSERT INTO logout_token VALUES ('j0', 's1', 1)"]);
  const session = newSession({ startedAt: 500, endsAt: 1000, tokenIssuedAt: 500, ssoEndsAt: 2000 });
  const start = () => sessions.start(session, null);
  expect(await start()).toBe(false);
  while (await sessions.purgeExpired(DAY_MS));
  expect(await start()).toBe(true);
});

test('a session from before sign-ins were stored meets no demand, until it is renewed', async () => {
  const tokenHash = sha256(createSessionToken());
  const { sessions } = migrate(5, [
    "INSERT INTO app_session VALUES (?, 's1', 'a1', 'ada', 'Ada Lovelace', 1, 1000, 2000)",
    tokenHash,
  ]);
  const weakest = { authenticatedAt: 0, amr: ['pwd'], groups: [] };
  expect(await sessions.find(tokenHash, 500)).toMatchObject({ account: ACCOUNT, ...weakest });
  const renewed = newSession({ startedAt: 500, groups: ['staff'] });
  await sessions.start(renewed, tokenHash);
  expect(await sessions.find(renewed.tokenHash, 500)).toMatchObject({ groups: ['staff'] });
});
