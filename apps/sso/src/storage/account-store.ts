/** Accounts and their password hashes. */
import type { Account } from '@samesite-sso/protocol';
import type { AuditContext } from './audit-store.ts';
import type { OwnSession } from './factor-store.ts';
import type { Pages } from './pages.ts';

export interface NewAccount extends Account {
  /** The same for all spellings of one username. */
  usernameKey: string;
  passwordHash: string;
  /** Whether another system created the hash. */
  isImported?: boolean;
  /** The groups that it is in from the start. */
  groups?: readonly string[];
}

/** An account without its hash, for operators. */
export interface StoredAccount extends Account {
  createdAt: number;
  disabledAt: number | null;
}

/** The stored data that a sign-in is verified against. */
export interface Credentials {
  account: Account;
  passwordHash: string;
  /** Whether another system created the hash, perhaps from the password as typed instead of its NFKC form. */
  isImported: boolean;
  /** Counts how often the password was set. Rehashing the same password doesn't change it. */
  passwordVersion: number;
  isDisabled: boolean;
}

export interface AccountStore {
  /**
   * Adds all accounts or none.
   *
   * @returns the indexes of accounts whose username is taken; unless empty, nothing was added
   */
  add(accounts: readonly NewAccount[], context: AuditContext): Promise<number[]>;
  findCredentials(usernameKey: string): Promise<Credentials | null>;
  find(usernameKey: string): Promise<StoredAccount | null>;
  findById(accountId: string): Promise<StoredAccount | null>;
  /** All accounts by username. One that is renamed between two pages may be missing or appear twice. */
  pages(): Pages<StoredAccount>;
  /** @returns why nothing changed (another account has the username, or this one doesn't exist), or null */
  rename(account: Account & { usernameKey: string }, context: AuditContext): Promise<'taken' | 'gone' | null>;
  /** Replaces the hash with a better one of the same password, unless the password has changed meanwhile. */
  rehash(accountId: string, oldHash: string, newHash: string): Promise<void>;
  /**
   * Sets the password and ends the account's sessions, in one transaction. Without `own`, an operator sets
   * it, and the account's invitation is deleted, since an intruder may have the link. A change by the person
   * keeps the invitation: an intruder who knows the old password could otherwise void the link with which the
   * person recovers the account.
   *
   * @param change `passwordVersion`: only if the password still has that version; `own`: the session in which
   *   the person changes it, which continues under a new session token
   * @returns how many sessions ended; null, with nothing changed, if the password has changed meanwhile
   * @throws {HttpProblem} `reauthentication-required`, with nothing changed, if `own` has ended or is weak
   */
  setPassword(
    accountId: string,
    passwordHash: string,
    change: { passwordVersion?: number; own?: OwnSession & { newTokenHash: Buffer } },
    context: AuditContext,
  ): Promise<number | null>;
  /**
   * Disables the account, ends its sessions and deletes its invitation.
   *
   * @returns how many sessions ended; null if it was disabled already
   */
  disable(accountId: string, context: AuditContext): Promise<number | null>;
  /** @returns false if the account wasn't disabled */
  enable(accountId: string, context: AuditContext): Promise<boolean>;
  /** Removes the account and ends its sessions. @returns how many ended; null if it doesn't exist */
  remove(accountId: string, context: AuditContext): Promise<number | null>;
}
