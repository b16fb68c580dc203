/** The group commands. Groups are plain names: a group exists as long as an account is in it. */
import { GroupName } from '@samesite-sso/protocol';
import * as v from 'valibot';
import { MAX_GROUPS_PER_ACCOUNT } from '../../storage/group-store.ts';
import type { StoredAccount, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, lookUpAccount, operatorContext } from '../command.ts';
import { formatCount, formatMinute } from '../table.ts';
import { accountJson } from './account.ts';

const NAME_HELP = `
A group name has 1 to 63 characters: a-z, 0-9, ".", "_" and "-". It begins with a letter or a digit. A group
exists as long as an account is in it.
The registry's "groups" say which apps are for which groups.`;

export const addGroupCommands: AddCommands = (group, { withStores, report, list }) => {
  group
    .command('list')
    .description('list all groups, or the accounts in one')
    .argument('[group]')
    .action((name) => {
      if (name === undefined) {
        return list({
          pages: ({ groups }) => groups.pages(),
          headings: ['GROUP', 'ACCOUNTS'],
          cells: (row) => [row.name, row.memberCount],
          json: ({ name, memberCount }) => ({ name, memberCount }),
        });
      }
      requireGroupName(name);
      return list({
        pages: ({ groups }) => groups.members(name),
        headings: ['USERNAME', 'DISPLAY NAME', 'DISABLED'],
        cells: (row) => [row.username, row.displayName, formatMinute(row.disabledAt)],
        json: accountJson,
      });
    });

  group
    .command('add')
    .description('add accounts to a group')
    .argument('<group>')
    .argument('<username...>')
    .addHelpText('after', NAME_HELP)
    .action((name, usernames) => {
      requireGroupName(name);
      return withStores(async (stores) => {
        const accounts = await findAccounts(stores, usernames);
        await requireGroupsBelowLimit(stores, name, accounts);
        const ids = accounts.map(({ id }) => id);
        const added = namesOf(accounts, await stores.groups.add(name, ids, operatorContext()));
        const others = accounts.length - added.length;
        const already = others === 0 ? '' : `; ${formatCount(others, 'account')} already in it`;
        await report(`Added ${formatCount(added.length, 'account')} to ${name}${already}.\n`, {
          group: name,
          added,
        });
      });
    });

  group
    .command('remove')
    .description('remove accounts from a group')
    .argument('<group>')
    .argument('<username...>')
    .addHelpText(
      'after',
      `
Within seconds, the running SSO service signs each person out of every app whose groups they have all left.
Their SSO session goes on.`,
    )
    .action((name, usernames) => {
      requireGroupName(name);
      return withStores(async (stores) => {
        const accounts = await findAccounts(stores, usernames);
        const ids = accounts.map(({ id }) => id);
        const removed = namesOf(accounts, await stores.groups.remove(name, ids, operatorContext()));
        const others = accounts.length - removed.length;
        const absent = others === 0 ? '' : `; ${formatCount(others, 'account')} not in it`;
        await report(`Removed ${formatCount(removed.length, 'account')} from ${name}${absent}.\n`, {
          group: name,
          removed,
        });
      });
    });
};

/** @throws {CommandError} if the name can't be that of a group */
function requireGroupName(name: string): void {
  const { issues } = v.safeParse(GroupName, name);
  if (issues !== undefined) throw new CommandError(...issues.map(({ message }) => `the group ${message}`));
}

/** Finds all accounts, each once. @throws {CommandError} with every account that doesn't exist */
async function findAccounts(stores: Stores, usernames: readonly string[]): Promise<StoredAccount[]> {
  const found = new Map<string, StoredAccount>();
  const errors: string[] = [];
  for (const username of usernames) {
    const account = await lookUpAccount(stores, username);
    if (account === null) errors.push(`account ${username} not found`);
    else found.set(account.id, account);
  }
  if (errors.length > 0) throw new CommandError(...errors);
  return [...found.values()];
}

/** @throws {CommandError} with every account that is in the maximum number of groups already */
async function requireGroupsBelowLimit(
  stores: Stores,
  name: string,
  accounts: readonly StoredAccount[],
): Promise<void> {
  const errors: string[] = [];
  for (const { id, username } of accounts) {
    const groups = await stores.groups.of(id);
    if (groups.length >= MAX_GROUPS_PER_ACCOUNT && !groups.includes(name)) {
      errors.push(`account ${username} is in ${MAX_GROUPS_PER_ACCOUNT} groups, which is the maximum`);
    }
  }
  if (errors.length > 0) throw new CommandError(...errors);
}

function namesOf(accounts: readonly StoredAccount[], ids: readonly string[]): string[] {
  return accounts.filter(({ id }) => ids.includes(id)).map(({ username }) => username);
}
