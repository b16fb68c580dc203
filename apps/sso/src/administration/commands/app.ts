/** The app commands: which apps the registry has, and whether they work. */
import { listKeys, openKeyRing } from '@samesite-sso/core';
import {
  databasePath,
  type Environment,
  filePath,
  origin,
  readEnvironment,
  required,
  unlessFaulty,
} from '@samesite-sso/server';
import { type RegisteredApp, readRegistry } from '../../registry.ts';
import type { AddCommands } from '../command-context.ts';
import { existingDatabase, withStoresIn } from '../operator.ts';
import { table } from '../table.ts';
import { checkApp, type Finding } from './app-check.ts';
import { compareLoaded, type LoadedApps } from './loaded-apps.ts';

const LOADED_CELLS = { true: 'yes', false: 'no', null: null };

export const addAppCommands: AddCommands = (group, { environment, report }) => {
  group
    .command('list')
    .description('list the apps of the registry, and whether the running SSO service has loaded them')
    .addHelpText(
      'after',
      `
The SSO service reads the registry when it starts. LOADED is "no" for an app that was added or changed since,
and empty if no service is running on the database.`,
    )
    .action(async () => {
      const { apps, warnings, database } = readSite(environment);
      const loaded = await findLoaded(apps, database);
      const differences = apps.flatMap((app) => {
        const difference = loaded.differenceOf(app);
        return difference === null ? [] : [`${app.origin} ${difference}`];
      });
      const rows = apps.map((app) => [
        app.origin,
        app.name,
        app.server,
        LOADED_CELLS[`${loaded.isLoaded(app)}`],
      ]);
      await report({
        text: table(['ORIGIN', 'NAME', 'SERVER', 'LOADED'], rows),
        json: apps.map((app) => ({ ...app, loaded: loaded.isLoaded(app) })),
        warnings: [...warnings, ...differences, ...removedWarnings(loaded)],
      });
    });

  group
    .command('check')
    .description("fetch each app's keys, send it a logout token, and report what is wrong")
    .addHelpText(
      'after',
      `
An app that was added or changed since the running SSO service read its registry fails, too.
The logout token is for a session that doesn't exist.
Run this where the SSO service runs, since that is what must reach the apps. NODE_EXTRA_CA_CERTS adds a private
certificate authority, as it does for the service.
Passed checks go to standard output, failed ones to standard error. With --json, all go to standard output too.`,
    )
    .action(async () => {
      const { apps, warnings, issuer, database } = readSite(environment);
      listKeys(database); // Throws if there are no keys: the key ring would create one.
      const loaded = await findLoaded(apps, database);
      const service = { issuer, keys: await openKeyRing(database) };
      const checked = await Promise.all(
        apps.map(async (app) => ({
          ...app,
          findings: [...loadedFindings(app, loaded), ...(await checkApp(app, service))],
        })),
      );
      const linesOf = (wanted: boolean) =>
        checked.flatMap(({ origin, findings }) =>
          findings
            .filter(({ passed }) => passed === wanted)
            .map(({ passed, message }) => `${passed ? '✓' : '✗'} ${origin} ${message}`),
        );
      await report({
        text: linesOf(true)
          .map((line) => `${line}\n`)
          .join(''),
        json: checked,
        failures: linesOf(false),
        warnings: [...warnings, ...removedWarnings(loaded)],
      });
    });
};

async function findLoaded(apps: readonly RegisteredApp[], database: string): Promise<LoadedApps> {
  return compareLoaded(apps, await withStoresIn(database, ({ loadedRegistry }) => loadedRegistry.find()));
}

function loadedFindings(app: RegisteredApp, loaded: LoadedApps): Finding[] {
  const isLoaded = loaded.isLoaded(app);
  if (isLoaded === null) return [];
  const message = loaded.differenceOf(app) ?? 'is loaded by the running SSO service';
  return [{ check: 'loaded', passed: isLoaded, message }];
}

function removedWarnings({ removed, remedy }: LoadedApps): string[] {
  return removed.map((origin) => `${origin} is loaded but no longer in the registry; ${remedy}`);
}

/** @throws {ConfigError} with every error of the environment and the registry */
function readSite(environment: Environment) {
  const { SSO_ORIGIN, database, registry } = readEnvironment(
    environment,
    { SSO_DATABASE: required(databasePath), SSO_ORIGIN: required(origin), SSO_APPS: required(filePath) },
    {
      database: ({ SSO_DATABASE }) => existingDatabase(SSO_DATABASE),
      registry: (values) =>
        readRegistry(
          values.SSO_APPS,
          unlessFaulty(() => values.SSO_ORIGIN),
        ),
    },
  );
  return { database, issuer: SSO_ORIGIN, ...registry };
}
