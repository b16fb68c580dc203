import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, newDatabase, ORIGIN, SSO_ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

const LISTED = {
  corsOrigins: ['http://reads.example.localhost:1'],
  webSocketOrigins: ['http://talks.example.localhost:2'],
};
const [READS, TALKS] = [...LISTED.corsOrigins, ...LISTED.webSocketOrigins] as [string, string];
const SIBLING = 'http://lorem.app.example.localhost:4002';

/** A host app that lists two other origins, with protected routes for every method. */
async function serveGuarded() {
  const database = newDatabase();
  const cookie = await seedSession(database);
  const app = await serve({ database, ...LISTED }, Fastify({ exposeHeadRoutes: false }));
  let calls = 0;
  app.route({
    method: [...METHODS],
    url: '/protected',
    onRequest: app.sso.requireSession,
    handler: async (request) => {
      calls += 1;
      return request.appSession;
    },
  });
  app.get('/by-hand', async (request) => await app.sso.requireSession(request));
  app.route({
    method: [...METHODS],
    url: '/open',
    handler: async (request) => {
      const found = await app.sso.findSession(request);
      return { found, appSession: request.appSession };
    },
  });
  app.get('/unchecked', async (request) => ({ appSession: request.appSession }));
  return { app, cookie, calls: () => calls };
}

/** Request headers, and whether `requireSession` accepts them in a GET and in a POST. */
const HEADERS: [what: string, headers: Record<string, string>, inGet: boolean, inPost: boolean][] = [
  ['no origin', {}, true, false],
  ['its own origin', { origin: ORIGIN }, true, true],
  ['an origin listed for CORS', { origin: READS }, true, true],
  ['an origin listed for WebSockets', { origin: TALKS }, false, false],
  ['another app of the site', { origin: SIBLING }, false, false],
  ['the SSO service', { origin: SSO_ORIGIN }, false, false],
  ['the opaque origin', { origin: 'null' }, false, false],
  ['the opaque origin, in one origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }, true, true],
  ['the opaque origin, in one site', { origin: 'null', 'sec-fetch-site': 'same-site' }, false, false],
  ['two origins in one header', { origin: `${ORIGIN}, ${SIBLING}` }, false, false],
  ['no origin, for a WebSocket', { upgrade: 'websocket' }, false, false],
  ['its own origin, for a WebSocket', { upgrade: 'websocket', origin: ORIGIN }, true, true],
  ['an origin listed for CORS, for a WebSocket', { upgrade: 'websocket', origin: READS }, false, false],
  ['an origin listed for WebSockets, for a WebSocket', { upgrade: 'websocket', origin: TALKS }, true, true],
  ['another app of the site, for a WebSocket', { upgrade: 'websocket', origin: SIBLING }, false, false],
  ['another app of the site, for another protocol', { upgrade: 'h2c', origin: SIBLING }, false, false],
];

describe.each(HEADERS)('a request from %s', (_what, headers, inGet, inPost) => {
  const expected = [
    ['GET', inGet],
    ['POST', inPost],
  ] as const;

  it.each(expected)('as %s, is accepted by requireSession: %s', async (method, isAccepted) => {
    const { app, cookie, calls } = await serveGuarded();
    const answer = await app.inject({ method, url: '/protected', headers: { cookie, ...headers } });
    expect(answer.statusCode).toBe(isAccepted ? 200 : 403);
    if (isAccepted) expect(answer.json().account).toEqual(ACCOUNT);
    else expect(answer.json().message).toBe('Requests from this origin are not allowed.');
    expect(calls()).toBe(isAccepted ? 1 : 0);
  });

  it.each(expected)('as %s, has a session for findSession: %s', async (method, isAccepted) => {
    const { app, cookie } = await serveGuarded();
    const answer = await app.inject({ method, url: '/open', headers: { cookie, ...headers } });
    expect(answer.statusCode).toBe(200);
    const session = isAccepted ? expect.objectContaining({ account: ACCOUNT }) : null;
    expect(answer.json()).toEqual({ found: session, appSession: session });
  });

  it('gets the account from GET /session, without a CORS header', async () => {
    const { app, cookie } = await serveGuarded();
    // As @fastify/cors does for a whole app.
    app.addHook('onRequest', async (request, reply) => {
      reply.header('Access-Control-Allow-Origin', request.headers.origin ?? 'null');
      reply.header('Access-Control-Allow-Credentials', 'true');
    });
    const answer = await app.inject({ url: '/session', headers: { cookie, ...headers } });
    expect(answer.json()).toEqual({ status: 'signed in', account: ACCOUNT });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('can start and end a session only if the origin is the app’s own [T-CSRF-08]', async () => {
    const { app, cookie } = await serveGuarded();
    const isOwn = headers['origin'] === ORIGIN;
    const request = { url: '/session', headers: { cookie, 'content-type': 'application/json', ...headers } };
    const start = await app.inject({ ...request, method: 'POST', payload: { token: 'junk' } });
    const end = await app.inject({ ...request, method: 'DELETE' });
    expect([start.statusCode, end.statusCode]).toEqual(isOwn ? [401, 200] : [403, 403]);
  });
});

describe('findSession', () => {
  it('returns the app session with its account', async () => {
    const { app, cookie } = await serveGuarded();
    const { found } = (await app.inject({ url: '/open', headers: { cookie } })).json();
    expect(found).toEqual({
      account: ACCOUNT,
      sid: 's1',
      startedAt: expect.any(Number),
      endsAt: expect.any(Number),
      authenticatedAt: expect.any(Number),
      amr: ['pwd'],
      groups: [],
    });
  });

  it('returns null if nobody is signed in', async () => {
    const { app } = await serveGuarded();
    expect((await app.inject('/open')).json()).toEqual({ found: null, appSession: null });
  });

  it('lets a route serve everybody if it is a hook', async () => {
    const { app, cookie } = await serveGuarded();
    app.get('/hooked', { onRequest: app.sso.findSession }, async ({ appSession }) => ({ appSession }));
    const ask = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/hooked', headers })).json().appSession?.account;
    expect(await ask({ cookie })).toEqual(ACCOUNT);
    expect(await ask({})).toBeUndefined();
    expect(await ask({ cookie, origin: SIBLING })).toBeUndefined();
  });

  it('accepts the request of an upgrade event that the server handles itself [T-CSRF-06]', async () => {
    const { app, cookie } = await serveGuarded();
    const handshake = (headers: Record<string, string>) =>
      app.sso.findSession({ method: 'GET', headers: { upgrade: 'websocket', ...headers } });
    expect(await handshake({ cookie, origin: ORIGIN })).toMatchObject({ account: ACCOUNT });
    expect(await handshake({ cookie, origin: SIBLING })).toBeNull();
    expect(await handshake({ origin: ORIGIN })).toBeNull();
  });
});

describe('request.appSession', () => {
  it('is null before requireSession or findSession has run, even with a valid cookie', async () => {
    const { app, cookie } = await serveGuarded();
    const answer = await app.inject({ url: '/unchecked', headers: { cookie } });
    expect(answer.json()).toEqual({ appSession: null });
  });

  it('is null once requireSession has refused the request', async () => {
    const { app, cookie } = await serveGuarded();
    app.get('/left', { onRequest: app.sso.requireSession }, async (request) => {
      const before = request.appSession?.account;
      await app.inject({ method: 'DELETE', url: '/session', headers: { cookie, origin: ORIGIN } });
      await app.sso.requireSession(request).catch(() => {});
      return { before, after: request.appSession };
    });
    const answer = await app.inject({ url: '/left', headers: { cookie } });
    expect(answer.json()).toEqual({ before: ACCOUNT, after: null });
  });

  it('belongs to its own request among many parallel ones', async () => {
    const { app, cookie } = await serveGuarded();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        app.inject({ url: '/open', headers: index % 2 === 0 ? { cookie } : {} }),
      ),
    );
    const known = answers.map((answer) => answer.json().appSession !== null);
    expect(known).toEqual(Array.from({ length: 20 }, (_, index) => index % 2 === 0));
  });
});

describe('requireSession', () => {
  it('returns the session to a handler that calls it', async () => {
    const { app, cookie } = await serveGuarded();
    expect((await app.inject({ url: '/by-hand', headers: { cookie } })).json().account).toEqual(ACCOUNT);
  });

  it('looks up the session again on each call, so that a handler can check after it has waited', async () => {
    const { app, cookie } = await serveGuarded();
    app.get('/waits', { onRequest: app.sso.requireSession }, async (request) => {
      await app.inject({ method: 'DELETE', url: '/session', headers: { cookie, origin: ORIGIN } });
      return await app.sso.requireSession(request);
    });
    expect((await app.inject({ url: '/waits', headers: { cookie } })).statusCode).toBe(401);
  });

  it('accepts the request of an upgrade event that the server handles itself [T-CSRF-06]', async () => {
    const { app, cookie } = await serveGuarded();
    const handshake = (headers: Record<string, string>) =>
      app.sso.requireSession({ method: 'GET', headers: { upgrade: 'websocket', ...headers } });
    await expect(handshake({ cookie, origin: ORIGIN })).resolves.toMatchObject({ account: ACCOUNT });
    await expect(handshake({ cookie, origin: SIBLING })).rejects.toMatchObject({
      code: 'origin-not-allowed',
    });
    await expect(handshake({ origin: ORIGIN })).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  it('responds 401 if nobody is signed in', async () => {
    const { app, calls } = await serveGuarded();
    for (const method of METHODS) {
      const answer = await app.inject({ method, url: '/protected', headers: { origin: ORIGIN } });
      expect([method, answer.statusCode]).toEqual([method, 401]);
    }
    expect((await app.inject('/by-hand')).statusCode).toBe(401);
    expect(calls()).toBe(0);
  });

  it.each(CHANGING)(
    'accepts %s only from the app’s own pages, since apps of one site are same-site',
    async (method) => {
      const { app, cookie, calls } = await serveGuarded();
      const ask = async (headers: Record<string, string>) =>
        (await app.inject({ method, url: '/protected', headers: { cookie, ...headers } })).statusCode;
      expect(await ask({})).toBe(403);
      expect(await ask({ origin: 'null' })).toBe(403);
      expect(await ask({ origin: SSO_ORIGIN })).toBe(403);
      expect(await ask({ origin: 'http://lorem.app.example.localhost:4002' })).toBe(403);
      expect(calls()).toBe(0);
      expect(await ask({ origin: ORIGIN })).toBe(200);
    },
  );
});
