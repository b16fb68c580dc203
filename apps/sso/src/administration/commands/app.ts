/** The app commands: which apps the registry has, and whether they work. */
import { listKeys, openKeyRing } from '@samesite-sso/core';
import {
  databasePath,
  type Environment,
  filePath,
  origin,
  readEnvironment,
  required,
  unlessInvalid,
} from '@samesite-sso/server/config';
import { type RegisteredApp, readRegistry } from '../../registry.ts';
import type { LoadedRegistry } from '../../storage/stores.ts';
import { type AddCommands, CommandError, existingDatabase, withStores } from '../command.ts';
import { formatSecond, table } from '../table.ts';
import { checkApp, type Finding } from './app-check.ts';

export const addAppCommands: AddCommands = (group, { environment, report }) => {
  group
    .command('list')
    .description('list the apps of the registry, and whether the running SSO service has loaded them')
    .addHelpText(
      'after',
      `
The SSO service reads the registry when it starts. LOADED is "no" for an app that was added or changed since,
and "-" if no service is running on the database.`,
    )
    .action(async () => {
      const { apps, warnings, loaded } = await readSite(environment);
      const compared = apps.map((app) => ({ ...app, difference: loaded && differenceOf(app, loaded) }));
      const isLoaded = (difference: string | null) => (loaded === null ? null : difference === null);
      const rows = compared.map(({ origin, name, server, difference }) => [
        origin,
        name,
        server,
        loaded && (isLoaded(difference) ? 'yes' : 'no'),
      ]);
      const changed = compared.filter(({ difference }) => difference !== null);
      await report(
        table(['ORIGIN', 'NAME', 'SERVER', 'LOADED'], rows),
        compared.map(({ difference, ...app }) => ({ ...app, loaded: isLoaded(difference) })),
        [...warnings, ...changed.map(({ origin, difference }) => `${origin} ${difference}`)],
      );
    });

  group
    .command('check')
    .description("fetch each app's keys, send it a logout token, and report what is wrong")
    .addHelpText(
      'after',
      `
An app that was added or changed since the running SSO service read its registry fails, too.
The logout token is for a session that doesn't exist.
Run this where the SSO service runs, since the service must reach the apps. NODE_EXTRA_CA_CERTS adds a
private certificate authority, as it does for the service.
Passed checks go to standard output, failed ones to standard error. --json prints all of them.`,
    )
    .action(async () => {
      const { apps, warnings, loaded, issuer, database } = await readSite(environment);
      listKeys(database); // Throws if there are no keys: the key ring would create one.
      const service = { issuer, keys: await openKeyRing(database) };
      const checked = await Promise.all(
        apps.map(async (app) => ({
          ...app,
          findings: [...loadedFindings(app, loaded), ...(await checkApp(app, service))],
        })),
      );
      const linesOf = (wanted: boolean) =>
        checked.flatMap(({ origin, findings }) =>
          findings.filter(({ passed }) => passed === wanted).map(({ message }) => `${origin} ${message}`),
        );
      const passed = linesOf(true).map((line) => `✓ ${line}\n`);
      await report(passed.join(''), checked, warnings);
      const failed = linesOf(false);
      if (failed.length > 0) throw new CommandError(...failed);
    });
};

/** How an app differs from what the running service has loaded, as a predicate of its origin. */
function differenceOf(app: RegisteredApp, loaded: LoadedRegistry): string | null {
  const known = loaded.apps.find(({ origin }) => origin === app.origin);
  if (known === undefined) return `isn't loaded yet; ${remedyFor(loaded)}`;
  if (known.server !== app.server) return `is loaded with the server ${known.server}; ${remedyFor(loaded)}`;
  return known.name === app.name ? null : `is loaded with the name ${known.name}; ${remedyFor(loaded)}`;
}

function loadedFindings(app: RegisteredApp, loaded: LoadedRegistry | null): Finding[] {
  if (loaded === null) return [];
  const difference = differenceOf(app, loaded);
  const message = difference ?? 'is loaded by the running SSO service';
  return [{ check: 'loaded', passed: difference === null, message }];
}

function remedyFor({ loadedAt }: LoadedRegistry): string {
  return `the running SSO service read its registry at ${formatSecond(loadedAt)}: restart it`;
}

/** @throws {ConfigError} with every error of the environment and the registry */
async function readSite(environment: Environment) {
  const { SSO_ORIGIN, database, registry } = readEnvironment(
    environment,
    { SSO_DATABASE: required(databasePath), SSO_ORIGIN: required(origin), SSO_APPS: required(filePath) },
    {
      database: ({ SSO_DATABASE }) => existingDatabase(SSO_DATABASE),
      registry: (values) =>
        readRegistry(
          values.SSO_APPS,
          unlessInvalid(() => values.SSO_ORIGIN),
        ),
    },
  );
  const { apps } = registry;
  /** Null if no service is running. */
  const loaded = await withStores(database, ({ loadedRegistry }) => loadedRegistry.find());
  const removed = loaded?.apps.filter(({ origin }) => !apps.some((app) => app.origin === origin)) ?? [];
  const warnings = removed.map(({ origin }) => {
    return `${origin} is loaded but no longer in the registry${loaded && `; ${remedyFor(loaded)}`}`;
  });
  return { apps, warnings: [...registry.warnings, ...warnings], loaded, database, issuer: SSO_ORIGIN };
}
