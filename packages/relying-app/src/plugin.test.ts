import { statSync } from 'node:fs';
import cookiePlugin from '@fastify/cookie';
import { SqliteDatabase } from '@samesite-sso/core';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ACCOUNT, newDatabase, ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';
import { MIGRATIONS } from './storage/sqlite/schema.ts';

const CLEARED = '__Host-app=; Max-Age=0; Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict';

describe('the plugin', () => {
  it('publishes the app’s public keys and no private key', async () => {
    const database = newDatabase();
    const answer = await (await serve({ database })).inject('/.well-known/jwks.json');
    expect(answer.json().keys).toEqual([
      {
        kty: 'OKP',
        crv: 'Ed25519',
        use: 'sig',
        x: expect.any(String),
        kid: expect.any(String),
      },
    ]);
    expect(statSync(`${database}.keys.json`).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['before', 'signs', { secret: 'the secret of the host' }],
    ['before', 'signs nothing', {}],
    ['after', 'signs', { secret: 'the secret of the host' }],
    ['after', 'signs nothing', {}],
    ['after', 'reads none by itself', { hook: false as const }],
  ])(
    'works in a host app that registers @fastify/cookie %s it and %s',
    async (order, _what, cookieOptions) => {
      const host = Fastify();
      const database = newDatabase();
      const cookie = await seedSession(database);
      const registerCookies = async () => {
        await host.register(cookiePlugin, cookieOptions);
        host.addHook('onRequest', async (_request, reply) => void reply.setCookie('everywhere', 'c'));
      };
      if (order === 'before') await registerCookies();
      await serve({ database }, host);
      if (order === 'after') await registerCookies();
      host.get('/theirs', async (request, reply) => {
        reply.setCookie('theirs', 'b', { signed: 'secret' in cookieOptions });
        return request.cookies;
      });
      expect((await host.inject({ url: '/session', headers: { cookie } })).json().account).toEqual(ACCOUNT);
      const theirs = await host.inject({ url: '/theirs', headers: { cookie: 'theirs=a' } });
      expect(theirs.json()).toEqual({ theirs: 'a' });
      expect(theirs.cookies).toMatchObject([{ name: 'everywhere' }, { name: 'theirs' }]);
      const signOut = { method: 'DELETE', url: '/session', headers: { origin: ORIGIN, cookie } } as const;
      const answer = await host.inject(signOut);
      const both = [CLEARED, 'everywhere=c; SameSite=Lax'];
      expect(answer.headers['set-cookie']).toEqual(both);
    },
  );

  it('sets its cookie as the contract says, no matter how the host app sets its own', async () => {
    const host = Fastify();
    const parseOptions = {
      domain: 'example.localhost',
      path: '/app',
      sameSite: 'none',
      partitioned: true,
    } as const;
    await host.register(cookiePlugin, { parseOptions });
    const app = await serve({}, host);
    const answer = await app.inject({ method: 'DELETE', url: '/session', headers: { origin: ORIGIN } });
    expect(answer.headers['set-cookie']).toBe(CLEARED);
  });

  it('leaves the host app’s errors, bodies and unknown paths to the host app', async () => {
    const host = Fastify();
    host.setErrorHandler((_error, _request, reply) => void reply.code(418).send('the host'));
    const app = await serve({}, host);
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

  it('is ready as long as its database can be read', async () => {
    const app = await serve();
    await app.ready();
    expect(await app.sso.isReady()).toBe(true);
    await app.close();
    expect(await app.sso.isReady()).toBe(false);
  });
});

describe('the database', () => {
  it('purges a session within a minute of its end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const database = newDatabase();
    await seedSession(database, { ttlSeconds: 1 });
    await serve({ database, clock: () => Date.now() + 2000 });
    const other = new SqliteDatabase(database, MIGRATIONS);
    onTestFinished(() => other.close());
    const count = () => other.sqlite.prepare('SELECT count(*) FROM app_session').pluck().get();
    expect(count()).toBe(1);
    vi.advanceTimersByTime(60_000);
    await expect.poll(count).toBe(0);
  });
});
