/** A story's site: SSO service, foo, lorem and optionally the lab, as processes with the demo's accounts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../scripts/site/ports.ts';
import { type Site, type SiteOptions, startSite } from '../scripts/site/site.ts';
import type { SiteProcess } from '../scripts/site/site-process.ts';
import { type Databases, processNames, type Scheme } from '../scripts/site/site-settings.ts';
import { addDemoAccounts } from '../test/support/accounts.ts';
import { changedRows, type DatabaseState, databaseState } from '../test/support/database-state.ts';
import { openPostgresTestServer, type PostgresTestServer } from '../test/support/postgres-test-server.ts';
import { type ForeignCertificates, foreignCertificates } from './foreign-origin.ts';

export interface StorySite extends Site {
  /** Where databases, keys and logs are. It is removed when the site stops. */
  folder: string;
  /** Databases in PostgreSQL, in place of files in the folder. */
  databases: Databases | undefined;
  foreignCertificates: ForeignCertificates;
  /** The certificate authorities that the browser has to trust. */
  authorityFiles: readonly string[];
  /** The databases' contents: a request that changed anything left a trace here. */
  state(): Promise<DatabaseState>;
  /** The rows that have changed since `state()` returned `before`. */
  changesSince(before: DatabaseState): Promise<string[]>;
}

/** They change after a story, through delivered logout tokens and the servers' own records. */
const VOLATILE_TABLES = [
  ...['audit_record', 'logout_notice', 'delivery_lease', 'loaded_registry', 'app_server'],
  ...['logout_token', 'ended_session'],
];

export interface StorySiteOptions {
  /** Variables beyond the defaults, by process. */
  environment?: SiteOptions['environment'];
  /** Whether to start the lab. Without it, no process reports to it or links to it. */
  hasLab?: boolean;
  /** Whether to keep the data in PostgreSQL, on a server of the site's own. */
  hasPostgres?: boolean;
}

export async function startStorySite(
  scheme: Scheme,
  { environment = {}, hasLab = false, hasPostgres = false }: StorySiteOptions = {},
): Promise<StorySite> {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-e2e-'));
  const postgres = hasPostgres ? await openPostgresTestServer('stories') : null;
  const databases = postgres === null ? undefined : await createDatabases(postgres);
  const ports = await freePorts();
  const site = await startSite({
    scheme,
    folder,
    databases,
    ports,
    environment,
    hasLab,
    addAccounts: addDemoAccounts,
  });
  const foreign = await foreignCertificates(join(folder, 'foreign'));
  const certificates = [site.certificates, ...Object.values(foreign)];
  const files = Object.fromEntries(processNames.map((name) => [name, join(folder, `${name}.db`)]));
  const volatile = processNames.flatMap((name) => VOLATILE_TABLES.map((table) => `${name}.${table}`));
  const state = () => databaseState(databases ?? files, volatile);
  return {
    ...site,
    folder,
    databases,
    foreignCertificates: foreign,
    authorityFiles: [...new Set(certificates.flatMap((each) => each?.authorityFile ?? []))],
    state,
    changesSince: async (before) => changedRows(before, await state()),
    stop: async () => {
      await site.stop();
      await postgres?.remove();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function createDatabases({ createDatabase }: PostgresTestServer): Promise<Databases> {
  return { sso: await createDatabase(), foo: await createDatabase(), lorem: await createDatabase() };
}

/** @throws {Error} if the site has no lab */
export function labOf({ lab }: StorySite): SiteProcess {
  if (lab === null) throw new Error('The site of this story has no lab. The option `hasLab` starts it.');
  return lab;
}

/** Registers one more app during a story. Once the SSO service is ready again, it has read its registry. */
export async function withApp(
  { folder, sso }: StorySite,
  origin: string,
  story: () => Promise<void>,
): Promise<void> {
  const file = join(folder, 'apps.json');
  const registry = readFileSync(file, 'utf8');
  const restartWith = async (content: string) => {
    writeFileSync(file, content);
    await sso.stop();
    await sso.start();
  };
  await restartWith(JSON.stringify([...JSON.parse(registry), { origin, name: 'One more' }]));
  await story().finally(() => restartWith(registry));
}

/** Suspends a server's process while a function runs. It handles the requests of that time afterwards. */
export async function paused<Result>(server: SiteProcess, meanwhile: () => Promise<Result>): Promise<Result> {
  const pid = server.pid ?? Number.NaN;
  process.kill(pid, 'SIGSTOP');
  try {
    return await meanwhile();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
