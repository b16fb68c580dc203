/**
 * The SSO service with one person signed in, and any number of apps. The servers reach each other on ports of
 * 127.0.0.1, not by their origins.
 */
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { listen } from '../../../test/support/listen.ts';
import {
  ADA,
  PASSWORD,
  SSO,
  cookieOf as ssoCookieOf,
  testService,
} from '../../../test/support/sso/test-service.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { type RelyingAppOptions, relyingApp } from './index.ts';

export const SSO_ORIGIN = SSO;
export const ACCOUNT = ADA;
/** The number of registered apps: the SSO service reads its registry once, at start. */
const APP_COUNT = 24;

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
  redeem(token: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** Step 1. */
  fetchSession(cookie: string): Promise<{ status: string }>;
}

/** @param appPath the base path of every app's `server` in the registry */
export async function startSite(clock: () => number = Date.now, appPath = ''): Promise<Site> {
  const ends: (() => unknown)[] = [];
  const atEnd = (end: () => unknown) => void ends.push(end);
  const serve = async (answer: RequestListener) => {
    const { url, close } = await listen(createServer(answer));
    atEnd(close);
    return url;
  };

  const appServers: FastifyInstance[] = [];
  const registry = await Promise.all(
    Array.from({ length: APP_COUNT }, async (_, index) => {
      const server = await serve((request, response) => {
        const app = appServers[index];
        if (app !== undefined) site.handleAppRequest(app.routing)(request, response);
      });
      const name = `App ${index}`;
      return { origin: `http://app${index}.app.example.localhost:4001`, name, server: server + appPath };
    }),
  );
  const [firstApp] = registry;
  const folder = temporaryFolder(atEnd);
  const sso = await testService({ apps: registry }, { atEnd, clock });
  await sso.app.listen({ host: '127.0.0.1', port: 0 }); // It delivers logouts only once it listens.

  const asked: string[] = [];
  const ssoServerUrl = await serve((request, response) => {
    asked.push(request.url ?? '');
    site.handleSsoRequest(request, response);
  });
  let cookie = '';
  const ask = (request: string, origin = firstApp?.origin ?? '') => sso.post({ request }, { cookie, origin });
  const ssoService: RequestListener = (request, response) => sso.app.routing(request, response);
  const site: Site = {
    ssoDatabase: sso.config.database,
    handleSsoRequest: ssoService,
    ssoService,
    handleAppRequest: (app) => app,
    asked,
    signIn: async () => {
      const credentials = { username: ACCOUNT.username, password: PASSWORD };
      const origin = firstApp?.origin ?? '';
      const logIn = () => sso.post({ request: 'login', ...credentials }, { origin });
      let answer = await logIn();
      // On a busy machine, the first sign-ins may find no password hasher yet.
      while (answer.statusCode === 503) answer = await logIn();
      cookie = ssoCookieOf(answer);
    },
    signOut: async () => void (await ask('logout')),
    async newApp(options = {}, host = Fastify()) {
      const index = appServers.push(host) - 1;
      const origin = registry[index]?.origin ?? '';
      const database = join(folder, `app-${index}.db`);
      await host.register(relyingApp, { origin, ssoOrigin: SSO_ORIGIN, ssoServerUrl, database, ...options });
      await host.ready();
      atEnd(() => host.close());
      const url = `${appPath}/session`;
      return {
        app: host,
        origin,
        database,
        ssoServerUrl,
        newToken: async () => (await ask('authentication token', origin)).json().token,
        ssoStatus: async () => (await ask('login status', origin)).json().status,
        redeem: (token, headers) =>
          host.inject({ method: 'POST', url, headers: { origin, ...headers }, payload: { token } }),
        fetchSession: async (cookie) => (await host.inject({ url, headers: { cookie } })).json(),
      };
    },
    async close() {
      for (const end of ends.reverse()) await end();
    },
  };
  await site.signIn();
  return site;
}

/** The cookie that a response set, as a browser sends it back. */
export function cookieOf(answer: { headers: Record<string, unknown> }): string {
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
}
