/** `backup`: a copy of the database and of the keys beside it. How it is brought back is in docs/operations.md. */
import { keyFileOf, requirePrivateDatabase, validateDatabasePath } from '@samesite-sso/core';
import { backUp, recordCopy } from '../storage/sqlite/backup.ts';
import { CommandError, command } from './command.ts';
import { operatorContext, readDatabase } from './operator.ts';

export const backup = command({
  name: 'backup',
  takes: ['FILE'],
  options: {},
  environment: ['SSO_DATABASE'],
  purpose: 'copy the database and its keys, as they are at one moment',
  details:
    'The database becomes FILE, its keys FILE.keys.json; neither may exist. The SSO service goes on meanwhile. Whoever\n' +
    'has the copy has the password hashes and the private keys.',
  example: 'backup /backup/sso.sqlite',
  async run(environment, [file]) {
    const database = readDatabase(environment);
    requirePrivateDatabase(database);
    const fault = validateDatabasePath(file);
    if (fault !== null) throw new CommandError(`FILE ${fault}`);
    try {
      backUp(database, file);
    } catch (error) {
      throw new CommandError(`${database} cannot be copied to ${file}: ${(error as Error).message}`);
    }
    const keys = keyFileOf(file);
    const warnings = record(database, file);
    return { text: `Copied to ${file} and ${keys}.\n`, json: { database: file, keys }, warnings };
  },
});

/** Where the disk is full, say, nothing can be written to the trail, and a copy is wanted most. */
function record(database: string, copy: string): string[] {
  try {
    recordCopy(database, copy, operatorContext());
    return [];
  } catch (error) {
    return [`the audit trail does not tell of it: ${(error as Error).message}`];
  }
}
