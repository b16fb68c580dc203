import { statSync } from 'node:fs';
import cookiePlugin from '@fastify/cookie';
import { Database } from '@samesite-sso/service';
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MIGRATIONS } from './schema.ts';
import { ACCOUNT, newDatabase, ORIGIN, SSO_ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A host app with a guarded route of every method. */
async function serveGuarded(host: FastifyInstance = Fastify({ exposeHeadRoutes: false })) {
  const database = newDatabase();
  const cookie = await seedSession(database);
  const app = await serve({ database }, host);
  let calls = 0;
  app.route({
    method: [...METHODS],
    url: '/protected',
    onRequest: app.sso.guard,
    handler: async (request) => {
      calls += 1;
      return request.sso;
    },
  });
  app.get('/by-hand', async (request) => await app.sso.guard(request));
  app.get('/open', async (request) => ({ sso: request.sso }));
  return { app, cookie, calls: () => calls };
}

describe('request.sso', () => {
  it('is the app session with its account', async () => {
    const { app, cookie } = await serveGuarded();
    const { sso } = (await app.inject({ url: '/open', headers: { cookie } })).json();
    expect(sso).toEqual({
      account: ACCOUNT,
      sid: 's1',
      startedAt: expect.any(Number),
      endsAt: expect.any(Number),
    });
  });

  it('is null where nobody is signed in', async () => {
    const { app } = await serveGuarded();
    expect((await app.inject('/open')).json()).toEqual({ sso: null });
  });

  it('is one person’s for each of many requests at once', async () => {
    const { app, cookie } = await serveGuarded();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        app.inject({ url: '/open', headers: index % 2 === 0 ? { cookie } : {} }),
      ),
    );
    const known = answers.map((answer) => answer.json().sso !== null);
    expect(known).toEqual(Array.from({ length: 20 }, (_, index) => index % 2 === 0));
  });
});

describe('the guard', () => {
  it('lets a signed-in person read, whatever the origin', async () => {
    const { app, cookie } = await serveGuarded();
    for (const method of ['GET', 'HEAD'] as const) {
      const headers = { cookie, origin: SSO_ORIGIN };
      expect((await app.inject({ method, url: '/protected', headers })).statusCode).toBe(200);
    }
    expect((await app.inject({ url: '/by-hand', headers: { cookie } })).json().account).toEqual(ACCOUNT);
  });

  it('refuses with 401 where nobody is signed in', async () => {
    const { app, calls } = await serveGuarded();
    for (const method of METHODS) {
      const answer = await app.inject({ method, url: '/protected', headers: { origin: ORIGIN } });
      expect([method, answer.statusCode]).toEqual([method, 401]);
    }
    expect((await app.inject('/by-hand')).statusCode).toBe(401);
    expect(calls()).toBe(0);
  });

  it.each(CHANGING)(
    'lets %s pass from the app’s own pages only, since apps of one site are same-site',
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

describe('the plugin', () => {
  it('publishes the public keys of the app, and no private half', async () => {
    const database = newDatabase();
    const answer = await (await serve({ database })).inject('/.well-known/jwks.json');
    expect(answer.json().keys).toEqual([
      {
        kty: 'OKP',
        crv: 'Ed25519',
        alg: 'EdDSA',
        use: 'sig',
        x: expect.any(String),
        kid: expect.any(String),
      },
    ]);
    expect(statSync(`${database}.keys.json`).mode & 0o777).toBe(0o600);
  });

  it('works next to a host app that reads cookies already', async () => {
    const host = Fastify();
    await host.register(cookiePlugin, { secret: 'the secret of the host' });
    host.get('/theirs', async (request, reply) => {
      reply.setCookie('theirs', 'b');
      return request.cookies;
    });
    const { app, cookie } = await serveGuarded(host);
    expect((await app.inject({ url: '/open', headers: { cookie } })).json().sso.account).toEqual(ACCOUNT);
    const theirs = await app.inject({ url: '/theirs', headers: { cookie: 'theirs=a' } });
    expect(theirs.json()).toEqual({ theirs: 'a' });
    expect(theirs.headers['set-cookie']).toContain('theirs=b');
  });

  it('keeps its cookie as the contract says, whatever the host app sets for its own', async () => {
    const host = Fastify();
    const parseOptions = {
      domain: 'example.localhost',
      path: '/app',
      sameSite: 'none',
      partitioned: true,
    } as const;
    await host.register(cookiePlugin, { parseOptions });
    const { app } = await serveGuarded(host);
    const answer = await app.inject({ method: 'DELETE', url: '/session', headers: { origin: ORIGIN } });
    expect(answer.headers['set-cookie']).toBe(
      '__Host-app=; Max-Age=0; Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict',
    );
  });

  it('leaves the host app its own errors, bodies and unknown addresses', async () => {
    const host = Fastify();
    host.setErrorHandler((_error, _request, reply) => void reply.code(418).send('the host'));
    const { app } = await serveGuarded(host);
    app.post('/text', async (request) => request.body);
    app.get('/broken', async () => {
      throw new Error('out of order');
    });
    const headers = { 'content-type': 'text/plain' };
    expect((await app.inject({ method: 'POST', url: '/text', headers, payload: 'hello' })).body).toBe(
      'hello',
    );
    expect((await app.inject('/broken')).body).toBe('the host');
    expect((await app.inject('/nowhere')).json().message).toContain('not found');
  });

  it('is ready while its database answers', async () => {
    const { app } = await serveGuarded();
    await app.ready();
    expect(await app.sso.isReady()).toBe(true);
    await app.close();
    expect(await app.sso.isReady()).toBe(false);
  });
});

describe('the database', () => {
  it('forgets a session within a minute of its end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const database = newDatabase();
    await seedSession(database, { ttlSeconds: 1 });
    await serve({ database, clock: () => Date.now() + 2000 });
    const other = new Database(database, MIGRATIONS);
    onTestFinished(() => other.close());
    const count = () => other.sqlite.prepare('SELECT count(*) FROM app_session').pluck().get();
    expect(count()).toBe(1);
    vi.advanceTimersByTime(60_000);
    await expect.poll(count).toBe(0);
  });
});
