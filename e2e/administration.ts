/** The command lines of the SSO service and the apps, beside the running site. */
import { randomUUID } from 'node:crypto';
import { demoAccounts, runCommandLine } from '../scripts/site/demo-accounts.ts';
import { databaseOf, type ProcessName, storageEnvironmentOf } from '../scripts/site/site-settings.ts';
import { addAccounts } from '../test/support/accounts.ts';
import type { StorySite } from './story-site.ts';

export interface Person {
  username: string;
  displayName: string;
  password: string;
}

export const [ada, grace] = demoAccounts;

/** The hash of `the moth in relay seventy`. */
const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$2naxe9dwaSssAZ5oJ5MFlw$JOY7oGVQxrb/OWhZGmXWwZYgAAsyMxVw1vOrO588Ow4';

/** @returns what the SSO service's command line prints */
export function administrate(site: StorySite, command: readonly string[], input = ''): string {
  const environment = { ...storageEnvironmentOf(site, 'sso'), SSO_ORIGIN: site.sso.origin };
  return runCommandLine('apps/sso/src/cli.ts', command, environment, input);
}

/** @returns the link of an invitation */
export function invite(site: StorySite, username: string, ...options: readonly string[]): string {
  return JSON.parse(administrate(site, ['account', 'invite', username, ...options, '--json'])).link;
}

export function administrateApp(
  site: StorySite,
  name: Exclude<ProcessName, 'sso'>,
  command: readonly string[],
): string {
  return runCommandLine('packages/relying-app/src/cli.ts', command, storageEnvironmentOf(site, name));
}

/** Adds a person of a story's own, so that their failed sign-ins affect no other story. */
export async function addSomebody(site: StorySite, displayName?: string): Promise<Person> {
  const username = randomUUID();
  const person = { username, displayName: displayName ?? `Somebody ${username.slice(0, 8)}` };
  await addAccounts(databaseOf(site, 'sso'), [{ ...person, passwordHash: PASSWORD_HASH }]);
  return { ...person, password: 'the moth in relay seventy' };
}
