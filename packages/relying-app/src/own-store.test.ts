import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { AppSessions } from './app-sessions.ts';
import { type AppStore, relyingApp } from './index.ts';
import { ownStore } from './own-store.fixture.ts';
import { ACCOUNT, ORIGIN, SSO_ORIGIN } from './seeded-session.fixture.ts';
import { storeContract } from './storage/contract/index.ts';

test.each(storeContract)('in a store of the app’s own, $title', async ({ run }) => {
  const open = ownStore();
  await run(async () => open());
});

/** @returns the cookie of a session that has just started */
async function signIn(store: AppStore): Promise<string> {
  const now = Date.now();
  const times = { tokenIssuedAt: now, authenticatedAt: now, ssoEndsAt: now + 60_000 };
  const session = { account: ACCOUNT, sid: 's1', amr: ['pwd'] as ['pwd'], groups: ['staff'], ...times };
  const { sessionToken } = await new AppSessions(store, Date.now, 60).start(session, null);
  return `__Host-app=${sessionToken}`;
}

test('an app can bring its own store, and keeps its keys in a file of its own', async () => {
  const open = ownStore();
  const store = { ...open(), close: vi.fn(async () => {}) };
  const keyFile = join(temporaryFolder(), 'app.keys.json');
  const app = Fastify();
  onTestFinished(() => app.close());
  await app.register(relyingApp, { origin: ORIGIN, ssoOrigin: SSO_ORIGIN, store, keyFile });
  expect(existsSync(keyFile)).toBe(true);
  expect(await app.sso.isReady()).toBe(true);

  const headers = { cookie: await signIn(open()), origin: ORIGIN };
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

/** An app whose store returns these members in place of its own, and a request of a session. */
async function serveOlderStore(members: object) {
  const store = ownStore()();
  const find: AppStore['sessions']['find'] = async (tokenHash, now) => {
    const found = await store.sessions.find(tokenHash, now);
    if (found === null) return null;
    const { account, sid, startedAt, endsAt } = found;
    return { account, sid, startedAt, endsAt, ...members };
  };
  const older = { ...store, sessions: { ...store.sessions, find } };
  const app = Fastify();
  onTestFinished(() => app.close());
  const keyFile = join(temporaryFolder(), 'keys.json');
  await app.register(relyingApp, { origin: ORIGIN, ssoOrigin: SSO_ORIGIN, store: older, keyFile });
  return { app, request: { method: 'GET', headers: { cookie: await signIn(store) } } };
}

const weakest = { authenticatedAt: 0, amr: ['pwd'], groups: [] };

test('a store from before sign-ins were stored serves the app, until a route demands one', async () => {
  const { app, request } = await serveOlderStore({});
  expect(await app.sso.requireSession(request)).toMatchObject({ account: ACCOUNT, ...weakest });
  expect(await app.sso.requireSession(request, {})).toMatchObject(weakest);
  for (const demands of [{ maxAge: 600 }, { factors: 1 as const }, { group: 'staff' }]) {
    await expect(app.sso.requireSession(request, demands)).rejects.toThrow(
      "the app's store returns no authenticatedAt, amr and groups",
    );
  }
});

test('a session from before the store kept sign-ins meets no demand', async () => {
  const { app, request } = await serveOlderStore({ authenticatedAt: null, amr: null, groups: null });
  expect(await app.sso.findSession(request)).toMatchObject({ account: ACCOUNT, ...weakest });
  for (const [demands, code] of [
    [{ maxAge: 600 }, 'insufficient-user-authentication'],
    [{ factors: 2 as const }, 'insufficient-user-authentication'],
    [{ group: 'staff' }, 'not-permitted'],
  ] as const) {
    await expect(app.sso.requireSession(request, demands)).rejects.toMatchObject({ code });
  }
});
