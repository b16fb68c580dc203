/** `account apply`: makes the accounts match a list of people, such as an export of an HR system. */
import type { AuditContext, Stores } from '../../storage/stores.ts';
import { type AddCommands, CommandError, operatorContext } from '../command.ts';
import { type PeopleChange, planPeople } from '../people-plan.ts';
import { formatCount } from '../table.ts';

/** One transaction each, for which the service's writes wait. */
const MEMBERS_PER_WRITE = 250;

const HELP = `
Each line of the file is a JSON object:
  {"username": "ada", "displayName": "Ada Lovelace", "groups": ["staff"], "formerUsername": "ada.byron"}
An account is found by its username or, if there is none, by its former username. If the two belong to
different accounts, the line is an error. "formerUsername" and "groups" are optional. "groups" lists all
groups of the account; without it, they stay as they are.
New accounts have no password: see account invite. Disabled accounts are updated, but stay disabled.
With --disable-absent, all other accounts are disabled, and their SSO sessions end. Try --dry-run first.

The command prints one line for each change, or with --json an array "changes":
  add ada (Ada Lovelace): staff           {"action": "add", "username", "displayName", "groups"}
  rename ada.byron to ada (Ada Lovelace)  {"action": "rename", "from", "username", "displayName"}
  join ada: staff                         {"action": "join", "username", "groups"}
  leave ada: guests                       {"action": "leave", "username", "groups"}
  disable ada                             {"action": "disable", "username"}
If any line of the file has an error, all errors are listed and nothing is changed. Otherwise, changes are
made one after the other. If one fails, run the command again: it makes those that are missing.`;

export const addAccountApplyCommand: AddCommands = (group, { withStores, withStoresOrNew, report }) => {
  group
    .command('apply')
    .description('make the accounts and their groups match a list of people')
    .argument('<file>', 'a JSON Lines file, or - for standard input')
    .option('--dry-run', 'print what would change, and change nothing')
    .option('--disable-absent', 'disable the accounts of everybody who is not in the file')
    .addHelpText('after', HELP)
    .action(async (file, { dryRun: isDryRun = false, disableAbsent = false }) => {
      await (isDryRun ? withStores : withStoresOrNew)(async (stores) => {
        const plan = await planPeople(file, stores, { disablesAbsent: disableAbsent });
        if ('errors' in plan) throw new CommandError(...plan.errors);
        const { changes, peopleCount, disabled } = plan;
        const errors = isDryRun ? [] : await applyChanges(stores, changes, operatorContext());
        const lines = changes.map((change) => `${describeChange(change)}\n`);
        const count = formatCount(changes.length, 'change');
        const people = `${peopleCount} ${peopleCount === 1 ? 'person' : 'people'}`;
        const summary = `${isDryRun ? 'Would make' : 'Made'} ${count} for ${people}.\n`;
        await report(
          [...lines, errors.length === 0 ? summary : ''].join(''),
          { dryRun: isDryRun, people: peopleCount, changes: changes.map(toJson) },
          disabled.map(({ username }) => `account ${username} is in the file, but stays disabled`),
        );
        if (errors.length > 0) throw new CommandError(...errors);
      });
    });
};

/**
 * Takes away access first, so that a failure leaves nobody with more than they should have. Accounts that
 * leave groups and join others do both at once: between the two they would lose their access to apps.
 */
export async function applyChanges(
  stores: Stores,
  changes: readonly PeopleChange[],
  context: AuditContext,
): Promise<string[]> {
  const { accounts, groups } = stores;
  const errors: string[] = [];
  const fail = (change: PeopleChange, reason: string) => errors.push(`${describeChange(change)}: ${reason}`);
  const { movers, others } = findMovers(changes);
  await changeGroups(others, 'leave', (name, ids) => groups.remove(name, ids, context));
  for (const { accountIds, left, joined } of movers) {
    for (const ids of toBatches(accountIds)) await groups.move(ids, { left, joined }, context);
  }
  for (const change of changes) {
    if (change.action === 'disable') await accounts.disable(change.account.id, context);
  }
  for (const change of changes) {
    if (change.action !== 'rename') continue;
    const conflict = await accounts.rename(change.to, context);
    if (conflict === 'taken') fail(change, 'another account has this username now');
    if (conflict === 'gone') fail(change, 'the account has been removed meanwhile');
  }
  const added = changes.filter((change) => change.action === 'add');
  const taken = await accounts.add(
    added.map(({ account }) => account),
    context,
  );
  for (const index of taken) {
    const change = added[index];
    if (change !== undefined)
      fail(change, 'an account with this username exists now, so no account was added');
  }
  await changeGroups(others, 'join', (name, ids) => groups.add(name, ids, context));
  return errors;
}

/** Changes the members of one group after the other. */
async function changeGroups(
  changes: readonly PeopleChange[],
  action: 'join' | 'leave',
  changeMembers: (name: string, accountIds: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const idsByGroup = new Map<string, string[]>();
  for (const change of changes) {
    if (change.action !== action) continue;
    for (const name of change.groups) {
      const ids = idsByGroup.get(name) ?? [];
      ids.push(change.account.id);
      idsByGroup.set(name, ids);
    }
  }
  for (const [name, ids] of idsByGroup) {
    for (const batch of toBatches(ids)) await changeMembers(name, batch);
  }
}

/** Accounts that leave the same groups and join the same others. */
interface Movers {
  accountIds: string[];
  left: readonly string[];
  joined: readonly string[];
}

/** @returns the accounts that both leave and join groups, and the changes of all other accounts */
function findMovers(changes: readonly PeopleChange[]): { movers: Movers[]; others: PeopleChange[] } {
  const groupsById = {
    join: new Map<string, readonly string[]>(),
    leave: new Map<string, readonly string[]>(),
  };
  for (const change of changes) {
    if (change.action === 'join' || change.action === 'leave')
      groupsById[change.action].set(change.account.id, change.groups);
  }
  const moversByGroups = new Map<string, Movers>();
  for (const [accountId, left] of groupsById.leave) {
    const joined = groupsById.join.get(accountId);
    if (joined === undefined) continue;
    const key = JSON.stringify([left, joined]);
    const movers = moversByGroups.get(key) ?? { accountIds: [], left, joined };
    movers.accountIds.push(accountId);
    moversByGroups.set(key, movers);
  }
  const isMove = (change: PeopleChange) =>
    (change.action === 'join' || change.action === 'leave') &&
    groupsById.join.has(change.account.id) &&
    groupsById.leave.has(change.account.id);
  return {
    movers: [...moversByGroups.values()],
    others: changes.filter((change) => !isMove(change)),
  };
}

function toBatches(accountIds: readonly string[]): string[][] {
  const batchCount = Math.ceil(accountIds.length / MEMBERS_PER_WRITE);
  return Array.from({ length: batchCount }, (_, index) =>
    accountIds.slice(index * MEMBERS_PER_WRITE, (index + 1) * MEMBERS_PER_WRITE),
  );
}

function describeChange(change: PeopleChange): string {
  switch (change.action) {
    case 'add': {
      const { username, displayName, groups } = change.account;
      return `add ${username} (${displayName})${groups.length > 0 ? `: ${groups.join(', ')}` : ''}`;
    }
    case 'rename': {
      const { from, to } = change;
      const username = from.username === to.username ? '' : ` to ${to.username}`;
      return `rename ${from.username}${username} (${to.displayName})`;
    }
    case 'join':
    case 'leave':
      return `${change.action} ${change.account.username}: ${change.groups.join(', ')}`;
    case 'disable':
      return `disable ${change.account.username}`;
  }
}

/** Members are picked one by one, so that no hash gets in. */
function toJson(change: PeopleChange): object {
  const { action } = change;
  switch (action) {
    case 'add': {
      const { username, displayName, groups } = change.account;
      return { action, username, displayName, groups };
    }
    case 'rename': {
      const { username, displayName } = change.to;
      return { action, from: change.from.username, username, displayName };
    }
    case 'join':
    case 'leave':
      return { action, username: change.account.username, groups: change.groups };
    case 'disable':
      return { action, username: change.account.username };
  }
}
