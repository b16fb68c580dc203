/** Administration from the command line, beside the running service: works on the same database. */
import { randomUUID } from 'node:crypto';
import { text as readAll } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { readEnvironment, required, StartFault, text } from '@samesite-sso/service';
import { displayNameFault } from './accounts/display-name.ts';
import { normalizeUsername, usernameFault, usernameKey } from './accounts/username.ts';
import { hashPassword } from './passwords/argon2.ts';
import { passwordFault } from './passwords/password-rules.ts';
import { openSqliteStores } from './storage/sqlite/sqlite-stores.ts';
import type { Stores } from './storage/stores.ts';

const USAGE = `Usage:
  cli.ts account add USERNAME --name "DISPLAY NAME" --password-stdin
  cli.ts account list

The database is named by SSO_DATABASE. The password is read from standard input; one trailing newline is dropped.
`;

/** Said to the person at the terminal, exit status 1. */
class Refused extends Error {}
/** Not understood: the usage is shown, exit status 2. */
class Misused extends Error {}

async function accountAdd(
  stores: Stores,
  [username, ...rest]: string[],
  name: string | undefined,
): Promise<void> {
  if (username === undefined || rest.length > 0) throw new Misused('account add takes one username');
  if (name === undefined) throw new Misused('--name is missing');
  const password = (await readAll(process.stdin)).replace(/\r?\n$/, '');
  refuse('the username', usernameFault(username));
  refuse('the display name', displayNameFault(name));
  refuse('the password', passwordFault(password, username));
  const isAdded = await stores.accounts.add({
    id: randomUUID(),
    username: normalizeUsername(username),
    usernameKey: usernameKey(username),
    displayName: name,
    passwordHash: await hashPassword(password),
    createdAt: Date.now(),
  });
  if (!isAdded) throw new Refused(`there is an account ${username} already`);
  process.stdout.write(`Added ${normalizeUsername(username)} (${name}).\n`);
}

async function accountList(stores: Stores): Promise<void> {
  const accounts = await stores.accounts.list();
  const width = Math.max(8, ...accounts.map(({ username }) => username.length)) + 2;
  process.stdout.write(`${'USERNAME'.padEnd(width)}${'ADDED'.padEnd(12)}DISPLAY NAME\n`);
  for (const { username, displayName, createdAt } of accounts) {
    const added = new Date(createdAt).toISOString().slice(0, 10);
    process.stdout.write(`${username.padEnd(width)}${added.padEnd(12)}${displayName}\n`);
  }
}

function refuse(what: string, fault: string | null): void {
  if (fault !== null) throw new Refused(`${what} ${fault}`);
}

async function run(): Promise<void> {
  const { values, positionals } = parse();
  if (values.help) return void process.stdout.write(USAGE);
  const [group, command, ...rest] = positionals;
  const isAdd = group === 'account' && command === 'add';
  const isList = group === 'account' && command === 'list' && rest.length === 0;
  if (!isAdd && !isList) throw new Misused(`there is no command "${positionals.join(' ')}"`);
  if (isAdd && !values['password-stdin']) throw new Misused('--password-stdin is missing');
  const { SSO_DATABASE } = readEnvironment(process.env, { SSO_DATABASE: required(text) });
  const stores = openSqliteStores(SSO_DATABASE);
  try {
    await (isAdd ? accountAdd(stores, rest, values.name) : accountList(stores));
  } finally {
    stores.close();
  }
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { name: { type: 'string' }, 'password-stdin': { type: 'boolean' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

try {
  await run();
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`${error instanceof StartFault ? 'cannot start: ' : ''}${message}\n`);
  if (error instanceof Misused) process.stderr.write(`\n${USAGE}`);
  process.exitCode = error instanceof Misused ? 2 : 1;
}
