/** What a route demands of the app session, and how it is refused. */
import { readFileSync } from 'node:fs';
import { problemResponses } from '@samesite-sso/core';
import { CLOCK_TOLERANCE_SECONDS } from '@samesite-sso/protocol';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { SessionDemands } from './index.ts';
import { ACCOUNT, newDatabase, ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

type Seed = NonNullable<Parameters<typeof seedSession>[1]>;

const TWO_FACTORS = [
  ['pwd', 'otp', 'mfa'],
  ['pop', 'user', 'mfa'],
] as const satisfies Seed['amr'][];
const SIBLING = 'http://lorem.app.example.localhost:4002';

async function serveSignedIn(seed: Seed = {}, host?: FastifyInstance) {
  let now = Date.now();
  const clock = () => now;
  const database = newDatabase();
  const cookie = await seedSession(database, { clock, ttlSeconds: 86_400, ...seed });
  const app = await serve({ database, clock }, host);
  /** What `requireSession` makes of these demands. */
  const ask = async (demands: SessionDemands, headers: Record<string, string> = { cookie }) => {
    try {
      const { account } = await app.sso.requireSession({ method: 'GET', headers }, demands);
      return account;
    } catch (error) {
      return error;
    }
  };
  const advance = (seconds: number) => {
    now += seconds * 1000;
  };
  return { app, cookie, ask, advance };
}

const INSUFFICIENT = { code: 'insufficient-user-authentication', statusCode: 401 };

describe('a demand for a recent sign-in', () => {
  it.each([0, 1, 600])('of at most %d s is met for 5 s longer, because clocks may differ', async (maxAge) => {
    const { ask, advance } = await serveSignedIn();
    expect(await ask({ maxAge })).toEqual(ACCOUNT);
    advance(maxAge + CLOCK_TOLERANCE_SECONDS);
    expect(await ask({ maxAge })).toEqual(ACCOUNT);
    advance(0.001);
    expect(await ask({ maxAge })).toMatchObject({ ...INSUFFICIENT, members: { maxAge } });
  });

  it('says in WWW-Authenticate how recent, as RFC 9470 does', async () => {
    const { ask, advance } = await serveSignedIn();
    advance(7200);
    expect(await ask({ maxAge: 600, factors: 2 })).toMatchObject({
      headers: {
        'WWW-Authenticate':
          'Bearer error="insufficient_user_authentication", ' +
          'error_description="A stronger or a more recent sign-in is required", max_age="600"',
      },
    });
  });
});

describe('a demand for two factors', () => {
  it('refuses a sign-in with a password alone', async () => {
    const { ask } = await serveSignedIn();
    expect(await ask({ factors: 1 })).toEqual(ACCOUNT);
    const refusal = await ask({ factors: 2 });
    expect(refusal).toMatchObject({ ...INSUFFICIENT, members: { factors: 2 } });
    expect(refusal).toMatchObject({
      headers: { 'WWW-Authenticate': expect.not.stringContaining('max_age') },
    });
  });

  it.each(TWO_FACTORS.map((amr) => ({ amr })))('accepts $amr', async ({ amr }) => {
    const { ask } = await serveSignedIn({ amr: [...amr] });
    expect(await ask({ factors: 2 })).toEqual(ACCOUNT);
  });

  it('with a demand for a recent sign-in needs both in one sign-in', async () => {
    const { ask, advance } = await serveSignedIn({ amr: [...TWO_FACTORS[0]] });
    expect(await ask({ maxAge: 600, factors: 2 })).toEqual(ACCOUNT);
    advance(3600);
    expect(await ask({ maxAge: 600, factors: 2 })).toMatchObject({
      ...INSUFFICIENT,
      members: { maxAge: 600, factors: 2 },
    });
  });
});

describe('a demand for a group', () => {
  it('refuses an account that isn’t in it, and doesn’t ask for another sign-in', async () => {
    const { ask } = await serveSignedIn({ groups: ['admins', 'staff'] });
    expect(await ask({ group: 'staff' })).toEqual(ACCOUNT);
    for (const group of ['admin', 'staffs', 'guests']) {
      const refusal = await ask({ group, factors: 2 });
      expect(refusal).toMatchObject({ code: 'not-permitted', statusCode: 403, headers: {} });
    }
  });
});

describe('demands', () => {
  it('change nothing about the origin and the session that a request needs', async () => {
    const { ask, cookie } = await serveSignedIn({ groups: ['staff'] });
    const demands = { maxAge: 600, group: 'staff' };
    expect(await ask(demands, { cookie, origin: SIBLING })).toMatchObject({ code: 'origin-not-allowed' });
    expect(await ask(demands, { origin: ORIGIN })).toMatchObject({ code: 'not-signed-in' });
    expect(await ask(demands, { cookie, origin: ORIGIN })).toEqual(ACCOUNT);
  });

  const MALFORMED: unknown[] = [
    ...[{ MaxAge: 600 }, { maxAge: -1 }, { maxAge: 1.5 }, { maxAge: '600' }, { maxAge: Number.NaN }],
    ...[{ factors: 3 }, { factors: '2' }, { factors: null }],
    ...[{ group: '' }, { group: 'Staff' }, { group: ['staff'] }, { groups: 'staff' }],
    ...[{ request: {} }, [], ['staff'], () => {}],
    ...[{ maxAge: undefined }, { factors: undefined }, { group: undefined, factors: 2 }],
  ];
  it.each(MALFORMED.map((demands) => ({ demands })))(
    'that are misspelled or malformed refuse everybody: $demands [T-STEPUP-01]',
    async ({ demands }) => {
      const { ask, cookie } = await serveSignedIn({ amr: [...TWO_FACTORS[1]], groups: ['staff'] });
      for (const headers of [{ cookie }, {}]) {
        const refusal = await ask(demands as SessionDemands, headers as Record<string, string>);
        expect(refusal).toBeInstanceOf(TypeError);
        expect(String(refusal)).toContain('requireSession: ');
      }
    },
  );

  it.each([
    [{ groups: 'staff' }, 'requireSession: groups: unknown demand; expected one of maxAge, factors, group'],
    ['staff', 'requireSession: the demands must be an object'],
    [null, 'requireSession: the demands must be an object'],
  ])('that are misspelled or malformed are named: %j', async (demands, message) => {
    const { ask } = await serveSignedIn();
    expect(await ask(demands as SessionDemands)).toEqual(new TypeError(message));
  });

  it('need the request before them', async () => {
    const { app } = await serveSignedIn();
    const error = new TypeError('requireSession: the first argument must be the request');
    for (const request of [undefined, { group: 'staff' }]) {
      await expect(app.sso.requireSession(request as never)).rejects.toThrow(error);
    }
  });

  it('may be left out', async () => {
    const { app, cookie } = await serveSignedIn();
    const request = { method: 'GET', headers: { cookie } };
    expect(await app.sso.requireSession(request, {})).toMatchObject({ account: ACCOUNT });
    expect(await app.sso.requireSession(request, undefined)).toMatchObject({ account: ACCOUNT });
  });
});

describe('a route with demands', () => {
  async function serveRoute(seed: Seed = {}, host: FastifyInstance = Fastify()) {
    const served = await serveSignedIn(seed, host);
    const { app } = served;
    let calls = 0;
    app.get(
      '/hooked',
      { onRequest: async (request) => void (await app.sso.requireSession(request, { factors: 2 })) },
      async (request) => {
        calls += 1;
        return { appSession: request.appSession };
      },
    );
    app.get('/plain', { onRequest: app.sso.requireSession }, async ({ appSession }) => ({ appSession }));
    app.get('/forgiving', async (request) => {
      await app.sso.requireSession(request, { factors: 2 }).catch(() => {});
      return { appSession: request.appSession };
    });
    const get = (url: string) => app.inject({ url, headers: { cookie: served.cookie } });
    return { ...served, get, calls: () => calls };
  }

  it('runs only if they are met', async () => {
    const weak = await serveRoute();
    expect((await weak.get('/hooked')).statusCode).toBe(401);
    expect(weak.calls()).toBe(0);
    const strong = await serveRoute({ amr: [...TWO_FACTORS[1]] });
    expect((await strong.get('/hooked')).json().appSession.account).toEqual(ACCOUNT);
    expect(strong.calls()).toBe(1);
  });

  it('leaves no session on the request that it refused', async () => {
    const { get } = await serveRoute();
    expect((await get('/forgiving')).json()).toEqual({ appSession: null });
  });

  it('can have a neighbor whose hook is requireSession itself', async () => {
    const { get } = await serveRoute();
    expect((await get('/plain')).json().appSession).toMatchObject({ account: ACCOUNT, amr: ['pwd'] });
  });

  it('says what it demands under Fastify’s own error handler: code and header', async () => {
    const { get } = await serveRoute();
    const answer = await get('/hooked');
    expect(answer.json()).toMatchObject({ code: 'insufficient-user-authentication' });
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_user_authentication"');
  });

  it('says it in the body, too, under the error handler of the README', async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, handler = ''] = /```js\n(app\.setErrorHandler.+?)```/s.exec(readme) ?? [];
    const host = Fastify();
    new Function('app', handler)(host);
    const { get } = await serveRoute({}, host);
    host.get('/broken', () => {
      throw new Error('broken');
    });
    const answer = await get('/hooked');
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toEqual({ code: 'insufficient-user-authentication', factors: 2 });
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_user_authentication"');
    expect((await get('/broken')).json(), 'by the default handler').toMatchObject({
      statusCode: 500,
      message: 'broken',
    });
  });

  it('says what it demands as a problem, if the app responds with problems', async () => {
    const host = Fastify();
    await host.register(problemResponses);
    const { get } = await serveRoute({}, host);
    const answer = await get('/hooked');
    expect(answer.json()).toEqual({
      type: 'urn:problem-type:samesite-sso:insufficient-user-authentication',
      title: 'This needs a stronger or a more recent sign-in.',
      status: 401,
      code: 'insufficient-user-authentication',
      factors: 2,
    });
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'cache-control': 'no-store',
      'www-authenticate': expect.stringContaining('Bearer '),
    });
  });
});
