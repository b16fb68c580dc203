/**
 * `account import`: people of another system, who keep their passwords. What its lines may hold is decided here,
 * which hashes can be used by `imported-hash.ts`. Faults quote nothing of a line: a hash may stand anywhere in it.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { validateDisplayName } from '../accounts/display-name.ts';
import { importedHashFault } from '../accounts/hashing/imported-hash.ts';
import { normalizeUsername, usernameKey, validateUsername } from '../accounts/username.ts';
import type { NewAccount, Stores } from '../storage/stores.ts';
import { CommandError, command } from './command.ts';
import { operatorContext, withStoresOrNew } from './operator.ts';
import { readLines } from './read-lines.ts';
import { count } from './table.ts';

const MEMBERS = ['username', 'displayName', 'passwordHash'] as const;
type Entry = Record<(typeof MEMBERS)[number], string>;

export const accountImport = command({
  name: 'account import',
  takes: ['FILE'],
  options: {},
  environment: ['SSO_DATABASE'],
  purpose: 'add the accounts of another system, with the password hashes that it has',
  details:
    'FILE has a JSON object in each line, and - means standard input:\n' +
    '  {"username": "ada", "displayName": "Ada Lovelace", "passwordHash": "$2b$12$…"}\n' +
    'Hashes may be of Argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash) or of bcrypt ($2a$, $2b$, $2y$), but not of\n' +
    "a cost that would keep the service busy; at the next login they are replaced by today's. If any line is\n" +
    'faulty, all faults are told and nothing is added.',
  example: 'account import people.jsonl',
  run: (environment, [file]) =>
    withStoresOrNew(environment, async (stores) => {
      const { accounts, lines, faults } = await readAccounts(file, stores);
      if (faults.length > 0) throw new CommandError(faults);
      const taken = await stores.accounts.add(accounts, operatorContext());
      if (taken.length > 0) throw new CommandError(taken.map((index) => `line ${lines[index]}: ${EXISTS}`));
      return { text: `Added ${count(accounts.length, 'account')}.\n`, json: { added: accounts.length } };
    }),
});

const EXISTS = 'there is an account of this username already';

async function readAccounts(file: string, stores: Stores) {
  const accounts: NewAccount[] = [];
  /** The line of each account, and of each username. */
  const lines: number[] = [];
  const lineOf = new Map<string, number>();
  const faults: string[] = [];
  for await (const line of readLines(open(file))) {
    const { number } = line;
    const note = (fault: string) => faults.push(`line ${number}: ${fault}`);
    const entry = 'fault' in line ? [`it ${line.fault}`] : parseEntry(line.text);
    if (Array.isArray(entry)) {
      entry.forEach(note);
      continue;
    }
    const { username, displayName, passwordHash } = entry;
    const key = usernameKey(username);
    const doubled = lineOf.get(key);
    if ((await stores.accounts.find(key)) !== null) note(EXISTS);
    else if (doubled !== undefined) note(`line ${doubled} has the same username`);
    lineOf.set(key, doubled ?? number);
    lines.push(number);
    accounts.push({
      id: randomUUID(),
      username: normalizeUsername(username),
      usernameKey: key,
      displayName,
      passwordHash,
      isImported: true,
    });
  }
  return { accounts, lines, faults };
}

async function* open(file: string): AsyncGenerator<Buffer> {
  try {
    yield* file === '-' ? process.stdin : createReadStream(file);
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** @returns the entry, or what is wrong with it */
function parseEntry(text: string): Entry | string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ['it is not JSON'];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['it is not a JSON object'];
  const given = value as Record<string, unknown>;
  const faults = MEMBERS.flatMap((name) => {
    if (given[name] === undefined) return [`"${name}" is missing`];
    return typeof given[name] === 'string' ? [] : [`"${name}" is not a text`];
  });
  const unknown = Object.keys(given).some((name) => !(MEMBERS as readonly string[]).includes(name));
  if (unknown) faults.push(`it has a member besides ${MEMBERS.map((name) => `"${name}"`).join(', ')}`);
  if (faults.length > 0) return faults;
  const entry = given as Entry;
  const found = [
    ['the username', validateUsername(entry.username)],
    ['the display name', validateDisplayName(entry.displayName)],
    ['the password hash', importedHashFault(entry.passwordHash)],
  ].flatMap(([what, fault]) => (fault === null ? [] : [`${what} ${fault}`]));
  return found.length > 0 ? found : entry;
}
