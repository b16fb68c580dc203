/**
 * The SSO service with one person signed in, and any number of apps. The servers reach each other on ports of
 * 127.0.0.1, not by their origins.
 */
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { listen } from '../../../test/support/listen.ts';
import { ADA, PASSWORD, SSO, testService } from '../../../test/support/sso/test-service.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { type RelyingAppOptions, relyingApp } from './index.ts';

export const SSO_ORIGIN = SSO;
export const ACCOUNT = ADA;
/** The number of registered apps: the SSO service reads its registry once, at start. */
const APP_COUNT = 24;

export type Site = Awaited<ReturnType<typeof startSite>>;
export type SiteApp = Awaited<ReturnType<Site['newApp']>>;

/** @param appPath the base path of every app's `server` in the registry */
export async function startSite(clock: () => number = Date.now, appPath = '') {
  const ends: (() => unknown)[] = [];
  const atEnd = (end: () => unknown) => void ends.push(end);
  const serve = async (listener: RequestListener) => {
    const { url, close } = await listen(createServer(listener));
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
  const firstOrigin = registry[0]?.origin ?? '';
  const folder = temporaryFolder(atEnd);
  const sso = await testService({ apps: registry }, { atEnd, clock });
  await sso.app.listen({ host: '127.0.0.1', port: 0 }); // It delivers logouts only once it listens.

  const requestPaths: string[] = [];
  const ssoServerUrl = await serve((request, response) => {
    requestPaths.push(request.url ?? '');
    site.handleSsoRequest(request, response);
  });
  let cookie = '';
  const post = (request: string, origin = firstOrigin) => sso.post({ request }, { cookie, origin });
  const ssoService: RequestListener = (request, response) => sso.app.routing(request, response);
  const site = {
    ssoDatabase: sso.config.database,
    /** Handles requests to the SSO service's server: by default the real service. */
    handleSsoRequest: ssoService,
    ssoService,
    /** Handles requests of the SSO service to an app's server: by default the app itself. */
    handleAppRequest: (app: RequestListener) => app,
    /** The paths of the requests to the SSO service's server, in order. */
    requestPaths,
    /** Step 5, by a browser without a session. `startSite` has done it once. */
    async signIn() {
      cookie = '';
      await site.signInAgain();
    },
    /** Step 5, by the person's browser: its SSO session goes on. */
    async signInAgain() {
      const credentials = { username: ACCOUNT.username, password: PASSWORD };
      const logIn = () => sso.post({ request: 'login', ...credentials }, { cookie, origin: firstOrigin });
      let response = await logIn();
      // On a busy machine, the first sign-ins may find no password hasher yet.
      while (response.statusCode === 503) response = await logIn();
      cookie = cookieOf(response);
    },
    /** The sign-out, by the person's browser. */
    signOut: async () => void (await post('logout')),
    /** Starts an app with its own origin and database. */
    async newApp(options: Partial<RelyingAppOptions> = {}, host: FastifyInstance = Fastify()) {
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
        /** Step 3 for this app, by the person's browser. */
        newToken: async (): Promise<string> => (await post('authentication token', origin)).json().token,
        /** Step 2, by the person's browser. */
        ssoStatus: async (): Promise<string> => (await post('login status', origin)).json().status,
        /** Step 4, as the app's own page sends it. */
        redeem: (token: unknown, headers?: Record<string, string>) =>
          host.inject({ method: 'POST', url, headers: { origin, ...headers }, payload: { token } }),
        /** Step 1. */
        fetchSession: async (cookie: string): Promise<{ status: string }> =>
          (await host.inject({ url, headers: { cookie } })).json(),
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
export function cookieOf(response: { headers: Record<string, unknown> }): string {
  return String(response.headers['set-cookie']).split(';', 1)[0] ?? '';
}
