/** What `account apply` would change so that the accounts match a list of people. */
import { normalizeUsername, usernameKey } from '../accounts/username.ts';
import type { NewAccount, StoredAccount, Stores } from '../storage/stores.ts';
import { toNewAccount } from './new-account.ts';
import { DISPLAY_NAME, readPeople, USERNAME } from './read-people.ts';

const MEMBERS = {
  required: { username: USERNAME, displayName: DISPLAY_NAME },
  optional: { formerUsername: USERNAME },
} as const;

export type PeopleChange =
  /** An account without a password: nobody can sign in before an invitation is accepted. */
  | { action: 'add'; account: NewAccount & { groups: readonly string[] } }
  | { action: 'rename'; from: StoredAccount; to: StoredAccount & { usernameKey: string } }
  | { action: 'join' | 'leave'; account: StoredAccount; groups: readonly string[] }
  | { action: 'disable'; account: StoredAccount };

interface PeoplePlan {
  changes: PeopleChange[];
  /** The accounts of people in the file that are disabled, and stay so. */
  disabled: StoredAccount[];
  peopleCount: number;
}

/**
 * Compares the people in a file with the accounts. Changes nothing.
 *
 * @returns the plan, or every error of the file
 * @throws {CommandError} if the file can't be read
 */
export async function planPeople(
  file: string,
  stores: Stores,
  { disablesAbsent }: { disablesAbsent: boolean },
): Promise<PeoplePlan | { errors: string[] }> {
  const plan: PeoplePlan = { changes: [], disabled: [], peopleCount: 0 };
  const errors: string[] = [];
  const note = (line: number, error: string) => errors.push(`line ${line}: ${error}`);
  /** By username and by account: two lines must not be about the same person. */
  const lineOf = new Map<string, number>();
  const claimAccount = (line: number, ...keys: string[]) => {
    const earlierLine = keys.map((key) => lineOf.get(key)).find((found) => found !== undefined);
    for (const key of keys) lineOf.set(key, earlierLine ?? line);
    if (earlierLine !== undefined) note(line, `same account as line ${earlierLine}`);
    return earlierLine === undefined;
  };
  for await (const { line, person } of readPeople(file, MEMBERS, note)) {
    plan.peopleCount += 1;
    const { displayName, formerUsername, groups } = person;
    const username = normalizeUsername(person.username);
    const key = usernameKey(username);
    const former = formerUsername === undefined ? undefined : usernameKey(formerUsername);
    const named = await stores.accounts.find(key);
    const formerAccount = former === undefined ? null : await stores.accounts.find(former);
    if (named !== null && formerAccount !== null && named.id !== formerAccount.id) {
      // Either may be the person's. Taking the wrong one would hand its access to somebody else.
      const names = `${named.username} and ${formerAccount.username}`;
      note(line, `the username and the former username belong to two accounts, ${names}`);
      continue;
    }
    const account = named ?? formerAccount;
    if (!claimAccount(line, `username ${key}`, ...(account ? [`account ${account.id}`] : []))) continue;
    if (account === null) {
      const added = toNewAccount(username, displayName, null);
      plan.changes.push({ action: 'add', account: { ...added, groups: [...new Set(groups)] } });
    } else {
      const wanted = { username, usernameKey: key, displayName, groups };
      plan.changes.push(...(await toUpdates(stores, account, wanted)));
      if (account.disabledAt !== null) plan.disabled.push(account);
    }
  }
  // Most likely, the export failed. With `disablesAbsent`, everybody would be disabled.
  if (plan.peopleCount === 0 && errors.length === 0) errors.push('the file is empty');
  if (errors.length > 0) return { errors };
  if (disablesAbsent) {
    for await (const page of stores.accounts.pages()) {
      const absent = page.filter(({ id, disabledAt }) => disabledAt === null && !lineOf.has(`account ${id}`));
      plan.changes.push(...absent.map((account) => ({ action: 'disable' as const, account })));
    }
  }
  return plan;
}

async function toUpdates(
  stores: Stores,
  account: StoredAccount,
  wanted: Pick<NewAccount, 'username' | 'usernameKey' | 'displayName'> & {
    groups: readonly string[] | undefined;
  },
): Promise<PeopleChange[]> {
  const changes: PeopleChange[] = [];
  const { username, usernameKey, displayName, groups } = wanted;
  if (account.username !== username || account.displayName !== displayName) {
    changes.push({ action: 'rename', from: account, to: { ...account, username, usernameKey, displayName } });
  }
  if (groups === undefined) return changes;
  const current = await stores.groups.of(account.id);
  const joined = [...new Set(groups)].filter((name) => !current.includes(name)).toSorted();
  const left = current.filter((name) => !groups.includes(name));
  if (joined.length > 0) changes.push({ action: 'join', account, groups: joined });
  if (left.length > 0) changes.push({ action: 'leave', account, groups: left });
  return changes;
}
