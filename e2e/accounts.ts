/** Who signs in: the demo's two, and as many more as stories need, added as an operator would. */
import { randomUUID } from 'node:crypto';
import { demoAccounts } from '../scripts/site/demo-accounts.ts';
import { administrate } from './administration.ts';

export interface Person {
  username: string;
  displayName: string;
  password: string;
}

export const [ada, grace] = demoAccounts;

/** Somebody whom no other story knows, so that failed logins bother nobody else. */
export function addSomebody(folder: string, displayName?: string): Person {
  const name = randomUUID();
  const person = {
    username: name,
    displayName: displayName ?? `Somebody ${name.slice(0, 8)}`,
    password: 'the moth in relay seventy',
  };
  const command = ['account', 'add', person.username, '--name', person.displayName, '--password-stdin'];
  administrate(folder, command, person.password);
  return person;
}
