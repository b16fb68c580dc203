/** The command lines of the SSO service and the apps, beside the running site. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { demoAccounts, runCommandLine } from '../scripts/site/demo-accounts.ts';
import { addAccounts } from '../test/support/accounts.ts';

export interface Person {
  username: string;
  displayName: string;
  password: string;
}

export const [ada, grace] = demoAccounts;

/** The hash of `the moth in relay seventy`. */
const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$2naxe9dwaSssAZ5oJ5MFlw$JOY7oGVQxrb/OWhZGmXWwZYgAAsyMxVw1vOrO588Ow4';

/** @param folder of the site's databases @returns what the SSO service's command line prints */
export function administrate(folder: string, command: readonly string[], input = ''): string {
  return runCommandLine('apps/sso/src/cli.ts', command, { SSO_DATABASE: join(folder, 'sso.db') }, input);
}

export function administrateApp(folder: string, name: 'foo' | 'lorem', command: readonly string[]): string {
  const environment = { APP_DATABASE: join(folder, `${name}.db`) };
  return runCommandLine('packages/relying-app/src/cli.ts', command, environment);
}

/** Adds a person of a story's own, so that their failed sign-ins affect no other story. */
export async function addSomebody(folder: string, displayName?: string): Promise<Person> {
  const username = randomUUID();
  const person = { username, displayName: displayName ?? `Somebody ${username.slice(0, 8)}` };
  await addAccounts(join(folder, 'sso.db'), [{ ...person, passwordHash: PASSWORD_HASH }]);
  return { ...person, password: 'the moth in relay seventy' };
}
