/** Opens databases of every earlier schema version, with people signed in. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSessionToken, sha256 } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, FOO, NO_REQUIREMENT, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import { charactersThatMayChange } from '../../accounts/characters.fixture.ts';
import { caseFold, usernameKey } from '../../accounts/username.ts';
import { openSqliteStores } from './open-stores.ts';
import { MIGRATIONS } from './schema.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const CONTEXT = { at: NOW, actor: 'person', address: null };

/** A database of schema version 1. */
function version1() {
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  writeFileSync(file, '', { mode: 0o600 });
  const sqlite = new Sqlite(file);
  sqlite.exec(MIGRATIONS[0] ?? '');
  sqlite.pragma('user_version = 1');
  const [sessionToken, token] = [createSessionToken(), randomBytes(32)];
  sqlite
    .prepare('INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)')
    .run(ADA.id, ADA.username, ADA.username, ADA.displayName, 'a hash', NOW - 1000);
  sqlite
    .prepare('INSERT INTO sso_session VALUES (?, ?, ?, ?, ?, ?)')
    .run('sid of ada', sha256(sessionToken), ADA.id, NOW - 500, NOW - 100, NOW + 10_000);
  sqlite
    .prepare('INSERT INTO authentication_token VALUES (?, ?, ?, ?, NULL)')
    .run(token, FOO, 'sid of ada', NOW + 5000);
  sqlite.prepare('INSERT INTO login_failure VALUES (?, ?, ?)').run(sha256('ada'), '192.0.2.1', NOW - 10);
  sqlite.close();
  return { file, sessionToken, token };
}

test('a database of version 1 keeps its rows, and its apps get logout notices', async () => {
  const { file, sessionToken, token } = version1();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  expect(await stores.accounts.findCredentials('ada')).toEqual({
    account: ADA,
    passwordHash: 'a hash',
    passwordVersion: 1,
    isImported: true, // It doesn't have our parameters.
    isDisabled: false,
  });
  expect(await stores.sessions.find(sha256(sessionToken))).toMatchObject({
    sid: 'sid of ada',
    account: ADA,
    authenticatedAt: NOW - 500, // When it started.
    amr: ['pwd'],
  });
  expect(await allRows(stores.sessions.pages(ADA.id))).toMatchObject([
    { address: null, userAgent: '', apps: [FOO] },
  ]);
  const assertion = { app: FOO, jti: 'a jti', expiresAt: NOW + 5000 };
  expect(await stores.tokens.redeem(token, assertion, NO_REQUIREMENT, 0, CONTEXT)).toMatchObject({
    session: { sid: 'sid of ada' },
  });
  await stores.sessions.end({ sids: ['sid of ada'] }, 'signed out', CONTEXT);
  expect(await stores.logoutNotices.due(FOO, 'a test', NOW, 10)).toMatchObject([{ sid: 'sid of ada' }]);
});

test('the schema’s version is the number of migrations, and opening it again changes nothing', () => {
  const { file } = version1();
  openSqliteStores(file).close();
  const schemaOf = () => {
    const sqlite = new Sqlite(file, { readonly: true });
    const schema = sqlite.prepare('SELECT sql FROM sqlite_schema ORDER BY name').pluck().all();
    const version = sqlite.pragma('user_version', { simple: true });
    sqlite.close();
    return { schema, version };
  };
  const before = schemaOf();
  expect(before.version).toBe(MIGRATIONS.length);
  openSqliteStores(file).close();
  expect(schemaOf()).toEqual(before);
});

test('an account with a key from before capital ẞ was folded is found by its username', async () => {
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  writeFileSync(file, '', { mode: 0o600 });
  const sqlite = new Sqlite(file);
  for (const script of MIGRATIONS.slice(0, 2)) sqlite.exec(script);
  sqlite.pragma('user_version = 2');
  const add = sqlite.prepare(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES (?, ?, ?, '', '', 0)`,
  );
  add.run('1', 'STRAẞE', 'straße');
  add.run('2', 'MAẞE', 'maße');
  add.run('3', 'masse', 'masse');
  sqlite.close();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  expect(await stores.accounts.find(usernameKey('STRAẞE'))).toMatchObject({ id: '1' });
  expect(await stores.accounts.find(usernameKey('MAẞE'))).toMatchObject({ id: '3' });
  expect(await allRows(stores.accounts.pages())).toHaveLength(3);
});

test('notices of expired sessions take no turns, not even those of an earlier version', async () => {
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  writeFileSync(file, '', { mode: 0o600 });
  const sqlite = new Sqlite(file);
  for (const script of MIGRATIONS.slice(0, 9)) sqlite.exec(script);
  sqlite.pragma('user_version = 9');
  const add = sqlite.prepare(
    `INSERT INTO logout_notice (app, sid, account_id, ended_by_time, due_at, give_up_at, turn)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  add.run(FOO, 'expired first', ADA.id, 1, NOW - 3, NOW + 10_000, 2);
  add.run(FOO, 'expired last', ADA.id, 1, NOW - 1, NOW + 10_000, 0);
  add.run(FOO, 'ended in turn 1', ADA.id, 0, NOW - 2, NOW + 10_000, 1);
  add.run(FOO, 'ended in turn 0', ADA.id, 0, NOW - 1, NOW + 10_000, 0);
  sqlite.close();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  const due = await stores.logoutNotices.due(FOO, 'a test', NOW, 10);
  const ended = ['ended in turn 0', 'ended in turn 1'];
  expect(due.map(({ sid }) => sid)).toEqual([...ended, 'expired first', 'expired last']);
});

test('the notices of version 10 stay, and apps that were loaded then keep their servers', async () => {
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  writeFileSync(file, '', { mode: 0o600 });
  const sqlite = new Sqlite(file);
  for (const script of MIGRATIONS.slice(0, 10)) sqlite.exec(script);
  sqlite.pragma('user_version = 10');
  sqlite
    .prepare(
      `INSERT INTO logout_notice (id, app, sid, account_id, ended_by_time, attempts, due_at, give_up_at, turn)
       VALUES (7, ?, 'sid', ?, 0, 2, ?, ?, 3)`,
    )
    .run(FOO, ADA.id, NOW - 1, NOW + 10_000);
  const apps = JSON.stringify([{ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' }]);
  sqlite.prepare('INSERT INTO loaded_registry VALUES (?, ?, ?)').run('an instance', apps, NOW);
  sqlite.close();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  const notice = {
    id: 7,
    app: FOO,
    sid: 'sid',
    accountId: ADA.id,
    attempts: 2,
    issuedAt: expect.any(Number),
  };
  const due = await stores.logoutNotices.due(FOO, 'a holder', NOW, 10);
  expect(due).toEqual([notice]);
  // The time of the app's last token is unknown. Its logout token must not be older than that.
  expect(due[0]?.issuedAt).toBeGreaterThan(Date.now() - 60_000);
  expect(await stores.registry.servers()).toEqual(new Map([[FOO, 'http://127.0.0.1:4001']]));
});

test('a username with an invisible character is found, unless its key is taken', async () => {
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  writeFileSync(file, '', { mode: 0o600 });
  const sqlite = new Sqlite(file);
  for (const script of MIGRATIONS.slice(0, 6)) sqlite.exec(script);
  sqlite.pragma('user_version = 6');
  const add = sqlite.prepare(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES (:id, :name, :name, '', '', 0)`,
  );
  const names = [
    'ada',
    'ada\ufe0f',
    'gr\u{e0100}a\u034fce\u{e01ef}\u2800',
    '\u2800joan',
    'a\u2800b',
    'zoë',
    '李',
  ];
  for (const name of names) add.run({ id: name, name });
  sqlite.close();
  const stores = openSqliteStores(file);
  onTestFinished(() => stores.close());
  for (const name of names) {
    const id = name === 'ada\ufe0f' ? 'ada' : name;
    expect(await stores.accounts.find(usernameKey(name)), name).toMatchObject({ id });
  }
  expect(await allRows(stores.accounts.pages())).toHaveLength(names.length);
});

test('for every username that was allowed before, the migrated key is the present one', async () => {
  const file = path.join(temporaryFolder(), 'sso.sqlite');
  writeFileSync(file, '', { mode: 0o600 });
  const sqlite = new Sqlite(file);
  for (const script of MIGRATIONS.slice(0, 6)) sqlite.exec(script);
  sqlite.pragma('user_version = 6');
  const add = sqlite.prepare(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     VALUES (:name, :name, :key, '', '', 0)`,
  );
  const formerlyAllowed: string[] = [];
  for (const character of charactersThatMayChange()) {
    const name = `${character.codePointAt(0)}${character}x`.normalize('NFKC');
    if (!/[\p{C}\p{Z}]/u.test(name)) formerlyAllowed.push(name);
  }
  const addAll = sqlite.transaction(() => {
    for (const name of formerlyAllowed) add.run({ name, key: caseFold(name) });
  });
  addAll();
  sqlite.close();
  openSqliteStores(file).close();
  const migrated = new Sqlite(file, { readonly: true });
  const rows = migrated.prepare<[], { username: string; key: string }>(
    'SELECT username, username_key AS key FROM account',
  );
  const wrong = rows.all().filter(({ username, key }) => key !== usernameKey(username));
  migrated.close();
  expect(formerlyAllowed.length).toBeGreaterThan(100_000);
  expect(wrong).toEqual([]);
});
