/**
 * A whole site: the real SSO service with one person signed in, and any number of apps. The servers reach
 * each other on ports of 127.0.0.1, not by their origins.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { hashPassword } from '../../../apps/sso/src/accounts/hashing/argon2.ts';
import { buildApp } from '../../../apps/sso/src/app.ts';
import { openSqliteStores } from '../../../apps/sso/src/storage/sqlite/sqlite-stores.ts';
import { type RelyingAppOptions, relyingApp } from './index.ts';

export const SSO_ORIGIN = 'http://sso.example.localhost:4000';
export const ACCOUNT = { id: randomUUID(), username: 'ada', displayName: 'Ada Lovelace' };
const OPERATOR = { at: 0, actor: 'operator', address: null };
const PASSWORD = 'correct horse battery staple';
const JSON_TYPE = 'application/json';
/** The number of registered apps: the SSO service reads its registry once, at start. */
const APPS = 24;

export interface Site {
  ssoDatabase: string;
  /** Handles requests to the SSO service's server: by default the real service. */
  handleSsoRequest: RequestListener;
  readonly ssoService: RequestListener;
  /** Handles requests of the SSO service to an app's server: by default the app itself. */
  handleAppRequest: (app: RequestListener) => RequestListener;
  /** The paths of the requests to the SSO service's server, in order. */
  readonly asked: string[];
  /** Step 5 and the sign-out, by the person's browser. The person is signed in at first. */
  signIn(): Promise<void>;
  signOut(): Promise<void>;
  /** Starts an app with its own origin and database. */
  newApp(options?: Partial<RelyingAppOptions>, host?: FastifyInstance): Promise<SiteApp>;
  close(): Promise<void>;
}

export interface SiteApp {
  app: FastifyInstance;
  origin: string;
  database: string;
  ssoServerUrl: string;
  /** Step 3 for this app, by the person's browser. */
  newToken(): Promise<string>;
  /** Step 2, by the person's browser. */
  ssoStatus(): Promise<string>;
  /** Step 4, as the app's own page sends it. */
  redeem(token: unknown, headers?: Record<string, string>): ReturnType<typeof send>;
  /** Step 1. */
  fetchSession(cookie: string): Promise<{ status: string }>;
}

/** @param appPath the base path of every app's `server` in the registry */
export async function startSite(clock: () => number = Date.now, appPath = ''): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-site-'));
  const closers: (() => Promise<unknown>)[] = [];
  const listen = async (answer: RequestListener) => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  const appServers: FastifyInstance[] = [];
  const registry = await Promise.all(
    Array.from({ length: APPS }, async (_, index) => ({
      origin: `http://app${index}.app.example.localhost:4001`,
      name: `App ${index}`,
      server:
        (await listen((request, response) => {
          const app = appServers[index];
          if (app !== undefined) site.handleAppRequest(app.routing)(request, response);
        })) + appPath,
    })),
  );

  const ssoDatabase = join(folder, 'sso.db');
  const stores = openSqliteStores(ssoDatabase);
  const passwordHash = await hashPassword(PASSWORD);
  await stores.accounts.add([{ ...ACCOUNT, usernameKey: 'ada', passwordHash }], OPERATOR);
  stores.close();

  const sso = await buildApp(
    {
      origin: SSO_ORIGIN,
      listen: { host: '127.0.0.1', port: 0 },
      database: ssoDatabase,
      apps: registry,
      warnings: [],
      tls: null,
      trustedProxies: [],
      tokenSeconds: 30,
      sessionIdleSeconds: 7200,
      sessionMaxSeconds: 43_200,
      failureLimits: { maxFailuresPerAccount: 10, maxFailures: 300 },
      auditDays: 90,
      contextWords: [],
      logLevel: 'silent',
    },
    clock,
  );
  await sso.listen({ host: '127.0.0.1', port: 0 }); // It delivers logouts only once it listens.
  closers.push(() => sso.close());

  const ssoService: RequestListener = (request, response) => sso.routing(request, response);
  const asked: string[] = [];
  const ssoServerUrl = await listen((request, response) => {
    asked.push(request.url ?? '');
    site.handleSsoRequest(request, response);
  });

  const ask = (origin: string, payload: object, cookie = '') =>
    sso.inject({ method: 'POST', url: '/', headers: { origin, cookie, 'content-type': JSON_TYPE }, payload });
  const firstOrigin = registry[0]?.origin ?? '';
  let ssoCookie = '';
  const signIn = async () => {
    const login = { request: 'login', username: ACCOUNT.username, password: PASSWORD };
    ssoCookie = cookieOf(await ask(firstOrigin, login));
  };
  await signIn();

  const site: Site = {
    ssoDatabase,
    handleSsoRequest: ssoService,
    ssoService,
    handleAppRequest: (app) => app,
    asked,
    signIn,
    signOut: async () => void (await ask(firstOrigin, { request: 'logout' }, ssoCookie)),
    async newApp(options = {}, host = Fastify()) {
      const index = appServers.push(host) - 1;
      const origin = registry[index]?.origin ?? '';
      const database = join(folder, `app-${index}.db`);
      await host.register(relyingApp, { origin, ssoOrigin: SSO_ORIGIN, ssoServerUrl, database, ...options });
      await host.ready();
      closers.push(() => host.close());
      return {
        app: host,
        origin,
        database,
        ssoServerUrl,
        newToken: async () =>
          (await ask(origin, { request: 'authentication token' }, ssoCookie)).json<{ token: string }>().token,
        ssoStatus: async () =>
          (await ask(origin, { request: 'login status' }, ssoCookie)).json<{ status: string }>().status,
        redeem: (token, headers) => send(host, `${appPath}/session`, { origin, ...headers }, { token }),
        fetchSession: async (cookie) =>
          (await host.inject({ url: `${appPath}/session`, headers: { cookie } })).json(),
      };
    },
    async close() {
      for (const closer of closers.reverse()) await closer();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return site;
}

function send(app: FastifyInstance, url: string, headers: Record<string, string>, payload: object) {
  return app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': JSON_TYPE, ...headers },
    payload,
  });
}

/** The cookie that a response set, as a browser sends it back. */
export function cookieOf(answer: { headers: Record<string, unknown> }): string {
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
}
