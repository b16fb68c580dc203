/** An instance whose clock is a day ahead must not delete what has not expired: all instances share it. */
import { parsePostgresUrl } from '@samesite-sso/core';
import { expect, onTestFinished, test } from 'vitest';
import { runOn } from '../../../../../test/support/postgres.ts';
import { ADA, CONTEXT, FOO, givenStores } from '../contract/given.ts';
import type { Stores } from '../stores.ts';
import { openPostgresStores } from './open-stores.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const backend = postgresBackend();
const given = givenStores(backend);

async function openStores(clock: () => number): Promise<Stores> {
  const stores = await openPostgresStores(parsePostgresUrl(backend.url()), { clock });
  onTestFinished(() => stores.close());
  return stores;
}

/** All that an instance does with expired rows. @returns how much it did */
async function deleteExpired({ sessions, logoutNotices, purgeExpired }: Stores, now: number) {
  return {
    ended: await sessions.endExpired({ now, idleSince: now - DAY_MS }),
    givenUp: (await logoutNotices.giveUp({ ...CONTEXT, at: now })).length,
    hasPurged: await purgeExpired({ now, failuresSince: now, auditSince: now }),
  };
}

test('expired rows are deleted only by an instance whose clock is right [T-CRASH-13]', async () => {
  const { sid } = await given.startSession();
  await given.issueToken(sid, FOO);
  await given.stores.sessions.end({ accountId: ADA.id }, 'signed out', CONTEXT);
  await given.issueToken((await given.startSession()).sid, FOO);
  const count = async () => {
    const tables = ['sso_session', 'logout_notice', 'authentication_token', 'audit_record'];
    const counts = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
    return (await runOn(backend.url(), `SELECT ${counts.join()}`)).rows[0];
  };
  const before = await count();
  expect(before).toMatchObject({ sso_session: 1, logout_notice: 1, authentication_token: 2 });

  const early = await openStores(() => Date.now() + DAY_MS);
  const now = Date.now() + DAY_MS;
  expect(await deleteExpired(early, now)).toEqual({ ended: 0, givenUp: 0, hasPurged: false });
  expect(await count()).toEqual(before);

  // The same rows, a day later.
  const right = await openStores(Date.now);
  expect(await deleteExpired(right, now)).toMatchObject({ ended: 1, givenUp: 1 });
  // The two records are about what it has just done.
  const empty = { sso_session: 0, logout_notice: expect.any(Number), authentication_token: 0 };
  expect(await count()).toEqual({ ...empty, audit_record: 2 });
});
