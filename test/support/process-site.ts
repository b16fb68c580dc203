/**
 * The site as real processes on free ports, in a folder of its own, with the demo's accounts and, beside foo
 * and lorem, an app that the test controls. All processes end with the test.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePorts } from '../../scripts/site/ports.ts';
import { type SiteOptions, startSite } from '../../scripts/site/site.ts';
import { type ProcessName, processNames } from '../../scripts/site/site-settings.ts';
import { addDemoAccounts } from './accounts.ts';
import { ADA, Browser, type Credentials, keepAliveAgent } from './browser.ts';
import { ssoDatabase } from './sso-database.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';
import { startTestApp } from './test-app.ts';

export type RunningSite = Awaited<ReturnType<typeof runningSite>>;

/**
 * @param environment variables beyond the defaults, by process
 * @param folder where everything is kept; by default a temporary one
 * @param hasLab whether the lab runs as well
 */
export async function runningSite({
  environment = {},
  folder = temporaryFolder(),
  hasLab = false,
}: Pick<SiteOptions, 'environment' | 'hasLab'> & { folder?: string } = {}) {
  const ipsum = await startTestApp();
  writeFileSync(
    join(folder, 'apps.json'),
    JSON.stringify([{ origin: ipsum.origin, name: 'Ipsum', server: ipsum.server }]),
  );
  const ports = await freePorts();
  const SSO_DATABASE = await ssoDatabase(join(folder, 'sso.db'));
  const site = await startSite({
    scheme: 'http',
    folder,
    ports,
    environment: { ...environment, sso: { SSO_DATABASE, ...environment.sso } },
    hasLab,
    addAccounts: () => addDemoAccounts(SSO_DATABASE),
  });
  onTestFinished(async () => {
    // The test itself may have ended some.
    const processes = [...processNames.map((name) => site[name]), site.lab];
    for (const each of processes) if (each !== null && each.pid !== null) await each.end('SIGKILL');
  });
  return {
    ...site,
    /** Where SQLite's databases, keys, registry and logs are. */
    folder,
    ipsum,
    databaseOf: (name: ProcessName) => (name === 'sso' ? SSO_DATABASE : join(folder, `${name}.db`)),
    /** A person, ada by default, at a browser without cookies. */
    person: (credentials: Credentials = ADA) => new Browser(site, credentials, keepAliveAgent),
  };
}
