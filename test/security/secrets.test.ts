/**
 * The attacker reads databases, a backup, logs, errors, URLs, and the traffic between the servers. They look
 * for a password, a session token, an authentication token, or a private key. For the secrets that a page
 * keeps, see e2e/stories/secrets.spec.ts.
 */
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { APP_PATHS, PROBLEMS, SSO_PATHS } from '@samesite-sso/protocol';
import Sqlite from 'better-sqlite3';
import Fastify from 'fastify';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { outcomeOf } from '../../apps/sso/src/administration/administration.fixture.ts';
import { relyingApp } from '../../packages/relying-app/src/index.ts';
import { afterAllTests } from '../support/at-end.ts';
import { ADA, Browser } from '../support/browser.ts';
import { site } from '../support/site.ts';
import { administer } from './administer.ts';
import { NEW_PASSWORD, recordVisit, type Visit } from './record-visit.ts';

let seen: Visit;
/** The content and mode of every file of the site, by name. */
const files = new Map<string, { content: Buffer; mode: number }>();
let audit: string;
let broken: Readonly<Record<string, unknown>>;

const atEnd = afterAllTests();

beforeAll(async () => {
  seen = await recordVisit(atEnd);
  const { site, folder } = seen;
  const environment = { SSO_DATABASE: join(folder, 'sso.db') };
  expect(await outcomeOf(['backup', join(folder, 'backup.db')], environment)).toMatchObject({ status: 0 });
  audit = (await outcomeOf(['audit', '--json'], environment)).stdout;

  // An internal error in a request with a password.
  const sqlite = new Sqlite(environment.SSO_DATABASE);
  sqlite.exec('ALTER TABLE sso_session RENAME TO lost');
  broken = (await new Browser(site, { ...ADA, password: NEW_PASSWORD }).logIn()).body;
  sqlite.exec('ALTER TABLE lost RENAME TO sso_session');
  sqlite.close();
  // The log line is written after the response.
  await vi.waitUntil(() => site.sso.log().some((line) => line.includes('no such table')), 10_000);

  // The servers still run: recent changes are in the write-ahead logs.
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(entry.name, { content: readFileSync(file), mode: statSync(file).mode & 0o777 });
  }
}, 60_000);

const contentOf = (name: string) => files.get(name)?.content ?? Buffer.alloc(0);

/** A secret in every encoding in which it could be written, and a token's signature by itself. */
function spellings(secret: string): Buffer[] {
  const texts = [
    secret,
    encodeURIComponent(secret),
    ...(secret.startsWith('ey') ? [secret.split('.')[2] ?? secret] : []),
  ];
  const bytes = texts.map((text) => Buffer.from(text));
  return [
    ...bytes,
    Buffer.from(secret, 'utf16le'),
    ...bytes.flatMap((each) => [
      Buffer.from(each.toString('hex')),
      Buffer.from(each.toString('base64').replace(/.?=*$/, '')),
    ]),
  ];
}

function expectNone(secrets: ReadonlyMap<string, string>, content: Buffer, where: string): void {
  for (const [what, secret] of secrets) {
    expect(secret.length, what).toBeGreaterThan(10);
    for (const spelling of spellings(secret))
      expect(content.includes(spelling), `${what} in ${where}`).toBe(false);
  }
}

test('no database, backup, or log contains a secret of a visit [T-SECRET-01, T-SECRET-05]', () => {
  expect([...seen.secrets.keys()].join()).toMatch(/SSO cookie.*app cookie.*client_assertion.*logout_token/);
  expect([...files.keys()]).toEqual(
    expect.arrayContaining([
      ...['sso.db', 'sso.db-wal', 'foo.db', 'foo.db-wal', 'lorem.db', 'backup.db'],
      ...['sso.db.keys.json', 'backup.db.keys.json', 'sso.log', 'foo.log'],
    ]),
  );
  for (const [name, { content }] of files) expectNone(seen.secrets, content, name);

  // The search works: it finds the hash of a cookie, which is stored.
  const cookie = [...seen.secrets].findLast(([what]) => what.startsWith('SSO cookie'))?.[1] ?? '';
  const database = Buffer.concat([contentOf('sso.db'), contentOf('sso.db-wal')]);
  expect(database.includes(createHash('sha256').update(cookie).digest())).toBe(true);
});

test('the log line of a sign-in has the account only after a right password', () => {
  const lines = seen.site.sso.log().flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const ofSignIns = lines.filter(({ route, address }) => route === '/' && address !== undefined);
  const [right, wrong] = [200, 401].map((status) => ofSignIns.filter((line) => line.status === status));
  expect(right?.length).toBeGreaterThan(0);
  expect(wrong?.length).toBeGreaterThan(0);
  for (const line of ofSignIns) expect(line.address).toBe('127.0.0.1');
  for (const line of right ?? []) expect(line.accountId).toMatch(/^[\w-]+$/);
  for (const line of wrong ?? []) expect(line).not.toHaveProperty('accountId');
});

test('no response, URL, or audit record contains a secret of a visit [T-SECRET-05]', () => {
  const { secrets, recorded, responses } = seen;
  expectNone(secrets, Buffer.from(audit), 'the audit trail');
  expect(audit).toContain('password changed');
  for (const { url, response } of recorded) expectNone(secrets, Buffer.from(url + response), url);
  for (const { headers, body } of responses) {
    expectNone(secrets, Buffer.from(JSON.stringify(headers) + body), 'a response');
  }
  expect(new Set(recorded.map(({ url }) => url))).toEqual(
    new Set([SSO_PATHS.introspection, SSO_PATHS.keys, APP_PATHS.backchannelLogout]),
  );
});

test('an internal error is described in the log only [T-SECRET-06]', () => {
  expect(broken).toEqual({
    type: 'urn:problem-type:samesite-sso:internal-error',
    ...PROBLEMS['internal-error'],
    code: 'internal-error',
  });
  expect(contentOf('sso.log').toString()).toMatch(/internal-error: .*no such table/);
});

test('password hashes and private keys are only in their files, readable by the owner [T-SECRET-01]', () => {
  for (const [name, { content, mode }] of files) {
    if (!/^(sso|backup)\.db(-wal)?$/.test(name)) expect(content.includes('$argon2'), name).toBe(false);
    if (name.includes('.db')) expect(mode.toString(8), name).toBe('600');
  }
  for (const owner of ['sso', 'foo', 'lorem']) {
    const keyFile = `${owner}.db.keys.json`;
    const { keys } = JSON.parse(String(contentOf(keyFile))) as { keys: { d: string }[] };
    const privateKeys = new Map(keys.map(({ d }, index) => [`key ${index} of ${owner}`, d]));
    expect(privateKeys.size).toBeGreaterThan(0);
    for (const [name, { content }] of files) {
      const isCopy = owner === 'sso' && name === 'backup.db.keys.json';
      if (name !== keyFile && !isCopy) expectNone(privateKeys, content, name);
    }
    for (const { response } of seen.recorded) expectNone(privateKeys, Buffer.from(response), 'a response');
  }
});

test.each(['', '-wal', '-shm'])(
  'no server or command uses a database whose file%s others can read [T-SECRET-02]',
  async (suffix) => {
    const at = await site();
    const before = await at.state();
    for (const { database } of [at.sso, at.foo]) chmodSync(database + suffix, 0o644);
    const error = ({ database }: { database: string }) =>
      `${database}${suffix} is open to others (mode 644); run chmod 600 ${database}${suffix}`;

    const stderr = `error: SSO_DATABASE: ${error(at.sso)}\n`;
    for (const command of ['account list', 'session end --all', 'audit', `backup ${at.sso.database}.copy`]) {
      const outcome = await administer(at, ...command.split(' '));
      expect(outcome, command).toEqual({ status: 1, stdout: '', stderr });
    }
    const app = Fastify();
    onTestFinished(() => app.close());
    const options = { origin: at.foo.origin, ssoOrigin: at.sso.origin, database: at.foo.database };
    await expect(app.register(relyingApp, options)).rejects.toThrow(error(at.foo));
    expect(await at.state()).toEqual(before);
  },
);

test('no response reveals software names, stacks, or paths [T-SECRET-06]', () => {
  for (const { headers, body } of seen.responses) {
    expect([headers['server'], headers['x-powered-by'], headers['via']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(body).not.toMatch(/node_modules|fastify|sqlite|\.ts\b|\bat .*:\d+|FST_|SQLITE_/i);
  }
});
