/** Two instances of an app on one PostgreSQL database, which may fail. */
import { ConfigError, sha256 } from '@samesite-sso/core';
import Fastify, { type FastifyInstance } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { connectTo, runOn } from '../../../test/support/postgres.ts';
import { fakeSso } from './fake-sso.fixture.ts';
import { relyingApp } from './index.ts';
import { postgresOptions } from './postgres-app.fixture.ts';
import { ACCOUNT, ORIGIN, SSO_ORIGIN, serve } from './seeded-session.fixture.ts';

const url = '/session';
const own = { origin: ORIGIN };

type Answer = Awaited<ReturnType<typeof startSession>>;

const cookieOf = (answer: Answer) => String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';

function startSession(at: FastifyInstance, token: string, cookie = '') {
  const headers = { ...own, 'content-type': 'application/json', cookie };
  return at.inject({ method: 'POST', url, headers, payload: { token } });
}

async function serveTwo() {
  const time = { now: Date.now() };
  const clock = () => time.now;
  const sso = await fakeSso(clock);
  const storage = await postgresOptions();
  const options = { ...storage, ssoServerUrl: sso.url, clock };
  const [here, there] = [await serve(options), await serve(options)];
  /** Step 4. @returns the cookie */
  const signIn = async (at: FastifyInstance, sid = 's1', cookie = '') => {
    const answer = await startSession(at, await sso.authenticationToken(sid), cookie);
    expect([answer.statusCode, answer.json().account]).toEqual([201, ACCOUNT]);
    return cookieOf(answer);
  };
  const statusAt = async (at: FastifyInstance, cookie: string) =>
    (await at.inject({ url, headers: { cookie } })).json().status;
  const logOut = async (at: FastifyInstance, token: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = `logout_token=${token}`;
    return (await at.inject({ method: 'POST', url: '/backchannel-logout', headers, payload })).statusCode;
  };
  const signOut = (at: FastifyInstance, cookie: string, query = '') =>
    at.inject({ method: 'DELETE', url: url + query, headers: { ...own, cookie } });
  return { here, there, sso, time, options, signIn, statusAt, logOut, signOut };
}

it('a session that one instance starts is found, renewed and ended by the other', async () => {
  const { here, there, signIn, statusAt, signOut } = await serveTwo();
  const first = await signIn(here);
  expect(await statusAt(there, first)).toBe('signed in');
  const second = await signIn(there, 's1', first);
  expect([await statusAt(here, first), await statusAt(here, second)]).toEqual(['signed out', 'signed in']);
  await signOut(here, second);
  expect(await statusAt(there, second)).toBe('signed out');
});

it('two instances that start on an empty database publish the same key', async () => {
  const options = await postgresOptions();
  const apps = await Promise.all([serve(options), serve(options)]);
  const [first, second] = await Promise.all(apps.map((app) => app.inject('/.well-known/jwks.json')));
  expect(first?.json().keys).toHaveLength(1);
  expect(second?.json()).toEqual(first?.json());
});

it('a logout token that one instance receives is known to both, and is accepted once', async () => {
  const { here, there, sso, signIn, statusAt, logOut } = await serveTwo();
  const cookies = [await signIn(here), await signIn(there)];
  const token = await sso.logoutToken();
  const statuses = await Promise.all([here, there, here, there].map((at) => logOut(at, token)));
  expect(statuses.toSorted()).toEqual([200, 400, 400, 400]);
  for (const cookie of cookies) expect(await statusAt(there, cookie)).toBe('signed out');
});

it('a logout at one instance makes the other refuse a step 4 in progress, but no later token', async () => {
  const { here, there, sso, time, signIn, logOut } = await serveTwo();
  const token = await sso.authenticationToken('s1');
  sso.beforeIntrospection = async () => expect(await logOut(there, await sso.logoutToken())).toBe(200);
  const answer = await startSession(here, token);
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-token']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  sso.beforeIntrospection = async () => {};
  time.now += 1000;
  await signIn(here);
});

it('a sign-out from the site at one instance makes the other refuse step 4, and is delivered', async () => {
  const { here, there, sso, time, signIn, statusAt, signOut } = await serveTwo();
  const cookie = await signIn(here);
  const renewed = await signIn(there, 's1', cookie);
  const answer = await signOut(here, cookie, '?scope=site');
  expect(answer.headers['sign-out-scope']).toBe('site');
  expect(await statusAt(there, renewed)).toBe('signed out');
  time.now += 1000;
  const refused = await startSession(there, await sso.authenticationToken('s1'));
  expect([refused.statusCode, refused.json().code]).toEqual([401, 'invalid-token']);
  await expect.poll(() => sso.requestPaths).toContain('/end-session');
});

it('every instance reports each ended SSO session once, including those that another one ended', async () => {
  const { here, there, sso, options, signIn, logOut, signOut } = await serveTwo();
  const reported = { here: [] as string[], there: [] as string[] };
  here.sso.onSessionEnded((sid) => reported.here.push(sid));
  there.sso.onSessionEnded((sid) => reported.there.push(sid));
  const cookie = await signIn(here, 'signed out');
  await signOut(there, await signIn(here, 'signed out', cookie));
  await signIn(there, 'signed out of the site', await signIn(here, 'replaced'));
  await signOut(here, await signIn(there, 'signed out of the site'), '?scope=site');
  await signIn(here, 'logged out');
  await logOut(there, await sso.logoutToken({ sid: 'logged out' }));
  await signIn(here, 'expired');
  // An instance ends nothing while its clock differs from the database's.
  await runOn(options.database, "UPDATE app_session SET ends_at = 0 WHERE sid = 'expired'");
  const sids = ['expired', 'logged out', 'replaced', 'signed out', 'signed out of the site'];
  const sorted = () => [reported.here.toSorted(), reported.there.toSorted()];
  await expect.poll(sorted, { timeout: 5000 }).toEqual([sids, sids]);
});

const REFUSED_TEXTS = ['\0', 'a\0b', '\ud800', 'a\udc00b'];

it.each(REFUSED_TEXTS)('a token with the text %j, which no row can store, is refused', async (text) => {
  const { here, sso, signIn, statusAt, logOut } = await serveTwo();
  const cookie = await signIn(here);
  for (const claim of ['sid', 'sub', 'jti']) {
    const token = await sso.authenticationToken('s1', { [claim]: text });
    const answer = await startSession(here, token, cookie);
    expect([claim, answer.statusCode, answer.json().code]).toEqual([claim, 401, 'invalid-token']);
    expect([claim, await logOut(here, await sso.logoutToken({ [claim]: text }))]).toEqual([claim, 400]);
  }
  for (const name of ['username', 'name'] as const) {
    sso.names = { username: 'ada', name: 'Ada', [name]: text };
    const answer = await startSession(here, await sso.authenticationToken('s1'), cookie);
    expect([name, answer.statusCode, answer.json().code]).toEqual([name, 401, 'invalid-token']);
  }
  expect(await statusAt(here, cookie)).toBe('signed in');
});

it('the database has the hash of a session token, but not that or the authentication token', async () => {
  const { here, sso, options } = await serveTwo();
  const token = await sso.authenticationToken('s1');
  const sessionToken = cookieOf(await startSession(here, token)).split('=')[1] ?? '';
  const { rows } = await runOn(options.database, 'SELECT database_to_xml(TRUE, FALSE, $1) AS text', ['']);
  expect(rows[0].text).toContain(sha256(sessionToken).toString('base64'));
  for (const secret of [sessionToken, token, token.split('.')[2] ?? '']) {
    expect(rows[0].text).not.toContain(secret);
    expect(rows[0].text).not.toContain(Buffer.from(secret, 'base64url').toString('base64'));
  }
});

it('each request gets 503 within a second while the tables are locked, and works afterwards', async () => {
  const { here, there, sso, options, signIn, statusAt, logOut, signOut } = await serveTwo();
  const cookie = await signIn(here);
  const [token, logoutToken] = [await sso.authenticationToken('s1'), await sso.logoutToken()];
  const other = await connectTo(options.database, onTestFinished);
  await other.query('BEGIN; LOCK TABLE app_session IN ACCESS EXCLUSIVE MODE');
  for (const ask of [
    () => here.inject({ url, headers: { cookie } }),
    () => startSession(there, token, cookie),
    () => signOut(here, cookie),
    () => signOut(here, cookie, '?scope=site'),
  ]) {
    const startedAt = performance.now();
    const answer = await ask();
    expect(performance.now() - startedAt).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable']);
  }
  expect(await logOut(there, logoutToken)).toBe(503);
  await other.query('ROLLBACK');
  expect(await statusAt(here, cookie)).toBe('signed in');
  expect(await logOut(there, logoutToken)).toBe(200);
  expect(await statusAt(here, cookie)).toBe('signed out');
});

it('an instance is not ready while its clock is more than 2 s from the database’s', async () => {
  const { here, time } = await serveTwo();
  time.now = Date.now();
  expect(await here.sso.isReady()).toBe(true);
  time.now += 3000;
  expect(await here.sso.isReady()).toBe(false);
});

it('an app that can’t use its database doesn’t start, and says why without the password', async () => {
  const { database, sealingKeyFile } = await postgresOptions();
  await runOn(database, 'CREATE TABLE of_another_program ()');
  const host = Fastify();
  onTestFinished(() => host.close());
  const options = { origin: ORIGIN, ssoOrigin: SSO_ORIGIN, database, sealingKeyFile };
  const error = await Promise.resolve(host.register(relyingApp, options)).catch((reason) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toMatch(/^postgres:\/\/[^\n]+ tables/);
  expect(error.message).not.toContain(':postgres@');
});
