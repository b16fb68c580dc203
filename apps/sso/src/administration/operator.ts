/** What the commands of an operator share: the stores, the accounts in them, and whose acts are recorded. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import { ConfigError } from '@samesite-sso/core';
import {
  databasePath,
  type Environment,
  optional,
  readEnvironment,
  required,
  words,
} from '@samesite-sso/server';
import { type PasswordOwner, validatePassword } from '../accounts/password-rules.ts';
import { usernameKey } from '../accounts/username.ts';
import { openSqliteStores } from '../storage/sqlite/sqlite-stores.ts';
import type { AuditContext, StoredAccount, Stores } from '../storage/stores.ts';
import { CommandError } from './command.ts';

/**
 * A database's path, as it is given: a misspelled one must not be taken for a database without anything in it.
 *
 * @throws {ConfigError} when there is none
 */
export function existingDatabase(file: string): string {
  if (!existsSync(file)) throw new ConfigError(`there is no database ${file}`);
  return file;
}

/** @throws {ConfigError} when SSO_DATABASE is missing, or there is no such database */
export function readDatabase(environment: Environment): string {
  const { SSO_DATABASE } = readEnvironment(environment, { SSO_DATABASE: required(databasePath) });
  return existingDatabase(SSO_DATABASE);
}

/**
 * Opens the database beside the running service, and closes it after the work.
 *
 * @throws {ConfigError} when SSO_DATABASE is missing, or there is no such database, or it cannot be used
 */
export async function withStores<Result>(
  environment: Environment,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  return await withStoresIn(readDatabase(environment), work);
}

/** The same for those who add accounts, which may be the first thing that is ever done: it makes the database. */
export async function withStoresOrNew<Result>(
  environment: Environment,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  const { SSO_DATABASE } = readEnvironment(environment, { SSO_DATABASE: required(databasePath) });
  return await withStoresIn(SSO_DATABASE, work);
}

/** The same, where the path is known already. */
export async function withStoresIn<Result>(
  database: string,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  const stores = openSqliteStores(database);
  try {
    return await work(stores);
  } finally {
    stores.close();
  }
}

/** A change that whoever runs this program makes now. */
export function operatorContext(): AuditContext {
  return { at: Date.now(), actor: `operator ${operatorName()}`, address: null };
}

/** In a container the user may have a number and no name. */
function operatorName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/**
 * @returns what throws {CommandError} when a password may not be set, and why
 * @throws {ConfigError} when SSO_PASSWORD_WORDS is faulty
 */
export function passwordCheck(environment: Environment): (password: string, owner: PasswordOwner) => void {
  const { SSO_PASSWORD_WORDS } = readEnvironment(environment, { SSO_PASSWORD_WORDS: optional(words, []) });
  return (password, owner) => {
    const fault = validatePassword(password, owner, SSO_PASSWORD_WORDS);
    if (fault !== null) throw new CommandError(`the password ${fault}`);
  };
}

/**
 * Finds an account by its username, or else by its id.
 *
 * @throws {CommandError} when nobody has the username, however it is spelled
 */
export async function findAccount({ accounts }: Stores, username: string): Promise<StoredAccount> {
  const account = (await accounts.find(usernameKey(username))) ?? (await accounts.findById(username));
  if (account === null) throw new CommandError(`there is no account ${username}`);
  return account;
}
