/** The app commands: which apps the registry has, and whether they work. */
import { listKeys, openKeyRing } from '@samesite-sso/core';
import {
  type Environment,
  filePath,
  origin,
  readEnvironment,
  required,
  unlessInvalid,
} from '@samesite-sso/server/config';
import { type RegisteredApp, readRegistry } from '../../registry/read-registry.ts';
import type { Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, existingDatabase, withStores } from '../command.ts';
import { KEY_VARIABLES, toKeyPlace, withSigningKeys } from '../signing-keys.ts';
import { table } from '../table.ts';
import { checkApp } from './app-check.ts';
import { differencesOf, findLoaded, isLoaded, loadedFindings, warnOfRemoved } from './loaded-apps.ts';

const HEADINGS = ['ORIGIN', 'NAME', 'SERVER', 'GROUPS', 'SECOND FACTOR', 'LOADED'];

export const addAppCommands: AddCommands = (group, { environment, report }) => {
  group
    .command('list')
    .description('list the apps of the registry, and whether the running SSO service has loaded them')
    .addHelpText(
      'after',
      `
The SSO service reads the registry again when it changes. LOADED is "no" for an app that a running instance
hasn't loaded as it is in the file, and "-" if no service is running on the database.
GROUPS: a person must be in at least one of them. An app whose groups have no members is reported.`,
    )
    .action(async () => {
      const { apps, warnings, loaded } = await readSite(environment);
      const compared = apps.map((app) => ({ ...app, loaded: isLoaded(app, loaded) }));
      const rows = compared.map(({ origin, name, server, groups, secondFactor, loaded }) => [
        origin,
        name,
        server,
        groups?.join(', ') ?? null,
        secondFactor ? 'required' : null,
        loaded === null ? null : loaded ? 'yes' : 'no',
      ]);
      const differences = apps.flatMap((app) =>
        differencesOf(app, loaded).map((difference) => `${app.origin} ${difference}`),
      );
      await report(table(HEADINGS, rows), compared, [...warnings, ...differences]);
    });

  group
    .command('check')
    .description("fetch each app's keys, send it a logout token, and report what is wrong")
    .addHelpText(
      'after',
      `
An app that a running SSO service hasn't loaded as it is in the file fails, too.
The logout token is for a session that doesn't exist.
Run this where the SSO service runs, since the service must reach the apps. NODE_EXTRA_CA_CERTS adds a
private certificate authority, as it does for the service.
Passed checks go to standard output, failed ones to standard error. --json prints all of them.`,
    )
    .action(async () => {
      const { apps, warnings, loaded, issuer, keyPlace } = await readSite(environment, { needsKeys: true });
      const checked = await withSigningKeys(keyPlace, async (store) => {
        await listKeys(store); // Throws if there are no keys: the key ring would create one.
        const keys = await openKeyRing(store);
        try {
          return await Promise.all(
            apps.map(async (app) => ({
              ...app,
              findings: [...loadedFindings(app, loaded), ...(await checkApp(app, { issuer, keys }))],
            })),
          );
        } finally {
          await keys.close();
        }
      });
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

/** One warning per app that nobody may use, because none of its groups has a member. */
async function warnOfEmptyGroups(apps: readonly RegisteredApp[], { groups }: Stores): Promise<string[]> {
  const existing = new Set<string>();
  for await (const page of groups.pages()) for (const { name } of page) existing.add(name);
  return apps.flatMap(({ origin, groups: names }) =>
    names === null || names.some((name) => existing.has(name))
      ? []
      : [`${origin} can't be used by anybody: no account is in ${names.join(' or ')}`],
  );
}

/** @throws {ConfigError} with every error of the environment and the registry */
async function readSite(environment: Environment, { needsKeys = false } = {}) {
  const { SSO_ORIGIN, keyPlace, registry } = readEnvironment(
    needsKeys ? environment : { ...environment, SSO_SEALING_KEY_FILE: undefined },
    { ...KEY_VARIABLES, SSO_ORIGIN: required(origin), SSO_APPS: required(filePath) },
    {
      keyPlace: (values) =>
        needsKeys ? toKeyPlace(values) : { database: existingDatabase(values.SSO_DATABASE), sealing: null },
      registry: (values) =>
        readRegistry(
          values.SSO_APPS,
          unlessInvalid(() => values.SSO_ORIGIN),
        ),
    },
  );
  const { apps } = registry;
  const { loaded, groupWarnings } = await withStores(keyPlace.database, async (stores) => ({
    loaded: await findLoaded(stores),
    groupWarnings: await warnOfEmptyGroups(apps, stores),
  }));
  return {
    apps,
    warnings: [...registry.warnings, ...warnOfRemoved(apps, loaded), ...groupWarnings],
    loaded,
    keyPlace,
    issuer: SSO_ORIGIN,
  };
}
