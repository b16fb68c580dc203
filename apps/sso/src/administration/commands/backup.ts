/** `backup`: copies the database and its keys. docs/operations.md says how to restore them. */
import {
  isPostgresUrl,
  keyFileOf,
  nameDatabaseVariable,
  quote,
  requirePrivateDatabase,
  validateDatabasePath,
} from '@samesite-sso/core';
import { backUp, recordCopy } from '../../storage/sqlite/backup.ts';
import { type AddCommands, CommandError, operatorContext, readDatabase } from '../command.ts';

const POSTGRES_ADVICE =
  "SSO_DATABASE is a PostgreSQL database, which PostgreSQL's own tools back up: pg_dump, or base " +
  'backups and archived WAL for point-in-time recovery; see docs/several-instances.md';

export const addBackupCommand: AddCommands = (program, { environment, report }) => {
  program
    .command('backup')
    .description('copy a SQLite database and its keys, as they are at one moment')
    .argument('<file>', 'the copy; its keys go to <file>.keys.json')
    .addHelpText(
      'after',
      `
Existing files aren't overwritten. The SSO service can go on running. Keep the copy as safe as the original:
it has the password hashes and the private keys.`,
    )
    .action(async (file) => {
      const database = readDatabase(environment);
      if (isPostgresUrl(database)) throw new CommandError(POSTGRES_ADVICE);
      await nameDatabaseVariable('SSO_DATABASE', async () => requirePrivateDatabase(database));
      const error = validateDatabasePath(file);
      if (error !== null) throw new CommandError(`the file ${error} (it is ${quote(file)})`);
      try {
        backUp(database, file);
      } catch (error) {
        throw new CommandError(`can't copy ${database} to ${file}: ${(error as Error).message}`);
      }
      const keys = keyFileOf(file);
      await report(`Copied to ${file} and ${keys}.\n`, { database: file, keys }, auditCopy(database, file));
    });
};

/** A failure to write the audit trail is only a warning: on a full disk, a copy is needed most. */
function auditCopy(database: string, copy: string): string[] {
  try {
    recordCopy(database, copy, operatorContext());
    return [];
  } catch (error) {
    return [`the copy isn't recorded in the audit trail: ${(error as Error).message}`];
  }
}
