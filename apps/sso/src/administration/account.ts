/** `account add`, `list`, `show` and `rename`: who there is. What lets them in is in `account-access.ts`. */
import { randomUUID } from 'node:crypto';
import { validateDisplayName } from '../accounts/display-name.ts';
import { hashPassword } from '../accounts/hashing/argon2.ts';
import { normalizeUsername, usernameKey, validateUsername } from '../accounts/username.ts';
import type { ListedSession, StoredAccount } from '../storage/stores.ts';
import { CommandError, command, UsageError } from './command.ts';
import { listing } from './listing.ts';
import { findAccount, operatorContext, passwordCheck, withStores, withStoresOrNew } from './operator.ts';
import { SESSION_HEADINGS, sessionCells, sessionJson } from './session.ts';
import { iso, members, minute, table } from './table.ts';
import { PASSWORD_DETAILS, PASSWORD_STDIN, passwordReader } from './terminal.ts';

const environment = ['SSO_DATABASE'] as const;

export const accountAdd = command({
  name: 'account add',
  takes: ['USERNAME'],
  options: {
    name: { value: 'NAME', purpose: 'what the person is called on screen', isRequired: true },
    'password-stdin': PASSWORD_STDIN,
  },
  environment: ['SSO_DATABASE', 'SSO_PASSWORD_WORDS'],
  purpose: 'add a person who can log in',
  details: PASSWORD_DETAILS,
  example: 'account add ada --name "Ada Lovelace"',
  run(environment, [username], { name, 'password-stdin': isFromStdin }) {
    const readPassword = passwordReader(isFromStdin);
    const refuseUnfit = passwordCheck(environment);
    refuseFaults({ username, name });
    return withStoresOrNew(environment, async ({ accounts }) => {
      if ((await accounts.find(usernameKey(username))) !== null) throw new CommandError(taken(username));
      const password = await readPassword();
      refuseUnfit(password, { username, displayName: name });
      const account = {
        id: randomUUID(),
        username: normalizeUsername(username),
        usernameKey: usernameKey(username),
        displayName: name,
        passwordHash: await hashPassword(password),
      };
      const context = operatorContext();
      if ((await accounts.add([account], context)).length > 0) throw new CommandError(taken(username));
      return {
        text: `Added ${account.username} (${name}).\n`,
        json: accountJson({ ...account, createdAt: context.at, disabledAt: null }),
      };
    });
  },
});

export const accountList = command({
  name: 'account list',
  takes: [],
  options: {},
  environment,
  purpose: 'list all accounts',
  example: 'account list',
  run: async (environment) =>
    listing(environment, {
      pages: ({ accounts }) => accounts.pages(),
      headings: ['USERNAME', 'DISPLAY NAME', 'ADDED', 'DISABLED'],
      cells: ({ username, displayName, createdAt, disabledAt }) => [
        username,
        displayName,
        minute(createdAt),
        minute(disabledAt),
      ],
      json: accountJson,
    }),
});

export const accountShow = command({
  name: 'account show',
  takes: ['USERNAME'],
  options: {},
  environment,
  purpose: 'show an account and its SSO sessions',
  example: 'account show ada',
  run: (environment, [username]) =>
    withStores(environment, async (stores) => {
      const account = await findAccount(stores, username);
      const sessions: ListedSession[] = [];
      for await (const page of stores.sessions.pages(account.id)) sessions.push(...page);
      const text = members({
        id: account.id,
        username: account.username,
        'display name': account.displayName,
        added: minute(account.createdAt),
        disabled: minute(account.disabledAt),
        sessions: String(sessions.length),
      });
      return {
        text:
          sessions.length === 0 ? text : `${text}\n${table(SESSION_HEADINGS, sessions.map(sessionCells))}`,
        json: { ...accountJson(account), sessions: sessions.map(sessionJson) },
      };
    }),
});

export const accountRename = command({
  name: 'account rename',
  takes: ['USERNAME', '[NEW_USERNAME]'],
  options: { name: { value: 'NAME', purpose: 'what the person is called on screen from now on' } },
  environment,
  purpose: 'give an account another username, another display name, or both',
  details:
    'The id, by which apps know the person, stays. Sessions go on; apps learn the names at the next sign-in.',
  example: 'account rename ada countess --name "Ada King"',
  run(environment, [username, newUsername], { name }) {
    if (newUsername === undefined && name === undefined)
      throw new UsageError('NEW_USERNAME or --name is missing');
    refuseFaults({ username: newUsername, name });
    return withStores(environment, async (stores) => {
      const old = await findAccount(stores, username);
      const account = {
        ...old,
        username: normalizeUsername(newUsername ?? old.username),
        displayName: name ?? old.displayName,
      };
      const renamed = { ...account, usernameKey: usernameKey(account.username) };
      const against = await stores.accounts.rename(renamed, operatorContext());
      if (against === 'taken') throw new CommandError(taken(account.username));
      if (against === 'gone') throw new CommandError(`there is no account ${old.username}`);
      return {
        text: `Renamed ${old.username} (${old.displayName}) to ${account.username} (${account.displayName}).\n`,
        json: accountJson(account),
      };
    });
  },
});

/** An account as programs are told of it; member by member, so that nothing else slips in. */
export function accountJson({ id, username, displayName, createdAt, disabledAt }: StoredAccount) {
  return { id, username, displayName, createdAt: iso(createdAt), disabledAt: iso(disabledAt) };
}

function taken(username: string): string {
  return `there is an account ${username} already`;
}

/** @throws {CommandError} naming what is wrong with a new username and a new display name */
function refuseFaults({ username, name }: { username: string | undefined; name: string | undefined }): void {
  const faults: string[] = [];
  const note = (what: string, fault: string | null) => fault !== null && faults.push(`${what} ${fault}`);
  if (username !== undefined) note('the username', validateUsername(username));
  if (name !== undefined) note('the display name', validateDisplayName(name));
  if (faults.length > 0) throw new CommandError(faults);
}
