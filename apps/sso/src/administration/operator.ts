/** What commands share: the stores, finding an account, and who the audit trail names. */
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
import { CommandError } from './command-context.ts';

/**
 * Returns the path, unless nothing is there: a misspelled path must not create an empty database.
 *
 * @throws {ConfigError}
 */
export function existingDatabase(file: string): string {
  if (!existsSync(file)) throw new ConfigError(`database ${file} not found`);
  return file;
}

/** @throws {ConfigError} if SSO_DATABASE is missing or names no database */
export function readDatabase(environment: Environment): string {
  const { SSO_DATABASE } = readEnvironment(environment, { SSO_DATABASE: required(databasePath) });
  return existingDatabase(SSO_DATABASE);
}

type Work<Result> = (stores: Stores) => Promise<Result>;

/** Opens the database beside the running service, and closes it after the work. */
export async function withStores(environment: Environment, work: Work<void>): Promise<void> {
  await withStoresIn(readDatabase(environment), work);
}

/** The same, but creates a missing database: accounts may be added before the service first starts. */
export async function withStoresOrNew(environment: Environment, work: Work<void>): Promise<void> {
  const { SSO_DATABASE } = readEnvironment(environment, { SSO_DATABASE: required(databasePath) });
  await withStoresIn(SSO_DATABASE, work);
}

export async function withStoresIn<Result>(database: string, work: Work<Result>): Promise<Result> {
  const stores = openSqliteStores(database);
  try {
    return await work(stores);
  } finally {
    stores.close();
  }
}

/** What the audit trail says about a change that this process makes now. */
export function operatorContext(): AuditContext {
  return { at: Date.now(), actor: `operator ${operatorName()}`, address: null };
}

/** In a container, the user may have an id but no name. */
function operatorName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/**
 * @returns a function that throws {CommandError} if a password breaks the rules
 * @throws {ConfigError} if SSO_PASSWORD_WORDS is invalid
 */
export function passwordCheck(environment: Environment): (password: string, owner: PasswordOwner) => void {
  const { SSO_PASSWORD_WORDS } = readEnvironment(environment, { SSO_PASSWORD_WORDS: optional(words, []) });
  return (password, owner) => {
    const error = validatePassword(password, owner, SSO_PASSWORD_WORDS);
    if (error !== null) throw new CommandError(`the password ${error}`);
  };
}

/**
 * Finds an account by its username in any spelling, or by its id.
 *
 * @throws {CommandError} if there is no such account
 */
export async function findAccount({ accounts }: Stores, username: string): Promise<StoredAccount> {
  const account = (await accounts.find(usernameKey(username))) ?? (await accounts.findById(username));
  if (account === null) throw new CommandError(`account ${username} not found`);
  return account;
}
