/** The round trips that each step takes, and a connection that is lost while the server commits. */
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { type TcpProxy, tcpProxy } from '../../../../../test/support/tcp-proxy.ts';
import { postgresOptions } from '../../postgres-app.fixture.ts';
import type { AppStore } from '../app-store.ts';
import { NOW, newLogout, newSession } from '../contract/given.ts';
import { openStore } from '../open-store.ts';

async function newStore(): Promise<{ store: AppStore; proxy: TcpProxy }> {
  const options = await postgresOptions();
  const proxy = await tcpProxy(options.database);
  const { store } = await openStore({ ...options, database: proxy.url });
  onTestFinished(() => store.close());
  return { store, proxy };
}

const CALLS: Record<string, (store: AppStore, tokenHash: Buffer) => Promise<unknown>> = {
  'finding a session (step 1)': ({ sessions }, tokenHash) => sessions.find(tokenHash, NOW),
  'asking for a sign-out from the site (step 4)': ({ signOuts }) => signOuts.has('s1'),
  'starting a session (step 4)': ({ sessions }, tokenHash) => sessions.start(newSession(), tokenHash),
  'ending a session': ({ sessions }, tokenHash) => sessions.end(tokenHash, 'app', NOW),
  'signing out of the site': ({ sessions }, tokenHash) => sessions.end(tokenHash, 'site', NOW),
  'a logout': ({ sessions }) => sessions.endBySid(newLogout(), NOW),
  'a purge of nothing': ({ sessions }) => sessions.purgeExpired(NOW),
  'reading the log': async ({ endedSessions }) => endedSessions.readAfter('3:3:'),
};

test.each(Object.entries(CALLS))('%s takes one round trip to the database', async (_what, call) => {
  const { store, proxy } = await newStore();
  const session = newSession();
  await store.sessions.start(session, null);
  const before = proxy.roundTrips;
  await call(store, session.tokenHash);
  expect(proxy.roundTrips - before).toBe(1);
});

test.each([
  ['arrives, though its answer is lost,', true],
  ['is lost', false],
])('a sign-out whose COMMIT %s can be repeated', async (_what, isForwarded) => {
  const { store, proxy } = await newStore();
  const session = newSession();
  await store.sessions.start(session, null);
  const position = await store.endedSessions.position();
  proxy.cutAfter('COMMIT\0', isForwarded);
  await expect(store.sessions.end(session.tokenHash, 'site', NOW)).rejects.toMatchObject({
    code: 'unavailable',
    logReason: expect.stringContaining('unknown'),
  });
  // If it arrived, the session is gone: the browser's second attempt finds the sign-out recorded.
  await expect.poll(() => store.signOuts.has('s1')).toBe(isForwarded);
  expect(await store.sessions.end(session.tokenHash, 'site', NOW)).toBe(!isForwarded);
  expect(await store.signOuts.has('s1')).toBe(true);
  expect((await store.endedSessions.readAfter(position)).sids).toEqual(['s1']);
  expect(await store.sessions.find(randomBytes(32), NOW)).toBeNull();
});
