/**
 * What is attacked: the real SSO service, foo and lorem, listening on loopback in this process, with ada and grace
 * in it and a clock that the test moves. `state` is what an attack must leave as it was.
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { buildApp as buildFoo, type PageServer } from '../../apps/foo/server/app.ts';
import { loadConfig as loadFooConfig } from '../../apps/foo/server/config.ts';
import { servePage } from '../../apps/foo/server/page.ts';
import { hashPassword } from '../../apps/sso/src/accounts/hashing/argon2.ts';
import { buildApp as buildSso } from '../../apps/sso/src/app.ts';
import { loadConfig as loadSsoConfig } from '../../apps/sso/src/config.ts';
import { openSqliteStores } from '../../apps/sso/src/storage/sqlite/sqlite-stores.ts';
import { demoAccounts } from '../../scripts/site/demo-accounts.ts';
import { freePorts } from '../../scripts/site/free-ports.ts';
import {
  environmentOf,
  originOf,
  type ProcessName,
  type SiteSettings,
} from '../../scripts/site/site-settings.ts';
import type { Target } from './request.ts';

export const [ADA, GRACE] = demoAccounts;

export interface Server extends Target {
  origin: string;
  database: string;
  app: FastifyInstance;
}

/** Every row of every table of the three databases, by `server.table`. */
export type State = Record<string, unknown[]>;

export type Site = Record<ProcessName, Server> & {
  clock: { now: number };
  /**
   * What all three servers hold.
   *
   * @param except tables that an attack may well write to, such as `sso.login_failure`; the audit trail is never among
   *   the state, since a refusal is told there
   */
  state(...except: string[]): State;
};

type AppEntry = Record<'origin' | 'name' | 'server', string>;

/** One for all tests of a file: for attacks that leave it as it was. */
export function sharedSite(environment?: Record<string, string>): () => Site {
  let shared: Site;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    shared = await site(environment, [], (end) => ends.push(end));
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return () => shared;
}

/**
 * @param environment what the SSO service is told beyond the contract's defaults
 * @param moreApps registered beside foo and lorem
 * @param atEnd is told how it ends: by default with the test
 */
export async function site(
  environment: Record<string, string> = {},
  moreApps: readonly AppEntry[] = [],
  atEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'samesite-sso-attacked-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const settings: SiteSettings = { scheme: 'http', ports: await freePorts(), folder, certificates: null };
  const clock = { now: Date.parse('2026-11-22T12:00:00Z') };
  const now = () => clock.now;
  const quiet = { LOG_LEVEL: 'silent', ...environment };

  const origins = { foo: originOf(settings, 'foo'), lorem: originOf(settings, 'lorem') };
  const registry = (['foo', 'lorem'] as const).map((name) => ({
    origin: origins[name],
    name,
    server: `http://127.0.0.1:${settings.ports[name]}`,
  }));
  writeFileSync(join(folder, 'apps.json'), JSON.stringify([...registry, ...moreApps]));
  await addPeople(join(folder, 'sso.db'));

  const start = async (name: ProcessName): Promise<Server> => {
    const variables = { ...environmentOf(settings, name), ...quiet };
    const { config, app } = name === 'sso' ? await startSso(variables, now) : await startFoo(variables, now);
    await app.listen(config.listen);
    atEnd(async () => void (await app.close()));
    return { origin: config.origin, port: config.listen.port, database: config.database, app };
  };
  const servers = { sso: await start('sso'), foo: await start('foo'), lorem: await start('lorem') };
  return { ...servers, clock, state: (...except) => stateOf(servers, except) };
}

async function startSso(environment: Record<string, string>, clock: () => number) {
  const config = loadSsoConfig(environment);
  return { config, app: await buildSso(config, clock) };
}

async function startFoo(environment: Record<string, string>, clock: () => number) {
  const config = loadFooConfig(environment);
  return { config, app: await buildFoo(config, pageOfOneLine, clock) };
}

/**
 * A page with the policy of the built one, so that no attack waits for a build; and a request of the app's own that
 * changes something, guarded as its author would guard it: how many orders there are is what it changes.
 */
const pageOfOneLine: PageServer = Object.assign(
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

const hashes = new Map<string, Promise<string>>();

async function addPeople(database: string): Promise<void> {
  const stores = openSqliteStores(database);
  const people = await Promise.all(
    demoAccounts.map(async ({ username, displayName, password }) => {
      const hash = hashes.get(username) ?? hashPassword(password);
      hashes.set(username, hash);
      return {
        id: `account-of-${username}`,
        username,
        displayName,
        usernameKey: username,
        passwordHash: await hash,
      };
    }),
  );
  await stores.accounts.add(people, { at: 0, actor: 'operator', address: null });
  stores.close();
}

export function stateOf(
  servers: Readonly<Record<string, Pick<Server, 'database'>>>,
  except: readonly string[] = [],
): State {
  const state: State = {};
  for (const [name, { database }] of Object.entries(servers)) {
    const sqlite = new Sqlite(database, { readonly: true });
    const tables = sqlite
      .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
      .pluck()
      .all() as string[];
    for (const table of tables) {
      const full = `${name}.${table}`;
      if (/audit_record|sqlite_/.test(table) || except.includes(full)) continue;
      state[full] = sqlite.prepare(`SELECT * FROM ${table}`).all();
    }
    sqlite.close();
  }
  return state;
}
