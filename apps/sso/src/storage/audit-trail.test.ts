import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addGrace } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  ADA,
  FOO,
  OPERATOR,
  PASSWORD,
  type TestService,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import { AUDIT_KINDS } from './audit-store.ts';
import type { SignInProof } from './stores.ts';

const TOKEN = { request: 'authentication token' };
const WRONG = { request: 'login', username: 'ada', password: 'not the password of ada' };
const IP = '192.0.2.1';

/** All records after `account added`. */
async function trail({ stores }: TestService) {
  const records = await allRows(stores.audit.pages({ limit: 1000 }));
  return records.slice(1).map(({ id, at, ...record }) => record);
}

const byPerson = { actor: 'person', address: IP, sid: null, app: null, detail: null };
const ofAda = { ...byPerson, accountId: ADA.id, username: 'ada' };

test('the audit trail has login, session, token and sign-out, with actor and reason', async () => {
  const service = await testService();
  const cookie = await service.logIn();
  const sid = (await allRows(service.stores.sessions.pages()))[0]?.sid ?? '';
  await service.post(TOKEN, { cookie });
  await service.post({ request: 'logout' }, { cookie });
  expect(await trail(service)).toEqual([
    { ...ofAda, kind: 'login succeeded', detail: 'with a password' },
    { ...ofAda, kind: 'session started', sid },
    { ...ofAda, kind: 'token issued', sid, app: FOO },
    { ...ofAda, kind: 'session ended', sid, detail: 'signed out' },
  ]);
});

test('a login to another account is recorded as the reason why it ends the session', async () => {
  const service = await testService();
  await addGrace(service.stores);
  const grace = { request: 'login', username: 'grace', password: PASSWORD };
  await service.post(grace, { cookie: await service.logIn() });
  const ended = (await trail(service)).filter(({ kind }) => kind === 'session ended');
  expect(ended).toEqual([
    { ...ofAda, kind: 'session ended', sid: expect.any(String), detail: 'replaced by a new login' },
  ]);
});

test('a login in a session of the same account is recorded with that session', async () => {
  const service = await testService();
  await service.logIn(await service.logIn());
  const sid = (await allRows(service.stores.sessions.pages()))[0]?.sid ?? '';
  expect((await trail(service)).slice(2)).toEqual([
    { ...ofAda, kind: 'login succeeded', detail: 'with a password' },
    { ...ofAda, kind: 'session reauthenticated', sid, detail: 'with a password' },
  ]);
});

describe('a failed login', () => {
  test('names the account of that username', async () => {
    const service = await testService();
    await service.post({ ...WRONG, username: 'ＡDA' });
    expect(await trail(service)).toEqual([{ ...ofAda, kind: 'login failed' }]);
  });

  test('records nothing of a username without an account: it may be a password', async () => {
    const service = await testService();
    await service.post({ ...WRONG, username: 'my password, typed into the wrong field' });
    expect(await trail(service)).toEqual([
      { ...byPerson, kind: 'login failed', accountId: null, username: null },
    ]);
  });
});

test('refused sign-ins are recorded by widest network, at the latest when the service stops', async () => {
  const service = await testService();
  for (let host = 1; host <= 15; host += 1) await service.post(WRONG, { ip: `2001:db8::${host}` });
  expect((await trail(service)).map(({ kind }) => kind)).toEqual(Array(10).fill('login failed'));
  await service.app.close();
  expect((await trail(service)).slice(10)).toEqual([
    {
      ...byPerson,
      actor: 'service',
      kind: 'login throttled',
      address: '2001:db8::/48',
      accountId: null,
      username: null,
      detail: 'sign-ins refused: 5 (limit: 10 failures for one account from one /64)',
    },
  ]);
});

test('only the audit trail reveals that an account is disabled', async () => {
  const service = await testService();
  await service.stores.accounts.disable(ADA.id, OPERATOR);
  await service.logIn();
  expect((await trail(service)).at(-1)).toEqual({
    ...ofAda,
    kind: 'login failed',
    detail: 'the account is disabled',
  });
});

test('no audit record contains a password, a cookie, a token or a typed username', async () => {
  const service = await testService();
  const cookie = await service.logIn();
  const { token } = (await service.post(TOKEN, { cookie })).json();
  await service.post({ ...WRONG, username: 'typed into the wrong field' });
  const written = JSON.stringify(await allRows(service.stores.audit.pages({ limit: 1000 })));
  expect(written).toContain('token issued');
  const sessionToken = cookie.split('=')[1] ?? 'no cookie';
  for (const word of [PASSWORD, WRONG.password, 'wrong field', sessionToken, token, 'argon2']) {
    expect(written).not.toContain(word);
  }
});

test('an audit record can’t be changed, not even by the database’s owner', async () => {
  const { config, logIn } = await testService();
  await logIn();
  const sqlite = new Sqlite(config.database);
  onTestFinished(() => void sqlite.close());
  expect(() => sqlite.exec("UPDATE audit_record SET kind = 'login failed'")).toThrow(/never changed/);
});

test('every audit kind is recorded somewhere, and no other', () => {
  const folder = fileURLToPath(new URL('../', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (name) => name.endsWith('.ts') && !/\.(test|test-suite|fixture)\.ts$|contract|audit-store/.test(name),
    )
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  // Some are written by SQL, after the time.
  const writes = /(?:(?:kind|overloaded|'too-many-attempts'): |SELECT :at(?:::bigint)?, )'([\w ]+)'/g;
  const recorded = sources.flatMap((source) => [...source.matchAll(writes)].map(([, kind]) => kind));
  const proofs: SignInProof['kind'][] = ['password', 'authenticator', 'recovery code', 'passkey'];
  expect([...new Set(recorded)].sort()).toEqual([...AUDIT_KINDS, ...proofs].sort());
});
