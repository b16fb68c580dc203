/**
 * `account import`: adds accounts with the password hashes of another system. Errors quote nothing of a
 * line, since a hash may be anywhere in it. `imported-hash.ts` decides which hashes are accepted.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { validateDisplayName } from '../../accounts/display-name.ts';
import { validateImportedHash } from '../../accounts/hashing/imported-hash.ts';
import { normalizeUsername, usernameKey, validateUsername } from '../../accounts/username.ts';
import type { NewAccount, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, operatorContext } from '../command.ts';
import { readLines } from '../read-lines.ts';
import { formatCount } from '../table.ts';

const MEMBERS = ['username', 'displayName', 'passwordHash'] as const;
type Entry = Record<(typeof MEMBERS)[number], string>;

const DUPLICATE = 'an account with this username already exists';

const HELP = `
Each line of the file is a JSON object:
  {"username": "ada", "displayName": "Ada Lovelace", "passwordHash": "$2b$12$…"}
Hashes may be Argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash) or bcrypt ($2a$, $2b$, $2y$), up to a cost
that doesn't keep the service busy. The next login replaces them with today's Argon2id.
If any line has an error, all errors are listed and nothing is imported.`;

export const addAccountImportCommand: AddCommands = (group, { withStoresOrNew, report }) => {
  group
    .command('import')
    .description('add accounts with the password hashes of another system')
    .argument('<file>', 'a JSON Lines file, or - for standard input')
    .addHelpText('after', HELP)
    .action((file) =>
      withStoresOrNew(async (stores) => {
        const { accounts, lines, errors } = await readAccounts(file, stores);
        if (errors.length > 0) throw new CommandError(...errors);
        const taken = await stores.accounts.add(accounts, operatorContext());
        if (taken.length > 0) {
          throw new CommandError(...taken.map((index) => `line ${lines[index]}: ${DUPLICATE}`));
        }
        await report(`Added ${formatCount(accounts.length, 'account')}.\n`, { added: accounts.length });
      }),
    );
};

async function readAccounts(file: string, stores: Stores) {
  const accounts: NewAccount[] = [];
  /** The line of each account, and of each username. */
  const lines: number[] = [];
  const lineOf = new Map<string, number>();
  const errors: string[] = [];
  for await (const line of readLines(readFile(file))) {
    const { number } = line;
    const note = (error: string) => errors.push(`line ${number}: ${error}`);
    const entry = 'error' in line ? [line.error] : parseEntry(line.text);
    if (Array.isArray(entry)) {
      entry.forEach(note);
      continue;
    }
    const { username, displayName, passwordHash } = entry;
    const key = usernameKey(username);
    const earlierLine = lineOf.get(key);
    if ((await stores.accounts.find(key)) !== null) note(DUPLICATE);
    else if (earlierLine !== undefined) note(`same username as line ${earlierLine}`);
    lineOf.set(key, earlierLine ?? number);
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
  return { accounts, lines, errors };
}

async function* readFile(file: string): AsyncGenerator<Buffer> {
  try {
    yield* file === '-' ? process.stdin : createReadStream(file);
  } catch (error) {
    throw new CommandError(`can't read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** @returns the entry, or its errors */
function parseEntry(text: string): Entry | string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ['not valid JSON'];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['not a JSON object'];
  const members = value as Record<string, unknown>;
  const errors = MEMBERS.flatMap((name) => {
    if (members[name] === undefined) return [`"${name}" is missing`];
    return typeof members[name] === 'string' ? [] : [`"${name}" isn't a string`];
  });
  const hasUnknown = Object.keys(members).some((name) => !MEMBERS.some((known) => known === name));
  if (hasUnknown) errors.push(`only ${MEMBERS.map((name) => `"${name}"`).join(', ')} are allowed`);
  if (errors.length > 0) return errors;
  const entry = members as Entry;
  const invalid = [
    ['the username', validateUsername(entry.username)],
    ['the display name', validateDisplayName(entry.displayName)],
    ['the password hash', validateImportedHash(entry.passwordHash)],
  ].flatMap(([what, error]) => (error === null ? [] : [`${what} ${error}`]));
  return invalid.length > 0 ? invalid : entry;
}
