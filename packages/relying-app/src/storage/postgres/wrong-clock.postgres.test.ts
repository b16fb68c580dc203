/** An instance whose clock is a day ahead must not end the app sessions of all instances. */
import { expect, onTestFinished, test } from 'vitest';
import { postgresOptions } from '../../postgres-app.fixture.ts';
import { newSession } from '../contract/given.ts';
import { openStore } from '../open-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('expired app sessions are ended only by an instance whose clock is right [T-CRASH-13]', async () => {
  const options = await postgresOptions();
  const openSessions = async (clock: () => number) => {
    const { store } = await openStore({ ...options, clock });
    onTestFinished(() => store.close());
    return store.sessions;
  };
  const right = await openSessions(Date.now);
  const early = await openSessions(() => Date.now() + DAY_MS);
  const now = Date.now();
  const session = newSession({ startedAt: now });
  await right.start(session, null);
  expect(await early.purgeExpired(now + DAY_MS)).toBe(false);
  expect(await right.find(session.tokenHash, now)).not.toBeNull();
  expect(await right.purgeExpired(now + DAY_MS)).toBe(true);
  expect(await right.find(session.tokenHash, now)).toBeNull();
});
