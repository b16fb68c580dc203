/** The paths of the plugin's routes, and conflicts with routes of the app. */
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { relyingApp } from './index.ts';
import { ACCOUNT, newDatabase, ORIGIN, SSO_ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

const ROUTES = [
  ['GET', '/session'],
  ['HEAD', '/session'],
  ['POST', '/session'],
  ['DELETE', '/session'],
  ['POST', '/backchannel-logout'],
  ['GET', '/.well-known/jwks.json'],
  ['HEAD', '/.well-known/jwks.json'],
] as const;

const routesOf = (app: FastifyInstance, below: string) =>
  ROUTES.filter(([method, url]) => app.hasRoute({ method, url: below + url }));

function newHost(): FastifyInstance {
  const host = Fastify({ exposeHeadRoutes: false });
  onTestFinished(() => host.close());
  return host;
}

const mine = (method: RouteOptions['method'], url: string): RouteOptions => ({
  method,
  url,
  handler: async () => 'mine',
});

const DUPLICATE = { code: 'FST_ERR_DUPLICATED_ROUTE' };

describe('the plugin', () => {
  it.each([
    ['', '', ''],
    ['', '/api', '/api'],
    ['', '/a-b/c_d.e~1', '/a-b/c_d.e~1'],
    ['/scope', '', '/scope'],
    ['/scope', '/api', '/scope/api'],
    ['/scope/', '/api', '/scope/api'],
  ])(
    'with the scope prefix "%s" and the basePath "%s" mounts its routes below "%s"',
    async (prefix, basePath, below) => {
      const database = newDatabase();
      const cookie = await seedSession(database);
      const host = newHost();
      const options = { origin: ORIGIN, ssoOrigin: SSO_ORIGIN, database, basePath };
      await host.register(async (scope) => void (await scope.register(relyingApp, options)), { prefix });
      expect(routesOf(host, below)).toEqual(ROUTES);
      if (below !== '') expect(routesOf(host, '')).toEqual([]);
      const answer = await host.inject({ url: `${below}/session`, headers: { cookie } });
      expect(answer.json()).toEqual({ status: 'signed in', account: ACCOUNT });
      expect((await host.inject(`${below}/.well-known/jwks.json`)).json().keys).toHaveLength(1);
      const logout = await host.inject({ method: 'POST', url: `${below}/backchannel-logout` });
      expect(logout.json()).toEqual({ error: 'invalid_request' });
    },
  );

  it.each(['/session', '/.well-known/jwks.json'])(
    'responds to HEAD as to GET, without a body, in a host app that exposes no HEAD routes: %s',
    async (url) => {
      const app = await serve({}, newHost());
      const [get, head] = [await app.inject(url), await app.inject({ method: 'HEAD', url })];
      const { date: _ofGet, ...headers } = get.headers;
      const { date: _ofHead, ...same } = head.headers;
      expect([head.statusCode, head.body, same]).toEqual([200, '', headers]);
    },
  );
});

describe('a route conflict between the app and the plugin', () => {
  // Fastify accepts a HEAD route of the app's own beside the plugin's GET route.
  it.each(ROUTES.filter(([method]) => method !== 'HEAD'))(
    'stops the app from starting if the app adds the route first: %s %s',
    async (method, url) => {
      const host = newHost();
      host.route(mine(method, url));
      await expect(serve({}, host)).rejects.toMatchObject(DUPLICATE);
    },
  );

  it.each(ROUTES)(
    'stops the app from starting if the app adds the route afterwards: %s %s',
    async (method, url) => {
      const app = await serve({}, newHost());
      expect(() => app.route(mine(method, url))).toThrow(expect.objectContaining(DUPLICATE));
      const scoped = app.register(async (scope) => void scope.route(mine(method, url)));
      await expect(scoped).rejects.toMatchObject(DUPLICATE);
    },
  );

  it('leaves nothing open once the app is closed', async () => {
    const host = Fastify();
    host.get('/session', async () => 'mine');
    const database = newDatabase();
    await expect(serve({ database }, host)).rejects.toMatchObject(DUPLICATE);
    await host.close();
    await expect(serve({ database })).resolves.toBeDefined();
  });
});

describe('the app', () => {
  it('keeps its own routes of the same paths if the plugin has a base path', async () => {
    const host = newHost();
    for (const [method, url] of ROUTES) host.route(mine(method, url));
    const app = await serve({ basePath: '/sso' }, host);
    expect((await app.inject('/session')).body).toBe('mine');
    expect((await app.inject('/sso/session')).json()).toEqual({ status: 'signed out' });
  });

  it('keeps its own routes of the same paths on another host or with another method', async () => {
    const host = newHost();
    host.get('/session', { constraints: { host: 'a.example' } }, async () => 'a');
    const app = await serve({}, host);
    app.get('/session', { constraints: { host: 'b.example' } }, async () => 'b');
    app.put('/session', async () => 'put');
    for (const [name, body] of [
      ['a', 'a'],
      ['b', 'b'],
    ] as const) {
      expect((await app.inject({ url: '/session', headers: { host: `${name}.example` } })).body).toBe(body);
    }
    expect((await app.inject({ method: 'PUT', url: '/session' })).body).toBe('put');
    expect((await app.inject('/session')).json()).toEqual({ status: 'signed out' });
  });

  it('keeps its own wildcard routes, which take no request from the plugin', async () => {
    const host = newHost();
    host.get('/*', async () => 'mine');
    const app = await serve({}, host);
    app.get('/:name', async () => 'mine');
    expect((await app.inject('/session')).json()).toEqual({ status: 'signed out' });
  });
});
