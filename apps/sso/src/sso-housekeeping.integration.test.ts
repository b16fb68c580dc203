/** The background work of a listening service, against an app's real server. */
import { renameSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ONE_SECOND_WHEN_BUSY_MS } from '../../../test/support/one-second.ts';
import { addGrace } from '../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../test/support/sso/all-rows.ts';
import { ADA, FOO, OPERATOR, PASSWORD, testService } from '../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../test/support/test-app.ts';
import type { Config } from './config.ts';
import { Housekeeping } from './sso-housekeeping.ts';

/** The contract's limit. */
const WITHIN_5_S = { timeout: 5000 };
const HOUR_MS = 3_600_000;

async function listening(settings: Partial<Config> = {}) {
  const foo = await startTestApp();
  const service = await testService({
    apps: [{ origin: FOO, name: 'Foo', server: foo.server }],
    ...settings,
  });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  const cookie = await service.logIn();
  await service.post({ request: 'authentication token' }, { cookie });
  const [session] = await allRows(service.stores.sessions.pages());
  return { ...service, foo, cookie, sid: session?.sid ?? '' };
}

test('a sign-out reaches the app within five seconds', async () => {
  const { post, foo, cookie, sid } = await listening();
  await post({ request: 'logout' }, { cookie });
  await expect.poll(() => foo.sids(), WITHIN_5_S).toEqual([sid]);
});

test('a login that replaces a session reaches the app within five seconds', async () => {
  const { post, stores, foo, cookie, sid } = await listening();
  await addGrace(stores);
  const grace = { request: 'login', username: 'grace', password: PASSWORD };
  expect((await post(grace, { cookie })).statusCode).toBe(200);
  await expect.poll(() => foo.sids(), WITHIN_5_S).toEqual([sid]);
});

test.each([
  ['two hours without use', 2 * HOUR_MS, 'idle timeout'],
  ['twelve hours in all', 12 * HOUR_MS, 'maximum lifetime'],
])(
  'a session that ends by %s reaches the app within five seconds without any request',
  async (_name, later, why) => {
    const { clock, foo, sid, stores } = await listening({
      sessionIdleSeconds: later === 2 * HOUR_MS ? 7200 : 86_400,
    });
    clock.now += later - 1;
    expect(await allRows(stores.sessions.pages())).toHaveLength(1);
    clock.now += 1;
    await expect.poll(() => foo.sids(), WITHIN_5_S).toEqual([sid]);
    const [ended] = await allRows(stores.audit.pages({ kind: 'session ended', limit: 1 }));
    expect(ended).toMatchObject({ actor: 'service', username: 'ada', detail: why });
  },
);

test('a session ended by another process reaches the app within five seconds', async () => {
  const { stores, foo, sid } = await listening();
  await stores.accounts.disable(ADA.id, OPERATOR);
  await expect.poll(() => foo.sids(), WITHIN_5_S).toEqual([sid]);
});

test('purging deletes old records and failures, and no recent ones', async () => {
  const { app, stores, clock, post } = await testService();
  await post({ request: 'login', username: 'ada', password: 'wrong' });
  const housekeeping = new Housekeeping({
    stores,
    clock: () => clock.now,
    auditDays: 90,
    log: app.log,
  } as ConstructorParameters<typeof Housekeeping>[0]);
  const failures = async () =>
    (await allRows(stores.audit.pages({ kind: 'login failed', limit: 10 }))).length;
  clock.now += 90 * 24 * HOUR_MS;
  await housekeeping.purgeExpired();
  expect(await failures()).toBe(1);
  clock.now += 1;
  await housekeeping.purgeExpired();
  expect(await failures()).toBe(0);
});

test('purging stops when the service stops, however many rows remain', async () => {
  const { app, config, stores, clock } = await testService();
  const ROWS = 10_000;
  const database = new Sqlite(config.database);
  onTestFinished(() => void database.close());
  database
    .prepare(
      `INSERT INTO login_failure SELECT randomblob(32), '192.0.2.1', 0
       FROM (
         WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row LIMIT ${ROWS}) SELECT n FROM row
       )`,
    )
    .run();
  const housekeeping = new Housekeeping({
    stores,
    delivery: { stop: async () => {} },
    refusedSignIns: { flush: async () => {} },
    removedApps: { stop: () => {} },
    narrowedAccess: { stop: () => {} },
    groupReviews: { stop: () => {} },
    clock: () => clock.now,
    auditDays: 90,
    log: app.log,
  } as ConstructorParameters<typeof Housekeeping>[0]);
  const purging = housekeeping.purgeExpired();
  await housekeeping.stop();
  await purging;
  expect(database.prepare('SELECT count(*) FROM login_failure').pluck().get()).toBeGreaterThan(ROWS / 2);
});

test('many expired sessions end in slices, and requests get responses in between [T-FLOOD-05]', async () => {
  const { config, clock, post, logIn, foo, stores } = await listening({ sessionIdleSeconds: 1000 });
  const OVERDUE = 20_000;
  const database = new Sqlite(config.database);
  onTestFinished(() => void database.close());
  clock.now += 900_000;
  const cookie = await logIn();
  database
    .prepare(
      `INSERT INTO sso_session (sid, secret_hash, account_id, started_at, last_seen_at, ends_at)
       SELECT 'session ' || value, randomblob(32), :accountId, 0, 0, :now
       FROM (WITH RECURSIVE number (value) AS
           (SELECT 1 UNION ALL SELECT value + 1 FROM number LIMIT ${OVERDUE})
         SELECT value FROM number)`,
    )
    .run({ accountId: ADA.id, now: clock.now });
  database.prepare("INSERT INTO session_app (sid, app) VALUES ('session 7', ?)").run(FOO);
  const left = database.prepare('SELECT count(*) FROM sso_session').pluck();
  await expect.poll(() => left.get() !== OVERDUE + 2, WITHIN_5_S).toBe(true);
  // Each response sees fewer sessions, and the last one still sees some: they don't end all at once.
  const counts: number[] = [];
  for (let count = 0; count < 5; count += 1) {
    expect((await post({ request: 'login status' }, { cookie })).json()).toMatchObject({
      status: 'signed in',
    });
    counts.push(Number(left.get()));
    const before = counts.at(-1);
    await expect.poll(() => left.get() !== before, { ...WITHIN_5_S, interval: 10 }).toBe(true);
  }
  expect(counts.at(-1)).toBeGreaterThan(0);
  expect(counts).toEqual(counts.toSorted((one, two) => two - one));
  await expect.poll(() => foo.sids(), WITHIN_5_S).toContain('session 7');
  expect(await allRows(stores.audit.pages({ kind: 'session ended', limit: 10 }))).toHaveLength(10);
});

test('housekeeping continues after the database was unavailable, and logs the failure once', async () => {
  const { app, config, post, foo, cookie, sid } = await listening();
  const errors = vi.spyOn(app.log, 'error');
  await post({ request: 'logout' }, { cookie });
  const aside = `${config.database}.aside`;
  renameSync(config.database, aside);
  const messages = () => errors.mock.calls.map(([, message]) => message).sort();
  await expect
    .poll(messages, WITHIN_5_S)
    .toEqual(['ending expired sessions failed', 'reviewing groups failed']);
  renameSync(aside, config.database);
  await expect.poll(() => foo.sids(), WITHIN_5_S).toContain(sid);
  expect(messages()).toHaveLength(2);
  for (const [about] of errors.mock.calls) {
    expect(about).toMatchObject({ reason: expect.stringContaining('was moved') });
  }
});

test('a stopping service doesn’t wait for apps, and leaves no attempt running', async () => {
  const { app, post, cookie, foo } = await listening();
  let isOver = false;
  foo.answer = (response) => {
    response.once('close', () => {
      isOver = true;
    });
  };
  await post({ request: 'logout' }, { cookie });
  await expect.poll(() => foo.tokens.length).toBe(1);
  const started = performance.now();
  await app.close();
  await expect.poll(() => isOver).toBe(true);
  expect(performance.now() - started).toBeLessThan(ONE_SECOND_WHEN_BUSY_MS);
});
