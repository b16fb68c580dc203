/**
 * The site in the test's process: the real SSO service, foo and lorem, listening on loopback, with ada and
 * grace as accounts and a clock that the test sets. process-site.ts runs it as separate processes. The
 * project decides which storage engine the SSO service has (sso-database.ts).
 */
import { writeFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { beforeAll, onTestFinished } from 'vitest';
import { buildApp as buildFoo, type PageServer } from '../../apps/foo/server/app.ts';
import { loadConfig as loadFooConfig } from '../../apps/foo/server/config.ts';
import { servePage } from '../../apps/foo/server/page.ts';
import { createSsoService } from '../../apps/sso/src/app.ts';
import { loadConfig as loadSsoConfig } from '../../apps/sso/src/config.ts';
import { createSealingKey } from '../../scripts/containers/demo-secrets.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import {
  addressOf,
  databaseOf,
  environmentOf,
  type ProcessName,
  registryFileOf,
  registryOf,
  type SiteSettings,
  sealingKeyFileOf,
} from '../../scripts/site/site-settings.ts';
import { addDemoAccounts } from './accounts.ts';
import { type AtEnd, afterAllTests } from './at-end.ts';
import type { Party } from './browser.ts';
import { type DatabaseState, databaseState } from './database-state.ts';
import { sharedHasher } from './shared-hasher.ts';
import { ssoDatabase } from './sso-database.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

/** The SSO service records refusals in its audit trail, and each minute that it is running. */
const OWN_RECORDS = ['sso.audit_record', 'sso.loaded_registry'];

export interface Server extends Party {
  port: number;
  /** A file, or the URL of the SSO service's PostgreSQL database. */
  database: string;
  app: FastifyInstance;
}

export type Site = Record<ProcessName, Server> & {
  clock: { now: number };
  /** Where the registry and the databases of SQLite are. */
  folder: string;
  /**
   * The rows of all three databases, without the SSO service's own records. An attack must leave them
   * unchanged.
   *
   * @param except tables that the attack may change
   */
  state(...except: string[]): Promise<DatabaseState>;
};

/** One site for all tests of a file or `describe`: for attacks that change nothing. */
export function sharedSite(environment?: Record<string, string>): () => Site {
  const atEnd = afterAllTests();
  let shared: Site;
  beforeAll(async () => {
    shared = await site(environment, [], atEnd);
  });
  return () => shared;
}

/**
 * @param environment variables of the SSO service beyond the defaults
 * @param moreApps registered beside foo and lorem
 * @param atEnd registers the cleanup, by default with the running test
 */
export async function site(
  environment: Record<string, string> = {},
  moreApps: readonly Record<'origin' | 'name' | 'server', string>[] = [],
  atEnd: AtEnd = onTestFinished,
): Promise<Site> {
  const folder = temporaryFolder(atEnd);
  const settings: SiteSettings = { scheme: 'http', ports: await freePorts(), folder, certificates: null };
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  const now = () => clock.now;
  writeFileSync(registryFileOf(settings), JSON.stringify(registryOf(settings, moreApps)));
  createSealingKey(sealingKeyFileOf(settings));
  const SSO_DATABASE = await ssoDatabase(databaseOf(settings, 'sso'), atEnd);
  await addDemoAccounts(SSO_DATABASE);

  const build = async (name: ProcessName) => {
    const variables = { ...environmentOf(settings, name), SSO_DATABASE, LOG_LEVEL: 'silent', ...environment };
    if (name === 'sso') {
      const config = loadSsoConfig(variables);
      return { config, app: await createSsoService(config, now, await sharedHasher()) };
    }
    const config = loadFooConfig(variables);
    return { config, app: await buildFoo(config, minimalPage, now) };
  };
  const start = async (name: ProcessName): Promise<Server> => {
    const { config, app } = await build(name);
    await app.listen(config.listen);
    atEnd(async () => void (await app.close()));
    const { origin, database } = config;
    return { origin, address: addressOf(settings, name), port: config.listen.port, database, app };
  };
  const [sso, foo, lorem] = [await start('sso'), await start('foo'), await start('lorem')];
  const databases = { sso: sso.database, foo: foo.database, lorem: lorem.database };
  return {
    sso,
    foo,
    lorem,
    clock,
    folder,
    state: (...except) => databaseState(databases, [...OWN_RECORDS, ...except]),
  };
}

/**
 * Stands in for the built page, under its Content-Security-Policy. It also has a route that changes the
 * number of orders, protected as an app's author would protect it.
 */
const minimalPage: PageServer = Object.assign(
  async (app: FastifyInstance) => {
    app.get('/', async (_request, reply) => reply.type('text/html').send('<p>'));
    let orders = 0;
    app.get('/order', async () => ({ orders }));
    app.post('/order', { onRequest: app.sso.requireSession }, async ({ appSession }) => {
      orders += 1;
      return { orderedBy: appSession?.account.username };
    });
  },
  { content: servePage.content },
);
