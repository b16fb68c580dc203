/**
 * The demo's accounts, added with the SSO service's own command line. Run by itself, this file adds them to
 * the database that SSO_DATABASE names: so does the container `accounts`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { workspace } from '../node24.mjs';

export const demoAccounts = [
  {
    username: 'ada',
    displayName: 'Ada Lovelace',
    password: 'correct horse battery staple',
    groups: ['staff'],
  },
  { username: 'grace', displayName: 'Grace Hopper', password: 'nanoseconds are eleven inches', groups: [] },
] as const;

/**
 * Adds those that are missing.
 *
 * @param database a file's path, or a postgres:// URL
 */
export async function addDemoAccounts(database: string): Promise<void> {
  const run = (command: string[], input = '') =>
    runCommandLine('apps/sso/src/cli.ts', command, { SSO_DATABASE: database }, input);
  // Listing needs an existing database; adding creates a file.
  const isNew = !/^postgres(ql)?:/.test(database) && !existsSync(resolve(workspace, database));
  const listed: { username: string }[] = isNew ? [] : JSON.parse(run(['account', 'list', '--json']));
  for (const { username, displayName, password, groups } of demoAccounts) {
    if (listed.some((account) => account.username === username)) continue;
    run(['account', 'add', username, '--name', displayName, '--password-stdin'], password);
    for (const group of groups) run(['group', 'add', group, username]);
  }
}

/** @returns what the program prints @throws {Error} unless it ends with status 0 */
export function runCommandLine(
  program: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): string {
  const env = { ...process.env, ...environment };
  return execFileSync(process.execPath, [program, ...command], {
    cwd: workspace,
    env,
    input,
    encoding: 'utf8',
  });
}

if (import.meta.main) {
  const database = process.env['SSO_DATABASE'];
  if (database) await addDemoAccounts(database);
  else {
    console.error('SSO_DATABASE is missing');
    process.exitCode = 1;
  }
}
