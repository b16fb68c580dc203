/** Tokens for an app that has lost its access to the session, and has it again. */
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { FOO, OPERATOR, testService } from '../../../../test/support/sso/test-service.ts';

/** How long before the next second the access ends. */
const REST_MS = 150;

/** Signs ada in. Foo gets a token, and loses its access to the session in the same second. */
async function withLostAccess() {
  const { post, stores, clock, logIn } = await testService();
  const cookie = await logIn();
  clock.now = (Math.floor(clock.now / 1000) + 1) * 1000 - REST_MS;
  const requestToken = async (origin = FOO) => {
    const answer = await post({ request: 'authentication token' }, { cookie, origin });
    expect(answer.statusCode).toBe(200);
    const { token } = answer.json<{ token: string }>();
    return { token, ...decodeJwt<{ iat: number; exp: number; sid: string }>(token) };
  };
  const first = await requestToken();
  expect(await stores.sessions.endAtApp(FOO, { ...OPERATOR, at: clock.now })).toBe(1);
  return { stores, clock, first, requestToken };
}

async function timed<Result>(work: () => Promise<Result>): Promise<Result & { elapsedMs: number }> {
  const startedAtMs = performance.now();
  const result = await work();
  return { ...result, elapsedMs: performance.now() - startedAtMs };
}

test('a request in the second of a lost access waits for the next one [T-GROUP-05]', async () => {
  const { first, requestToken } = await withLostAccess();
  const second = await timed(requestToken);
  expect(second.elapsedMs).toBeGreaterThan(REST_MS - 10);
  expect(second).toMatchObject({ sid: first.sid, iat: first.iat + 1, exp: first.exp + 1 });
});

test('a request in a later second than the lost access doesn’t wait', async () => {
  const { clock, requestToken } = await withLostAccess();
  clock.now += REST_MS;
  const second = await timed(requestToken);
  expect(second.elapsedMs, 'the wait for a second').toBeLessThan(990);
  expect(second.iat).toBe(clock.now / 1000);
});

test('an instance with a slow clock waits a second, and dates the token ahead [T-GROUP-05]', async () => {
  const { clock, stores, first, requestToken } = await withLostAccess();
  clock.now -= 3000;
  const second = await timed(requestToken);
  expect(second.elapsedMs).toBeGreaterThan(990);
  expect(second.elapsedMs).toBeLessThan(2500);
  expect(second.iat).toBe(first.iat + 1);
  await stores.sessions.endAtApp(FOO, { ...OPERATOR, at: clock.now });
  const [, notice] = await stores.logoutNotices.due(FOO, 'a test', clock.now + 3000, 2);
  expect(notice, 'the next logout token isn’t older than that token').toMatchObject({
    issuedAt: second.iat * 1000,
  });
});
