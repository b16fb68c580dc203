/**
 * What every test of faults stands on: the whole site as real processes on free ports, in a folder of its own, with the
 * demo's accounts, and beside foo and lorem an app of the test's own. All of it is gone when the test is over.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { demoAccounts } from '../../scripts/site/demo-accounts.ts';
import { freePorts } from '../../scripts/site/free-ports.ts';
import { type Site, type SiteOptions, startSite } from '../../scripts/site/site.ts';
import type { ProcessName } from '../../scripts/site/site-settings.ts';
import { type OwnApp, startOwnApp } from './own-app.ts';
import { type Credentials, Person } from './person.ts';

export const [ada, grace] = demoAccounts;

export interface RunningSite extends Site {
  /** Where databases, keys, registry and logs are. */
  readonly folder: string;
  readonly ipsum: OwnApp;
  databaseOf(name: ProcessName): string;
  /** Somebody at a browser that has never been here; ada unless it is said. */
  person(credentials?: Credentials): Person;
}

/**
 * @param environment beyond what the contract asks for, by process
 * @param folder where everything is kept; one of its own that is removed, unless it is said
 */
export async function runningSite({
  environment = {},
  folder = temporaryFolder(),
}: Pick<SiteOptions, 'environment'> & { folder?: string } = {}): Promise<RunningSite> {
  const ipsum = await startOwnApp();
  writeFileSync(join(folder, 'apps.json'), JSON.stringify([ipsum.entry]));
  const site = await startSite({ scheme: 'http', folder, ports: await freePorts(), environment });
  onTestFinished(async () => {
    // A test may have ended them already, and in its own way.
    for (const name of ['sso', 'foo', 'lorem'] as const) if (site[name].pid !== null) await site[name].kill();
  });
  return {
    ...site,
    folder,
    ipsum,
    databaseOf: (name) => join(folder, `${name}.db`),
    person: (credentials = ada) => new Person(site.sso, site.foo, credentials),
  };
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-faults-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
