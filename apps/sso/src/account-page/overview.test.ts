import { randomBytes } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { logInOnPage, overviewOf, send, sidOf } from '../../../../test/support/sso/account-requests.ts';
import {
  ADA,
  byPassword,
  cookieOf,
  FOO,
  LOREM,
  PASSWORD,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const LOGIN = { username: 'ada', password: PASSWORD };
const TOKEN = { request: 'authentication token' };
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

test('the overview says signed out without a session', async () => {
  const { app } = await testService();
  for (const cookie of ['', '__Host-sso=junk', `__Host-sso=${'A'.repeat(43)}`]) {
    const answer = await send(app, { method: 'GET', url: ACCOUNT_PATHS.overview, cookie });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'signed out' });
  }
});

test('the overview shows the account, and this session with its device, times and apps', async () => {
  const { app, clock, post } = await testService();
  const headers = { 'user-agent': FIREFOX };
  const cookie = cookieOf(await logInOnPage(app, LOGIN, { ip: '198.51.100.7', headers }));
  clock.now += 600_000;
  await post(TOKEN, { cookie, origin: LOREM });
  await post(TOKEN, { cookie });
  expect(await overviewOf(app, cookie)).toEqual({
    status: 'signed in',
    account: ADA,
    factors: { passkeys: [], authenticator: false, recoveryCodes: 0 },
    passkeyUser: null,
    canAddAuthenticator: false,
    factorChanges: [],
    sessions: [
      {
        sid: expect.any(String),
        isThis: true,
        device: 'Firefox on Linux',
        address: '198.51.100.7',
        startedAt: '2026-11-22T12:00:00.000Z',
        lastSeenAt: '2026-11-22T12:10:00.000Z',
        endsAt: '2026-11-23T00:00:00.000Z',
        apps: [
          { origin: LOREM, name: 'Lorem' },
          { origin: FOO, name: 'Foo' },
        ],
      },
    ],
    sessionCount: 1,
  });
});

test('the overview lists this session first, then the most recently used', async () => {
  const { app, clock, logIn, post } = await testService();
  const [first, second] = [await logIn(), await logIn()];
  clock.now += 120_000;
  await post({ request: 'login status' }, { cookie: second });
  clock.now += 120_000;
  await post({ request: 'login status' }, { cookie: first });
  clock.now += 30_000;
  await logIn();
  const { sessions } = await overviewOf(app, first);
  expect(sessions.map(({ isThis, lastSeenAt }) => [isThis, lastSeenAt.slice(11, 19)])).toEqual([
    [true, '12:04:00'],
    [false, '12:04:30'],
    [false, '12:02:00'],
  ]);
});

test('the overview shows the origin of an app that is no longer registered', async () => {
  const first = await testService();
  const cookie = await first.logIn();
  await first.post(TOKEN, { cookie });
  await first.app.close();
  const second = await testService({ database: first.config.database, apps: [] });
  const { sessions } = await overviewOf(second.app, cookie);
  expect(sessions[0]?.apps).toEqual([{ origin: FOO, name: FOO }]);
});

test('the overview omits expired sessions', async () => {
  const { app, clock, logIn } = await testService({ sessionIdleSeconds: 100 });
  await logIn();
  clock.now += 60_000;
  const cookie = await logIn();
  clock.now += 60_000;
  expect((await overviewOf(app, cookie)).sessions).toHaveLength(1);
});

test('the overview shows 50 sessions, this one first, and the number of all [T-FLOOD-02]', async () => {
  const { app, clock, stores, logIn } = await testService();
  const cookie = await logIn();
  const sid = await sidOf(app, cookie);
  const started: string[] = [];
  for (let count = 1; count <= 60; count += 1) {
    const session = { sid: `session ${count}`, tokenHash: randomBytes(32), accountId: ADA.id };
    const more = { proof: byPassword(), endsAt: clock.now + 1000, userAgent: FIREFOX, device: 'Any device' };
    const context = { at: clock.now + count, actor: 'person', address: null };
    await stores.sessions.start({ ...session, ...more }, null, 0, context);
    started.unshift(session.sid);
  }
  const { sessions, sessionCount } = await overviewOf(app, cookie);
  expect(sessionCount).toBe(61);
  expect(sessions.map((each) => each.sid)).toEqual([sid, ...started.slice(0, 49)]);
});

test('the device is parsed at the sign-in; for an older session it is parsed when shown', async () => {
  const { app, config } = await testService();
  const cookie = cookieOf(await logInOnPage(app, LOGIN, { headers: { 'user-agent': FIREFOX } }));
  const database = new Sqlite(config.database);
  onTestFinished(() => void database.close());
  const deviceShown = async () => (await overviewOf(app, cookie)).sessions[0]?.device;
  expect(database.prepare('SELECT device FROM sso_session').pluck().get()).toBe('Firefox on Linux');
  database.exec(`UPDATE sso_session SET user_agent = 'something else'`);
  expect(await deviceShown()).toBe('Firefox on Linux');
  database.prepare('UPDATE sso_session SET device = NULL, user_agent = ?').run(FIREFOX);
  expect(await deviceShown()).toBe('Firefox on Linux');
});

test('the overview reveals nothing of the session token', async () => {
  const { app, logIn } = await testService();
  const cookie = await logIn();
  expect(JSON.stringify(await overviewOf(app, cookie))).not.toContain(cookie.split('=')[1] ?? '');
});
