/** `app list` and `app check`: the apps of the registry, and whether they can be reached. */
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
import { type RegisteredApp, readRegistry } from '../registry.ts';
import { checkApp, type Finding } from './app-check.ts';
import { command } from './command.ts';
import { compareLoaded, type LoadedApps } from './loaded-apps.ts';
import { existingDatabase, withStoresIn } from './operator.ts';
import { table } from './table.ts';

const LOADED_CELLS = { true: 'yes', false: 'no', null: null };

const environment = ['SSO_DATABASE', 'SSO_ORIGIN', 'SSO_APPS'] as const;

export const appList = command({
  name: 'app list',
  takes: [],
  options: {},
  environment,
  purpose: 'list the apps of the registry, and whether the running SSO service knows them',
  details:
    'The SSO service reads the registry at its start: LOADED says `no` where an app was added or changed\n' +
    'since. It is empty where no service runs on the database.',
  example: 'app list',
  async run(environment) {
    const { apps, warnings, database } = readSite(environment);
    const loaded = await findLoaded(apps, database);
    const faults = apps.flatMap((app) => {
      const fault = loaded.faultOf(app);
      return fault === null ? [] : [`${app.origin} ${fault}`];
    });
    const rows = apps.map((app) => [
      app.origin,
      app.name,
      app.server,
      LOADED_CELLS[`${loaded.isLoaded(app)}`],
    ]);
    return {
      text: table(['ORIGIN', 'NAME', 'SERVER', 'LOADED'], rows),
      json: apps.map((app) => ({ ...app, loaded: loaded.isLoaded(app) })),
      warnings: [...warnings, ...faults, ...removedWarnings(loaded)],
    };
  },
});

export const appCheck = command({
  name: 'app check',
  takes: [],
  options: {},
  environment,
  purpose: "ask each app's server for its keys and send it a logout, and say what is wrong",
  details:
    'An app that was added or changed since the running SSO service read its registry is wrong, too.\n' +
    'The logout is of a session that nobody has. It is run where the SSO service runs, since that is what must reach\n' +
    'the apps; a private certificate authority is trusted through NODE_EXTRA_CA_CERTS, as there. What is right is\n' +
    'printed on standard output, what is wrong on standard error; with --json, all of it on standard output as well.',
  example: 'app check',
  async run(environment) {
    const { apps, warnings, issuer, database } = readSite(environment);
    listKeys(database); // Refuses where there are none: the key ring would make one.
    const loaded = await findLoaded(apps, database);
    const service = { issuer, keys: await openKeyRing(database) };
    const checked = await Promise.all(
      apps.map(async (app) => ({
        ...app,
        findings: [...loadedFindings(app, loaded), ...(await checkApp(app, service))],
      })),
    );
    const lines = checked.flatMap(({ origin, findings }) =>
      findings.map(({ isRight, words }) => ({ isRight, line: `${isRight ? '✓' : '✗'} ${origin} ${words}` })),
    );
    const linesThatAre = (right: boolean) =>
      lines.filter(({ isRight }) => isRight === right).map(({ line }) => line);
    return {
      text: linesThatAre(true)
        .map((line) => `${line}\n`)
        .join(''),
      json: checked,
      faults: linesThatAre(false),
      warnings: [...warnings, ...removedWarnings(loaded)],
    };
  },
});

async function findLoaded(apps: readonly RegisteredApp[], database: string): Promise<LoadedApps> {
  return compareLoaded(apps, await withStoresIn(database, ({ loadedRegistry }) => loadedRegistry.find()));
}

function loadedFindings(app: RegisteredApp, loaded: LoadedApps): Finding[] {
  const isLoaded = loaded.isLoaded(app);
  if (isLoaded === null) return [];
  const words = loaded.faultOf(app) ?? 'is known to the running SSO service';
  return [{ check: 'loaded', isRight: isLoaded, words }];
}

function removedWarnings({ removed, remedy }: LoadedApps): string[] {
  return removed.map((origin) => `${origin} is not in the registry any more, but in force; ${remedy}`);
}

/** @throws {ConfigError} naming every fault of the environment and of the registry at once */
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
