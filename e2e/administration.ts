/** The command lines of the SSO service and the apps, beside the running site. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { demoAccounts, runCommandLine } from '../scripts/site/demo-accounts.ts';

export interface Person {
  username: string;
  displayName: string;
  password: string;
}

export const [ada, grace] = demoAccounts;

/** @param folder of the site's databases @returns what the SSO service's command line prints */
export function administrate(folder: string, command: readonly string[], input = ''): string {
  return runCommandLine('apps/sso/src/cli.ts', command, { SSO_DATABASE: join(folder, 'sso.db') }, input);
}

export function administrateApp(folder: string, name: 'foo' | 'lorem', command: readonly string[]): string {
  const environment = { APP_DATABASE: join(folder, `${name}.db`) };
  return runCommandLine('packages/relying-app/src/cli.ts', command, environment);
}

/** Adds a person of a story's own, so that their failed sign-ins affect no other story. */
export function addSomebody(folder: string, displayName?: string): Person {
  const username = randomUUID();
  const person = {
    username,
    displayName: displayName ?? `Somebody ${username.slice(0, 8)}`,
    password: 'the moth in relay seventy',
  };
  const command = ['account', 'add', username, '--name', person.displayName, '--password-stdin'];
  administrate(folder, command, person.password);
  return person;
}
