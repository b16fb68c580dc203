import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { AppSessions } from './app-sessions.ts';
import { relyingApp } from './index.ts';
import { ownStore } from './own-store.fixture.ts';
import { ACCOUNT, ORIGIN, SSO_ORIGIN } from './seeded-session.fixture.ts';
import { storeContract } from './storage/contract/index.ts';

test.each(storeContract)('in a store of the app’s own, $title', async ({ run }) => {
  const open = ownStore();
  await run(async () => open());
});

test('an app can bring its own store, and keeps its keys in a file of its own', async () => {
  const open = ownStore();
  const store = { ...open(), close: vi.fn(async () => {}) };
  const keyFile = join(temporaryFolder(), 'app.keys.json');
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(relyingApp, { origin: ORIGIN, ssoOrigin: SSO_ORIGIN, store, keyFile });
  expect(existsSync(keyFile)).toBe(true);
  expect(await app.sso.isReady()).toBe(true);

  const signIn = { account: ACCOUNT, sid: 's1', tokenIssuedAt: Date.now(), ssoEndsAt: Date.now() + 60_000 };
  const { sessionToken } = await new AppSessions(open(), Date.now, 60).start(signIn, null);
  const headers = { cookie: `__Host-app=${sessionToken}`, origin: ORIGIN };
  const fetchSession = async () => (await app.inject({ url: '/session', headers })).json();
  expect(await fetchSession()).toEqual({ status: 'signed in', account: ACCOUNT });
  await app.inject({ method: 'DELETE', url: '/session?scope=site', headers });
  expect(await fetchSession()).toEqual({ status: 'signed out' });
  expect(await open().signOuts.has('s1')).toBe(true);
  await app.close();
  expect(store.close).toHaveBeenCalledTimes(1);
});

test('a failing store makes requests fail with 503, and is closed if the app can’t start', async () => {
  const open = ownStore();
  const fail = async () => {
    throw new Error('gone');
  };
  const failing = { ...open(), endedSessions: { ...open().endedSessions, position: fail } };
  const store = { ...failing, close: vi.fn(async () => {}) };
  const options = { origin: ORIGIN, ssoOrigin: SSO_ORIGIN, keyFile: join(temporaryFolder(), 'keys.json') };
  const app = Fastify();
  await expect(app.register(relyingApp, { ...options, store })).rejects.toThrow('gone');
  expect(store.close).toHaveBeenCalledTimes(1);

  const other = Fastify();
  onTestFinished(() => other.close());
  const sessions = { ...open().sessions, find: fail };
  await other.register(relyingApp, { ...options, store: { ...open(), sessions } });
  const headers = { cookie: `__Host-app=${'x'.repeat(43)}` };
  const answer = await other.inject({ url: '/session', headers });
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable']);
});
