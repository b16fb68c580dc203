/**
 * This repository's servers as real processes, and the requests that load them. Apart from what a comparison
 * sets, the settings are the defaults, with durable commits and a log at `info`.
 */
import { join } from 'node:path';
import { openStore } from '../packages/relying-app/src/storage/open-store.ts';
import { freePort, freePorts } from '../scripts/site/ports.ts';
import { NODE_OPTIONS, type SiteOptions, startSite } from '../scripts/site/site.ts';
import { SiteProcess } from '../scripts/site/site-process.ts';
import {
  type Databases,
  databaseOf,
  environmentOf,
  type SiteSettings,
  sealingKeyFileOf,
} from '../scripts/site/site-settings.ts';
import { addAccounts, PASSWORD_HASH } from '../test/support/accounts.ts';
import { stopAfterComparison } from './cleanup.ts';
import { ASSERTION_TYPE, type AssertionKey, createAssertion } from './client-assertion.ts';
import { newFolder } from './data-folder.ts';
import { CONNECTIONS, type HttpRequest, type HttpResponse, send, sendAll } from './requests.ts';
import { addSessionsTo } from './sessions.ts';

export type Product = Awaited<ReturnType<typeof startProduct>>;

const JSON_TYPE = { 'content-type': 'application/json' };
const PASSWORD = 'correct horse battery staple';

/**
 * @param environment variables beyond the defaults, by process
 * @param databases PostgreSQL databases in place of SQLite files
 */
export async function startProduct(environment: SiteOptions['environment'] = {}, databases?: Databases) {
  const folder = newFolder('site');
  const ports = await freePorts();
  const settings: SiteSettings = { scheme: 'http', folder, ports, databases, certificates: null };
  const site = await startSite({ ...settings, environment, addAccounts: addPeople });
  stopAfterComparison(site.stop);
  const { origin } = site.foo;
  const database = databaseOf(settings, 'sso');
  // `addAccounts` builds the ids like this.
  const accountIds = usernames.map((username) => `account-of-${username}`);
  const appKey = await readAppKey(settings);
  const post = (body: object, cookie?: string): HttpRequest => ({
    method: 'POST',
    path: '/',
    headers: { origin, ...JSON_TYPE, ...(cookie && { cookie }) },
    body: JSON.stringify(body),
  });
  const logins = usernames.map((username) => post({ request: 'login', username, password: PASSWORD }));
  const startAppSession = (token: string): HttpRequest => ({
    method: 'POST',
    path: '/session',
    headers: { origin, ...JSON_TYPE },
    body: JSON.stringify({ token }),
  });
  /**
   * Step 3, many times.
   *
   * @returns the tokens
   */
  const issueTokens = async (cookies: readonly string[], count: number): Promise<string[]> => {
    const requests = Array.from({ length: count }, (_, index) =>
      post({ request: 'authentication token' }, cookies[index % cookies.length]),
    );
    return (await sendAll(site.sso.address, requests)).map(({ body }) => JSON.parse(body).token);
  };
  return {
    ...site,
    accountIds,
    /** Of the SSO service: a file's path, or a URL. */
    database,
    /** Starts another instance of the SSO service, with another URL of its database. */
    startInstance: async (url: string): Promise<SiteProcess> => {
      const port = await freePort();
      const instance = new SiteProcess({
        name: 'sso',
        origin: site.sso.origin,
        address: `http://127.0.0.1:${port}`,
        authorityFile: null,
        logFile: join(folder, 'log', `sso-${port}.log`),
        command: [...NODE_OPTIONS, 'apps/sso/src/main.ts'],
        environment: {
          ...environmentOf(settings, 'sso'),
          ...environment['sso'],
          SSO_DATABASE: url,
          SSO_LISTEN: `127.0.0.1:${port}`,
        },
      });
      stopAfterComparison(() => instance.stop());
      await instance.start();
      return instance;
    },
    preflight: {
      method: 'OPTIONS',
      path: '/',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    } as HttpRequest,
    loginStatus: (cookie?: string) => post({ request: 'login status' }, cookie),
    token: (cookie: string) => post({ request: 'authentication token' }, cookie),
    /** Step 5 of each person. */
    logins,
    /** Step 4. */
    startAppSession,
    /** Step 1, signed in. */
    appSession: async (cookies: readonly string[]): Promise<HttpRequest> => {
      const [token = ''] = await issueTokens(cookies, 1);
      const { cookie } = await send(site.foo.address, startAppSession(token));
      return { method: 'GET', path: '/session', headers: { cookie } };
    },
    /**
     * Starts SSO sessions, by default one for each person.
     *
     * @returns their cookies
     */
    startSessions: (count = CONNECTIONS) => addSessionsTo(database, count, accountIds, origin),
    issueTokens,
    /** The request of the app's server in step 4. */
    introspection: async (token: string): Promise<HttpRequest> => {
      const assertion = await createAssertion(appKey, origin, site.sso.origin);
      const form = { token, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
      return {
        method: 'POST',
        path: '/introspect',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      };
    },
  };
}

/** Whether a response to step 1, 2, 4 or 5 says that a person is signed in. */
export function isSignedIn({ body }: HttpResponse): boolean {
  return body.includes('"signed in"');
}

/** One per connection, so that a round doesn't use a single session. */
const usernames = Array.from({ length: CONNECTIONS }, (_, index) => `person-${index}`);

async function addPeople(database: string): Promise<void> {
  const accounts = usernames.map((username) => ({
    username,
    displayName: username,
    passwordHash: PASSWORD_HASH,
  }));
  await addAccounts(database, accounts);
}

/** The key of the app that sends the introspections. */
async function readAppKey(settings: SiteSettings): Promise<AssertionKey> {
  const { store, keys } = await openStore({
    database: databaseOf(settings, 'foo'),
    sealingKeyFile: sealingKeyFileOf(settings),
  });
  const [key] = (await keys.read()).keys;
  await store.close();
  if (key === undefined) throw new Error('the app has no key');
  return { kid: key.kid, key: key.privateKey };
}
