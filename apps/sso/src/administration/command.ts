/** What all commands share: their context, the stores, finding an account, and the audit trail's actor. */
import { existsSync } from 'node:fs';
import os from 'node:os';
import type { Command } from '@commander-js/extra-typings';
import { ConfigError, isPostgresUrl } from '@samesite-sso/core';
import {
  databasePath,
  type Environment,
  optional,
  readEnvironment,
  required,
  words,
} from '@samesite-sso/server/config';
import { type PasswordOwner, validatePassword } from '../accounts/password-rules.ts';
import { usernameKey } from '../accounts/username.ts';
import type { AuditContext, StoredAccount, Stores, StoresOptions } from '../storage/stores.ts';
import type { List } from './list.ts';
import { openNamedStores } from './named-stores.ts';

type Work<Result> = (stores: Stores) => Promise<Result>;

/** What a command gets from the process that runs it. */
export interface CommandContext {
  environment: Environment;
  /** Opens the database, beside the running service, and closes it after the work. */
  withStores(work: Work<void>): Promise<void>;
  /** The same, but creates a missing database: accounts may be added before the service first starts. */
  withStoresOrNew(work: Work<void>): Promise<void>;
  /** Prints a result: the text, which ends with a newline, or with `--json` the value. */
  report(text: string, json: object, warnings?: readonly string[]): Promise<void>;
  /** Prints a list of any length in the same way. */
  list<Row>(list: List<Row>): Promise<void>;
}

/** Adds commands to a group of them, or to the program. */
export type AddCommands = (parent: Command, context: CommandContext) => void;

/** An expected failure, with one message per line. The exit code is 1. */
export class CommandError extends Error {
  readonly messages: readonly string[];

  constructor(...messages: string[]) {
    super(messages.join('\n'));
    this.name = 'CommandError';
    this.messages = messages;
  }
}

/**
 * Returns the path or URL. A misspelled path must not create an empty database; connecting to a PostgreSQL
 * server never creates one.
 *
 * @throws {ConfigError} if it is a path and the file doesn't exist
 */
export function existingDatabase(database: string): string {
  if (!isPostgresUrl(database) && !existsSync(database)) {
    throw new ConfigError(`database ${database} not found`);
  }
  return database;
}

/** @throws {ConfigError} if SSO_DATABASE is missing or invalid, or names no database */
export function readDatabase(environment: Environment, { mayBeNew = false } = {}): string {
  const { SSO_DATABASE } = readEnvironment(environment, { SSO_DATABASE: required(databasePath) });
  return mayBeNew ? SSO_DATABASE : existingDatabase(SSO_DATABASE);
}

/** @throws {ConfigError} if the database can't be used */
export async function withStores<Result>(
  database: string,
  work: Work<Result>,
  options?: StoresOptions,
): Promise<Result> {
  const stores = await openNamedStores(database, options);
  try {
    return await work(stores);
  } finally {
    await stores.close();
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
export async function findAccount(stores: Stores, username: string): Promise<StoredAccount> {
  const account = await lookUpAccount(stores, username);
  if (account === null) throw new CommandError(`account ${username} not found`);
  return account;
}

export async function lookUpAccount({ accounts }: Stores, username: string): Promise<StoredAccount | null> {
  return (await accounts.find(usernameKey(username))) ?? (await accounts.findById(username));
}
