/** `app list` and `app check`: the apps of the registry, and whether they can be reached. */
import {
  databasePath,
  type Environment,
  filePath,
  listKeys,
  openKeyRing,
  origin,
  readEnvironment,
  required,
  unlessFaulty,
} from '@samesite-sso/service';
import { readRegistry } from '../registry.ts';
import { checkApp } from './app-check.ts';
import { command } from './command.ts';
import { existingDatabase } from './operator.ts';
import { table } from './table.ts';

const environment = ['SSO_DATABASE', 'SSO_ORIGIN', 'SSO_APPS'] as const;

export const appList = command({
  name: 'app list',
  takes: [],
  options: {},
  environment,
  purpose: 'list the apps of the registry',
  example: 'app list',
  async run(environment) {
    const { apps, warnings } = readSite(environment);
    const rows = apps.map(({ origin, name, server }) => [origin, name, server]);
    return { text: table(['ORIGIN', 'NAME', 'SERVER'], rows), json: apps, warnings };
  },
});

export const appCheck = command({
  name: 'app check',
  takes: [],
  options: {},
  environment,
  purpose: "ask each app's server for its keys and send it a logout, and say what is wrong",
  details:
    'The logout is of a session that nobody has. It is run where the SSO service runs, since that is what must reach\n' +
    'the apps; a private certificate authority is trusted through NODE_EXTRA_CA_CERTS, as there. What is right is\n' +
    'printed on standard output, what is wrong on standard error; with --json, all of it on standard output as well.',
  example: 'app check',
  async run(environment) {
    const { apps, warnings, issuer, database } = readSite(environment);
    listKeys(database); // Refuses where there are none: the key ring would make one.
    const service = { issuer, keys: await openKeyRing(database) };
    const checked = await Promise.all(
      apps.map(async (app) => ({ ...app, findings: await checkApp(app, service) })),
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
      warnings,
    };
  },
});

/** @throws {StartFault} naming every fault of the environment and of the registry at once */
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
