/** `backup`: a copy of the database and of the keys beside it. How it is brought back is in docs/operations.md. */
import { keyFileOf, readEnvironment, required, text } from '@samesite-sso/service';
import { backUp } from '../storage/sqlite/backup.ts';
import { command, Refused } from './command.ts';

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
    const { SSO_DATABASE } = readEnvironment(environment, { SSO_DATABASE: required(text) });
    try {
      backUp(SSO_DATABASE, file);
    } catch (error) {
      throw new Refused(`${SSO_DATABASE} cannot be copied to ${file}: ${(error as Error).message}`);
    }
    const keys = keyFileOf(file);
    return { text: `Copied to ${file} and ${keys}.\n`, json: { database: file, keys } };
  },
});
