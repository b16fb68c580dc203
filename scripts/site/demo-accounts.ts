/**
 * The demo's accounts, added through the SSO service's own command line where they are missing. Run by
 * itself, it adds them to the database that SSO_DATABASE names: so does the container `accounts`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { workspace } from '../node24.mjs';

export const demoAccounts = [
  { username: 'ada', displayName: 'Ada Lovelace', password: 'correct horse battery staple' },
  { username: 'grace', displayName: 'Grace Hopper', password: 'nanoseconds are eleven inches' },
] as const;

export async function addDemoAccounts(database: string): Promise<void> {
  // Only adding makes a database; listing refuses where there is none.
  const isNew = !existsSync(resolve(workspace, database));
  const listed: { username: string }[] = isNew
    ? []
    : JSON.parse(await administrate(database, ['account', 'list', '--json']));
  for (const { username, displayName, password } of demoAccounts) {
    if (listed.some((account) => account.username === username)) continue;
    await administrate(
      database,
      ['account', 'add', username, '--name', displayName, '--password-stdin'],
      password,
    );
  }
}

/** Runs the command line of the SSO service; resolves with what it prints. */
async function administrate(database: string, command: readonly string[], input = ''): Promise<string> {
  const child = spawn(process.execPath, ['apps/sso/src/cli.ts', ...command], {
    cwd: workspace,
    env: { ...process.env, SSO_DATABASE: database },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(input);
  const output = child.stdout.setEncoding('utf8').toArray();
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`\`${command.slice(0, 3).join(' ')}\` ended with status ${status}`);
  return (await output).join('');
}

if (import.meta.main) {
  const database = process.env['SSO_DATABASE'];
  if (database) await addDemoAccounts(database);
  else {
    console.error('SSO_DATABASE is missing');
    process.exitCode = 1;
  }
}
