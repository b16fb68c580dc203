/**
 * Upgrades from every earlier schema version with data in every table: no data is lost, and no ended session
 * or redeemed token becomes valid again.
 */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSessionToken, sha256 } from '@samesite-sso/core';
import { COOKIES } from '@samesite-sso/protocol';
import type Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MIGRATIONS as SSO_MIGRATIONS } from '../../apps/sso/src/storage/sqlite/schema.ts';
import { MIGRATIONS as APP_MIGRATIONS } from '../../packages/relying-app/src/storage/sqlite/schema.ts';
import { freePort } from '../../scripts/site/ports.ts';
import { SiteProcess } from '../../scripts/site/site-process.ts';
import { sealingKeyFileOf } from '../../scripts/site/site-settings.ts';
import { ADA, GRACE } from '../support/browser.ts';
import { send } from '../support/http.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { expectIntegrity } from './invariants.ts';
import {
  emptyTables,
  insert,
  replaceDatabase,
  versionOf,
  versionsOf,
  type Writings,
} from './old-databases.ts';
import { oldSsoService, replaceKeysByVersion01 } from './old-sso.ts';

const HOUR_MS = 3_600_000;
const WITHIN_10_S = { timeout: 10_000 };
/** Sessions with a token each: enough that the migration doesn't fit into SQLite's page cache. */
const SESSION_COUNT = 100_000;

describe('the SSO service', () => {
  test.each(versionsOf(SSO_MIGRATIONS))(
    'goes on from version %i of its database [T-CRASH-06]',
    async (version) => {
      const site = await runningSite();
      const { sso, foo, ipsum } = site;
      const { writings, sessions, tokens, assertion } = await oldSsoService(site);
      const file = site.databaseOf('sso');
      await replaceDatabase(sso, file, { migrations: SSO_MIGRATIONS, version, writings });
      expect(await emptyTables(file), 'each table holds what the upgrade could lose').toEqual([]);
      if (version === 1) replaceKeysByVersion01(site);
      await sso.start();
      expect(versionOf(file)).toBe(SSO_MIGRATIONS.length);
      expectIntegrity(file);

      const person = site.person();
      person.cookies.set(site.sso, `${COOKIES.sso}=${sessions.active.secret}`);
      expect((await person.loginStatus()).body).toMatchObject({
        status: 'signed in',
        account: { username: 'ada' },
      });
      const late = site.person();
      late.cookies.set(site.sso, `${COOKIES.sso}=${sessions.overdue.secret}`);
      expect((await late.loginStatus()).body).toEqual({ status: 'signed out' });

      const isActive = async (token: string) => (await ipsum.introspect(sso, token)).body['active'];
      expect(await isActive(tokens.redeemed)).toBe(false);
      expect([await isActive(tokens.atIpsum), await isActive(tokens.atIpsum)]).toEqual([true, false]);
      expect((await ipsum.introspect(sso, tokens.atIpsum, assertion)).status).toBe(401);
      expect((await person.redeem(foo, tokens.atFoo)).status).toBe(201);

      expect((await site.person(ADA).logIn()).status, 'passwords are unchanged').toBe(200);
      expect((await site.person(GRACE).logIn()).status, 'earlier failures still count').toBe(429);
      await person.logOut();
      const ended = version >= 2 ? [sessions.ended.sid, sessions.active.sid] : [sessions.active.sid];
      await expect.poll(() => ipsum.sids(), WITHIN_10_S).toEqual(expect.arrayContaining(ended));
      await expect
        .poll(async () => (await person.appSession(foo)).body, WITHIN_10_S)
        .toEqual({ status: 'signed out' });
    },
  );

  test('is upgraded once when two processes start at the same time [T-CRASH-06]', async () => {
    const site = await runningSite();
    const { sessions } = await withMany(site);
    const second = await anotherProcess(site);
    await Promise.all([site.sso.start(), second.start()]);
    await second.stop();
    expectIntegrity(site.databaseOf('sso'));
    const person = site.person();
    person.cookies.set(site.sso, `${COOKIES.sso}=${sessions.active.secret}`);
    expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
  });

  test('keeps its database when killed during an upgrade, and upgrades later [T-CRASH-06]', async () => {
    const site = await runningSite();
    const file = site.databaseOf('sso');
    let secret = '';
    do secret = (await withMany(site)).sessions.active.secret;
    while (!(await killedWithinUpgrade(site)));
    expect(versionOf(file)).toBe(1);
    expectIntegrity(file);
    await site.sso.start();
    expect(versionOf(file)).toBe(SSO_MIGRATIONS.length);
    expectIntegrity(file);
    const person = site.person();
    person.cookies.set(site.sso, `${COOKIES.sso}=${secret}`);
    expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
  });
});

describe('an app', () => {
  test.each(versionsOf(APP_MIGRATIONS))(
    'goes on from version %i of its database [T-CRASH-06]',
    async (version) => {
      const site = await runningSite();
      const { foo } = site;
      const person = site.person();
      await person.logIn();
      await person.signInAt(foo);
      const old = oldApp();
      const file = site.databaseOf('foo');
      await replaceDatabase(foo, file, { migrations: APP_MIGRATIONS, version, writings: old.writings });
      expect(await emptyTables(file), 'each table holds what the upgrade could lose').toEqual([]);
      await foo.start();
      expect(versionOf(file)).toBe(APP_MIGRATIONS.length);
      expectIntegrity(file);

      const meOf = (secret: string) =>
        send(foo, { path: '/api/me', headers: { cookie: `${COOKIES.app}=${secret}` } });
      expect((await meOf(old.living)).body).toMatchObject({ account: { id: 'account of ada' } });
      expect((await meOf(old.overdue)).status).toBe(401);
      expect((await person.signInAt(foo)).status, 'its keys are unchanged').toBe(201);
      await person.logOut();
      await expect
        .poll(async () => (await person.appSession(foo)).body, WITHIN_10_S)
        .toEqual({ status: 'signed out' });
      expect((await meOf(old.living)).status, 'another session goes on').toBe(200);
    },
  );
});

test.each(['sso', 'foo'] as const)(
  '%s refuses a database of a later version and doesn’t change it [T-CRASH-05]',
  async (name) => {
    const site = await runningSite();
    const file = site.databaseOf(name);
    const migrations = [
      ...(name === 'sso' ? SSO_MIGRATIONS : APP_MIGRATIONS),
      'CREATE TABLE later (it TEXT)',
    ];
    await replaceDatabase(site[name], file, { migrations, version: migrations.length, writings: {} });
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => said.mockRestore());
    await expect(site[name].start()).rejects.toThrow(`${name} ended with status 1`);
    const known = migrations.length - 1;
    const variable = name === 'sso' ? 'SSO_DATABASE' : 'APP_DATABASE';
    const reason =
      `can't start: ${variable}: ${file} can't be used as a database: ` +
      `its schema version is ${known + 1}, but this program supports only up to ${known}\n`;
    expect(said.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining(reason)]);
    expect([versionOf(file), await emptyTables(file)]).toEqual([
      migrations.length,
      expect.arrayContaining(['later']),
    ]);
  },
);

/** Installs a database of version 1 whose upgrade takes a long time. */
async function withMany(site: RunningSite) {
  const old = await oldSsoService(site);
  const writings: Writings = {
    1: (database) => {
      old.writings[1]?.(database);
      insertMany(database, site.lorem.origin);
    },
  };
  const file = site.databaseOf('sso');
  await replaceDatabase(site.sso, file, { migrations: SSO_MIGRATIONS, version: 1, writings });
  return old;
}

/** Kills the service while its upgrade isn't committed. @returns false if that came too late */
async function killedWithinUpgrade({ sso, databaseOf }: RunningSite): Promise<boolean> {
  const file = databaseOf('sso');
  let isReady = false;
  const start = sso.start().then(
    () => {
      isReady = true;
    },
    () => {},
  );
  const written = () => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  while (!isReady && written() < 1_000_000) await delay(1);
  await sso.end('SIGKILL');
  await start;
  return versionOf(file) === 1;
}

function insertMany(database: Sqlite.Database, app: string): void {
  const rows = `WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row LIMIT ${SESSION_COUNT})`;
  const [now, end] = [Date.now(), Date.now() + HOUR_MS];
  const { id } = database.prepare<[], { id: string }>('SELECT id FROM account').get() ?? { id: '' };
  database
    .prepare(`${rows} INSERT INTO sso_session SELECT 'session ' || n, randomblob(32), ?, ?, ?, ? FROM row`)
    .run(id, now, now, end);
  database
    .prepare(
      `${rows} INSERT INTO authentication_token SELECT randomblob(32), ?, 'session ' || n, ?, NULL FROM row`,
    )
    .run(app, end);
}

/** A second process of the SSO service with the same files. */
async function anotherProcess(site: RunningSite): Promise<SiteProcess> {
  const port = await freePort();
  const second = new SiteProcess({
    name: 'sso',
    origin: site.sso.origin,
    address: `http://127.0.0.1:${port}`,
    authorityFile: null,
    logFile: join(site.folder, 'log', 'second.log'),
    command: ['apps/sso/src/main.ts'],
    environment: {
      SSO_ORIGIN: site.sso.origin,
      SSO_LISTEN: `127.0.0.1:${port}`,
      SSO_DATABASE: site.databaseOf('sso'),
      SSO_APPS: join(site.folder, 'apps.json'),
      SSO_SEALING_KEY_FILE: sealingKeyFileOf(site),
    },
  });
  onTestFinished(async () => {
    if (second.pid !== null) await second.end('SIGKILL');
  });
  return second;
}

function oldApp() {
  const [living, overdue] = [createSessionToken(), createSessionToken()];
  const now = Date.now();
  const writings: Writings = {
    1: (database) => {
      const ada = { account_id: 'account of ada', username: 'ada', display_name: 'Ada Lovelace' };
      const session = (secret: string, ends_at: number) => {
        return { ...ada, secret_hash: sha256(secret), sid: randomUUID(), started_at: now - HOUR_MS, ends_at };
      };
      insert(database, 'app_session', session(living, now + HOUR_MS), session(overdue, now));
    },
    2: (database) => {
      insert(database, 'logout_token', { jti: randomUUID(), sid: randomUUID(), received_at: now });
    },
    3: (database) => {
      insert(database, 'ended_session', { sid: randomUUID(), ended_at: now });
    },
    4: (database) => {
      insert(database, 'site_sign_out', { sid: randomUUID(), ends_at: now + HOUR_MS });
      database
        .prepare('INSERT INTO replaced_session VALUES (?, ?, ?, ?)')
        .run(sha256(createSessionToken()), randomUUID(), now + HOUR_MS, now);
    },
  };
  return { living, overdue, writings };
}
