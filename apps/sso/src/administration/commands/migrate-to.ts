/** `migrate-to`: moves a SQLite installation to PostgreSQL. docs/several-instances.md has the steps. */
import { ConfigError, isPostgresUrl, keyFileOf, parseTargetUrl } from '@samesite-sso/core';
import {
  databasePath,
  type Environment,
  readEnvironment,
  required,
  sealingKeys,
} from '@samesite-sso/server/config';
import { moveStores } from '../../storage/moving/move-stores.ts';
import { type AddCommands, operatorContext } from '../command.ts';
import { table } from '../table.ts';

const HELP = `
Stop the SSO service first. Nobody is signed out.
The new database must be empty. The URL must not have a password, since every process list would show it: put
the password into the file that PGPASSFILE names.
SSO_DATABASE names the SQLite database, and SSO_SEALING_KEY_FILE the keys that seal the signing keys.`;

export const addMigrateToCommand: AddCommands = (program, { environment, report }) => {
  program
    .command('migrate-to')
    .description('move a SQLite database and its keys to PostgreSQL, while the SSO service is stopped')
    .argument('<url>', 'the new database, such as postgres://user@host/database')
    .addHelpText('after', HELP)
    .action(async (url) => {
      const target = parseTargetUrl(url);
      const { file, sealing } = readSource(environment);
      const { tables, warnings } = await moveStores(file, target, { sealing, context: operatorContext() });
      const rows = tables.map(({ table, rows }) => [table, rows, rows]);
      const counts = table(['TABLE', 'SQLITE', 'POSTGRESQL'], rows);
      await report(`${counts}\n${nextSteps(file, url)}`, { from: file, to: url, tables }, warnings);
    });
};

function nextSteps(file: string, url: string): string {
  return `\
Moved everything from ${file}. Nobody is signed out.
Next, set SSO_DATABASE=${url} and start the service with the same SSO_SEALING_KEY_FILE.
Keep ${file} as a backup. Never start the service on it again: redeemed tokens and ended sessions would come
back. It is marked, so the service and the command line refuse it. ${keyFileOf(file)} still
has the signing keys, unsealed.
`;
}

function readSource(environment: Environment) {
  const { SSO_DATABASE, SSO_SEALING_KEY_FILE } = readEnvironment(environment, {
    SSO_DATABASE: required(databasePath),
    SSO_SEALING_KEY_FILE: required(sealingKeys),
  });
  if (isPostgresUrl(SSO_DATABASE))
    throw new ConfigError(
      'SSO_DATABASE is the URL of a PostgreSQL database; name the SQLite database to move',
    );
  return { file: SSO_DATABASE, sealing: SSO_SEALING_KEY_FILE };
}
