/** Accounts in a test's database. Hashing is slow, so their passwords are already hashed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isPostgresUrl } from '@samesite-sso/core';
import { openStores } from '../../apps/sso/src/storage/open-stores.ts';
import type { AppRequirement, AuditContext, SignInProof } from '../../apps/sso/src/storage/stores.ts';
import { demoAccounts } from '../../scripts/site/demo-accounts.ts';

/** Argon2id with the parameters of `hashing/argon2.ts`, so that no sign-in replaces it. */
const PASSWORD_HASHES = {
  ada: '$argon2id$v=19$m=19456,t=2,p=1$I1ZBpXZWhJQu1ZdN/WA61Q$UQOywiN1HGBB8aBXto+Fm1WeO/jCXKYOEzew7skLZBU',
  grace: '$argon2id$v=19$m=19456,t=2,p=1$xDbfQKjCNJm/Wzq1vfpJAw$PeAIyQVBIzH9YdGW60CKEAlFelcqylRdAngh4KJPU3w',
};

/** The hash of `correct horse battery staple`. */
export const PASSWORD_HASH = PASSWORD_HASHES.ada;

export const ADA = { id: 'account-of-ada', username: 'ada', displayName: 'Ada Lovelace' };
export const GRACE = { id: 'account-of-grace', username: 'grace', displayName: 'Grace Hopper' };

/** The audit context in which tests prepare a database. */
export const OPERATOR: AuditContext = { at: 0, actor: 'operator', address: null };

/** The requirement of an app that everybody may use. */
export const NO_REQUIREMENT: AppRequirement = { groups: null, secondFactor: false };

/** What a sign-in with the first password of an account proves, or with a later one. */
export const byPassword = (passwordVersion = 1): SignInProof => ({ kind: 'password', passwordVersion });

type HashedAccount = Record<'username' | 'displayName' | 'passwordHash', string>;

/** Database files by the accounts in them: writing one takes less time than creating it. */
const templates = new Map<string, Buffer>();

/**
 * Creates a database file with accounts of the demo, unless it exists, or adds them to PostgreSQL.
 *
 * @param usernames which of them
 */
export async function addDemoAccounts(database: string, usernames = ['ada', 'grace']): Promise<void> {
  if (existsSync(database)) return;
  const template = templates.get(usernames.join());
  const isFile = !isPostgresUrl(database);
  if (isFile && template !== undefined) return writeFileSync(database, template, { mode: 0o600 });
  const wanted = demoAccounts.filter(({ username }) => usernames.includes(username));
  await addAccounts(
    database,
    wanted.map((account) => ({ ...account, passwordHash: PASSWORD_HASHES[account.username] })),
  );
  if (isFile) templates.set(usernames.join(), readFileSync(database));
}

/** @param accounts their usernames are lower-case */
export async function addAccounts(database: string, accounts: readonly HashedAccount[]): Promise<void> {
  const stores = await openStores(database);
  const rows = accounts.map(({ username, displayName, passwordHash }) => ({
    id: `account-of-${username}`,
    username,
    displayName,
    usernameKey: username,
    passwordHash,
  }));
  await stores.accounts.add(rows, OPERATOR);
  await stores.close();
}
